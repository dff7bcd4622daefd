// Runs the browser tests, where possible in a network of their own: loopback only. Then no other
// program on the machine disturbs the browser, and a page that needs anything from outside fails.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const given = process.argv.slice(2);
const wanted = given.filter((arg) => !arg.startsWith("--"));
const options = given.filter((arg) => arg.startsWith("--"));
const tests = readdirSync(here).filter(
  (name) => name.endsWith(".test.mjs") && (wanted.length === 0 || wanted.some((part) => name.includes(part))),
);
const command = [process.execPath, "--test", "--test-concurrency=1", ...options, ...tests.map((name) => here + name)];

const unshare = [
  "unshare",
  ...(process.getuid?.() === 0 ? [] : ["--map-root-user"]),
  "--net",
  "sh",
  "-c",
  'ip link set lo up && exec "$@"',
  "sh",
];
const alone = spawnSync(unshare[0], [...unshare.slice(1), "true"], { stdio: "ignore" }).status === 0;
if (!alone) process.stderr.write("no network namespace here: the browser shares the machine's network\n");

const [program, ...args] = alone ? [...unshare, ...command] : command;
process.exit(spawnSync(program, args, { stdio: "inherit" }).status ?? 1);
