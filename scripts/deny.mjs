// deny.mjs: holds what deny.toml says of licences, bans and sources against `cargo metadata`, and the licences against
// the npm packages that reach the browser. Prints every breach, and exits 1 if there is one.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const METADATA_BYTES_MAX = 256 * 1024 * 1024;
const CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index";
/** Fonts are data that is shown, not code that is linked. */
const ALLOWED_IN_WEB = ["OFL-1.1"];

/** The subset of TOML that deny.toml is written in: tables and keys at the start of a line, continued by indented lines. */
function readToml(text) {
    const tables = {};
    let table = tables;
    for (const part of text.replace(/^\s*#.*$/gm, "").split(/^(?=[\w[])/m)) {
        const [, name, key, value] = /^(?:\[(\w+)\]|([\w-]+) = ([^]*))\s*$/.exec(part.trim()) ?? [];
        if (name) table = tables[name] = {};
        else if (key) table[key] = JSON.parse(value.replace(/([{,]\s*)(\w+) = /g, '$1"$2": ').replace(/,\s*\]/g, "]"));
    }
    return tables;
}

/** Whether an SPDX expression can be met by the allowed licences. `/` is the old spelling of OR. */
function isAllowed(expression, allowed) {
    const words = expression.replaceAll("/", " OR ").match(/[()]|[^\s()]+/g) ?? [];
    const either = () => {
        let met = both();
        while (words[0] === "OR") met = [words.shift(), both()][1] || met;
        return met;
    };
    const both = () => {
        let met = one();
        while (words[0] === "AND") met = [words.shift(), one()][1] && met;
        return met;
    };
    const one = () => {
        const word = words.shift();
        if (word === "(") return [either(), words.shift()][0];
        return allowed.includes(words[0] === "WITH" ? `${word} ${words.shift()} ${words.shift()}` : word);
    };
    return either() && words.length === 0;
}

function checkCrates(rules, metadata) {
    const breaches = [];
    const banned = rules.bans.deny.map((entry) => entry.crate);
    const exceptions = Object.fromEntries(rules.licenses.exceptions.map((entry) => [entry.crate, entry.allow]));
    for (const { name, version, license, source, dependencies } of metadata.packages) {
        const at = `${name} ${version}`;
        const allowed = [...rules.licenses.allow, ...(exceptions[name] ?? [])];
        if (!license || !isAllowed(license, allowed)) {
            breaches.push(`${at}: licence ${license ?? "not stated"} is not in [licenses] allow`);
        }
        if (banned.includes(name)) breaches.push(`${at}: is in [bans] deny`);
        if (source !== null && source !== CRATES_IO) breaches.push(`${at}: comes from ${source}, [sources] allows crates.io alone`);
        if (source !== null) continue;
        for (const wanted of dependencies.filter((d) => d.req === "*" && !d.path)) {
            breaches.push(`${at}: takes any version of ${wanted.name}, [bans] wildcards = "deny"`);
        }
    }
    return breaches;
}

function checkWeb(rules, lock) {
    const allowed = [...rules.licenses.allow, ...ALLOWED_IN_WEB];
    return Object.entries(lock.packages)
        .filter(([path, entry]) => path !== "" && !entry.dev && !(entry.license && isAllowed(entry.license, allowed)))
        .map(([path, entry]) => `${path}: licence ${entry.license ?? "not stated"} is not allowed in what the browser gets`);
}

function severalVersions(packages) {
    const names = packages.map((p) => p.name).sort();
    return [...new Set(names.filter((name, i) => name === names[i - 1]))];
}

const rules = readToml(readFileSync("deny.toml", "utf8"));
const output = execFileSync("cargo", ["metadata", "--format-version", "1", "--locked"], { maxBuffer: METADATA_BYTES_MAX, stdio: ["ignore", "pipe", "inherit"] });
const metadata = JSON.parse(output);
const breaches = [...checkCrates(rules, metadata), ...checkWeb(rules, JSON.parse(readFileSync("web/package-lock.json", "utf8")))];

for (const breach of breaches) console.error(`deny: ${breach}`);
const doubled = severalVersions(metadata.packages);
if (doubled.length > 0) console.error(`deny: warning: several versions of ${doubled.join(", ")}`);
console.error(`deny: ${metadata.packages.length} crates, ${breaches.length} breaches`);
process.exitCode = breaches.length > 0 ? 1 : 0;
