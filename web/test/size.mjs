// What the first load weighs, and each piece that comes later, compressed; more than the budget fails.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const SHELL_KB_MAX = 60;
const CHUNK_KB_MAX = 180;
const dist = new URL("../dist/", import.meta.url);
const html = readFileSync(new URL("index.html", dist), "utf8");
const kb = (name) => gzipSync(readFileSync(new URL(`assets/${name}`, dist))).length / 1000;
const code = readdirSync(new URL("assets/", dist)).filter((name) => /\.(js|css)$/.test(name));
const shell = code.filter((name) => html.includes(name));
const first = shell.reduce((sum, name) => sum + kb(name), 0);
const later = code
  .filter((name) => !shell.includes(name))
  .map((name) => ({ name, kb: kb(name) }))
  .sort((a, b) => b.kb - a.kb);
console.log(`first load ${first.toFixed(1)} kB of ${SHELL_KB_MAX} (${shell.length} files)`);
for (const chunk of later.slice(0, 3)) console.log(`later ${chunk.kb.toFixed(1)} kB of ${CHUNK_KB_MAX}: ${chunk.name}`);
process.exit(first > SHELL_KB_MAX || later.some((chunk) => chunk.kb > CHUNK_KB_MAX) ? 1 : 0);
