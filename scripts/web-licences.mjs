// web-licences.mjs: every npm package that reaches the browser has a permissive licence. deny.toml does the same for crates.
import { readFileSync } from "node:fs";

/** OFL-1.1 is for fonts: data that is shown, not code that is linked. */
const ALLOWED = ["MIT", "ISC", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "OFL-1.1"];

const { packages } = JSON.parse(readFileSync("web/package-lock.json", "utf8"));
const shipped = Object.entries(packages).filter(([path, entry]) => path !== "" && !entry.dev);
const breaches = shipped.filter(([, entry]) => !ALLOWED.includes(entry.license));

for (const [path, entry] of breaches) console.error(`${path}: licence ${entry.license ?? "not stated"} is not one of ${ALLOWED.join(", ")}`);
process.exitCode = breaches.length > 0 || shipped.length === 0 ? 1 : 0;
