// One browser, a context per test. A test fails on any console error, page error or breach of the
// page policy, whether or not it looked for it.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";
import { serveFixture } from "../fixture/server.mjs";

const FLAGS =
  "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync".split(
    " ",
  );
const SHOTS = fileURLToPath(new URL("./shots/", import.meta.url));
const START_MS = 30_000;
const AXE = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export const ADMIN = { name: "ada", password: "correct horse battery staple" };

export async function launch() {
  await mkdir(SHOTS, { recursive: true });
  return chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: FLAGS });
}

/** Starts the binary of STANCH_BIN with a fresh data folder, and waits for what it prints. With
 * STANCH_FIXTURE=1 the stand-in takes its place, for work on the pages. */
export async function startServer() {
  if (process.env.STANCH_FIXTURE === "1") return serveFixture();
  const binary = process.env.STANCH_BIN;
  assert.ok(binary, "set STANCH_BIN to the release binary, as in STANCH_BIN=../target/release/stanch npm run e2e");
  const data = await mkdtemp(join(tmpdir(), "stanch-e2e-"));
  const child = spawn(binary, ["serve", "--data", data, "--listen", "127.0.0.1:0", "--demo"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const printed = [];
  const found = {};
  const links = { base: /listening on (http:\/\/\S+)/, setup: /setup: (http:\/\/\S+)/, lab: /lab: (http:\/\/\S+)/ };
  const complete = new Promise((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`the server did not start; it said:\n${printed.join("\n")}`)),
      START_MS,
    );
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}; it said:\n${printed.join("\n")}`)));
    createInterface(child.stderr).on("line", (line) => {
      printed.push(line);
      for (const [name, pattern] of Object.entries(links)) found[name] ??= pattern.exec(line)?.[1];
      if (found.base && found.setup && found.lab) resolve(clearTimeout(late));
    });
  });
  const stop = async () => {
    if (child.exitCode === null)
      await new Promise((resolve) => {
        child.once("exit", resolve);
        child.kill("SIGTERM");
      });
    await rm(data, { recursive: true, force: true });
  };
  try {
    await complete;
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...found, stop };
}

/** Runs `body` in a fresh context; keeps a picture if it fails and `keepShot` is not off. */
export async function inPage(browser, name, body, { keepShot = true, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) =>
      console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`),
    );
  });
  const page = await context.newPage();
  const faults = [];
  // The browser itself reports each 401 of the question "am I signed in?"; that is the API's plain answer.
  const isSessionProbe = (message) =>
    /status of 401/.test(message.text()) && message.location().url.endsWith("/api/v1/session");
  page.on(
    "console",
    (message) => message.type() === "error" && !isSessionProbe(message) && faults.push(message.text()),
  );
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("dialog", (dialog) => (faults.push(`a script opened a dialog: ${dialog.message()}`), dialog.dismiss()));
  page.setDefaultTimeout(15_000);
  try {
    await body(page, context);
    assert.deepEqual(faults, [], "the page reported errors");
  } catch (error) {
    if (keepShot) await page.screenshot({ path: join(SHOTS, `failed-${name}.png`) }).catch(() => {});
    if (faults.length > 0) error.message += `\nthe page reported: ${faults.join("\n")}`;
    throw error;
  } finally {
    await context.close();
  }
}

export const shot = (page, name) => page.screenshot({ path: join(SHOTS, `${name}.png`) });

/** Everything that axe finds, as one line each; evaluated, so that the page policy need not allow it. */
export async function axe(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags }), AXE_TAGS);
  return violations.flatMap((rule) =>
    rule.nodes.map((node) => `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary?.split("\n")[1]?.trim()}`),
  );
}

export async function setUp(page, server) {
  await page.goto(server.setup);
  await page.getByLabel("Name").fill(ADMIN.name);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Create administrator" }).click();
  await page.getByRole("heading", { name: "Incidents", level: 1 }).waitFor();
}

export async function signIn(page, server, path = "/incidents") {
  await page.goto(server.base + path);
  await page.getByLabel("Name").fill(ADMIN.name);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Main" }).waitFor();
}
