// The harness itself: what the other tests rely on to fail does fail.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serveFixture } from "../fixture/server.mjs";
import { axe, inPage, launch } from "./harness.mjs";

let browser, server;
before(async () => {
  server = await serveFixture();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

const faults = {
  "an inline style": () => document.head.append(Object.assign(document.createElement("style"), { textContent: "a{}" })),
  "an inline script": () => document.body.append(Object.assign(document.createElement("script"), { text: "1" })),
  "a style attribute": () => document.body.setAttribute("style", "color: red"),
  "markup from a string": () => (document.body.innerHTML = "<b>x</b>"),
  "a picture from elsewhere": () =>
    document.body.append(Object.assign(new Image(), { src: "https://example.com/x.png" })),
  "an uncaught error": () =>
    setTimeout(() => {
      throw new Error("planted");
    }),
  "an error on the console": () => console.error("planted"),
};

for (const [name, plant] of Object.entries(faults)) {
  test(`${name} fails the test that meets it`, async () => {
    const meet = inPage(
      browser,
      "planted",
      async (page) => {
        await page.goto(server.base);
        await page.getByRole("heading", { level: 1 }).waitFor();
        const noticed = Promise.race([page.waitForEvent("console"), page.waitForEvent("pageerror")]);
        await page.evaluate(plant).catch(() => {});
        await noticed;
      },
      { keepShot: false },
    );
    await assert.rejects(meet, /the page reported/);
  });
}

test("a control without a name and faint text are found", async () => {
  await inPage(browser, "planted", async (page) => {
    await page.goto(server.base);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.evaluate(() => {
      const faint = Object.assign(document.createElement("p"), { textContent: "faint" });
      faint.style.setProperty("color", "#ccc");
      document.querySelector("main").append(document.createElement("button"), faint);
    });
    const found = await axe(page);
    assert.deepEqual(found.map((fault) => fault.split(":")[0]).sort(), ["button-name", "color-contrast"]);
  });
});
