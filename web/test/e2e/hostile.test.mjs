// Texts that an attacker chose, in every field of every page, in a real browser under the real
// policy. The stand-in serves them, because the pipeline would refuse some of them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as make from "../fixture/texts.mjs";
import { serveFixture } from "../fixture/server.mjs";
import { axe, inPage, launch, setUp, signIn } from "./harness.mjs";

let browser, server;
before(async () => {
  server = await serveFixture({ incidents: 5_000 });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const hex = (prefix, n) => make.id(prefix, n);
const PAGES = [
  "/incidents",
  `/incidents/${hex("inc", 1)}`,
  ...["timeline", "alerts", "observables", "response"].map((tab) => `/incidents/${hex("inc", 4)}?tab=${tab}`),
  `/alerts/${hex("alr", 1)}`,
  "/approvals?show=all",
  `/approvals/${hex("apr", 2)}`,
  "/runs",
  `/runs/${hex("run", 1)}?step=isolate`,
  `/runs/${hex("run", 1)}?as=outline&step=lookup`,
  "/containments?show=all",
  "/audit",
  "/measures",
  "/playbooks",
  "/playbooks/contain-c2-beacon?step=leave",
  "/dead-letters",
  "/sources",
  `/incidents?q=${encodeURIComponent(make.XSS)}`,
  `/${encodeURIComponent(make.XSS)}`,
];

test("hostile texts stay texts, and hidden characters show", async () => {
  await inPage(browser, "hostile", async (page) => {
    await setUp(page, server);
    for (const path of PAGES) {
      await page.goto(server.base + path);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await page.getByRole("status", { name: "Loading" }).first().waitFor({ state: "detached" });
      const found = await page.evaluate(() => {
        const texts = () => [
          document.title,
          document.body.innerText,
          ...[...document.querySelectorAll("[title], [aria-label]")].flatMap((node) => [
            node.title ?? "",
            node.ariaLabel ?? "",
          ]),
        ];
        return {
          images: document.querySelectorAll("img:not([src='/favicon.svg'])").length,
          scripts: [...document.scripts].filter((script) => !script.src).length,
          ran: "__xss" in globalThis,
          hidden: texts().find((text) =>
            /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2066-\u2069\ufeff]/.test(text),
          ),
          wide: document.documentElement.scrollWidth > innerWidth,
        };
      });
      assert.deepEqual(found, { images: 0, scripts: 0, ran: false, hidden: undefined, wide: false }, path);
    }
    await page.goto(`${server.base}/incidents`);
    await page.getByText("[U+202E]").first().waitFor();
    await page.getByText(make.XSS).first().waitFor();
  });
});

test("five thousand incidents keep the page small, and new ones do not move the rows", async () => {
  await inPage(browser, "queue", async (page) => {
    await signIn(page, server);
    const rows = page.locator("[data-index]");
    await rows.first().waitFor();
    const first = await rows.first().innerText();
    for (let turn = 0; turn < 4; turn += 1) {
      await page.locator(".body.scroll").evaluate((body) => (body.scrollTop = body.scrollHeight));
      await page.waitForFunction(
        (least) => Number(document.querySelector(".table").getAttribute("aria-rowcount")) > least,
        200 * (turn + 2) - 1,
      );
    }
    assert.ok((await rows.count()) < 60, "only rows in view are in the page");
    await page.locator(".body.scroll").evaluate((body) => (body.scrollTop = 0));
    await page.waitForFunction(() => document.querySelector("[data-index='0']"));
    server.addIncident();
    server.addIncident();
    await page.getByRole("button", { name: "2 new" }).waitFor();
    assert.equal(
      (await rows.first().innerText()).split("\n")[1],
      first.split("\n")[1],
      "the first row is the one that was there",
    );
    assert.deepEqual(await axe(page), []);
    await page.getByRole("button", { name: "2 new" }).click();
    assert.notEqual((await rows.first().innerText()).split("\n")[1], undefined);
    await page.getByText("5,002").or(page.getByText("and more")).first().waitFor();
  });
});

test("on a telephone nothing is cut off, and targets are large", async () => {
  await inPage(
    browser,
    "telephone",
    async (page) => {
      await signIn(page, server, "/approvals");
      for (const path of [
        `/approvals/${hex("apr", 2)}`,
        `/incidents/${hex("inc", 1)}`,
        "/containments",
        "/incidents",
        "/measures",
      ]) {
        await page.goto(server.base + path);
        await page.getByRole("heading", { level: 1 }).first().waitFor();
        await page.getByRole("status", { name: "Loading" }).first().waitFor({ state: "detached" });
        assert.ok(
          await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
          `${path} is wider than the screen`,
        );
        assert.deepEqual(await axe(page), [], path);
      }
      await page.goto(`${server.base}/approvals/${hex("apr", 2)}`);
      for (const name of ["Approve plan", "Deny"]) {
        const box = await page.getByRole("button", { name }).boundingBox();
        assert.ok(box && box.height >= 44 && box.width >= 44, `${name} is ${box?.width} × ${box?.height}`);
      }
    },
    { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true },
  );
});

test("a viewer sees why a control is off, and nothing is sent", async () => {
  await inPage(browser, "viewer", async (page) => {
    server.world.people.set("vera", "a viewer's long password");
    await page.goto(`${server.base}/approvals/${hex("apr", 2)}`);
    await page.getByLabel("Name").fill("vera");
    await page.getByLabel("Password").fill("a viewer's long password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("needs the role responder; you are signed in as viewer").first().waitFor();
    assert.equal(await page.getByRole("button", { name: "Approve plan" }).count(), 0);
    const sent = [];
    page.on("request", (request) => request.method() !== "GET" && sent.push(request.url()));
    await page.getByRole("link", { name: "Containments" }).first().click();
    const undo = page.getByRole("button", { name: "Undo" }).first();
    await undo.waitFor();
    assert.equal(await undo.getAttribute("aria-disabled"), "true");
    await undo.click({ force: true });
    assert.equal(await page.getByRole("dialog").count(), 0);
    assert.deepEqual(sent, []);
  });
});
