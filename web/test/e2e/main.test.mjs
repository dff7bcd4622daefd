// The main job in a browser: an attack is in the queue, a person reads the plan and says yes, it
// happens and is verified, it is undone, and the practice target agrees at each point.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { axe, inPage, launch, setUp, shot, signIn, startServer } from "./harness.mjs";

/** Acts on the practice target take effect after a while. */
const EFFECT_MS = 60_000;
let browser, server;

before(async () => {
  server = await startServer();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.stop();
});

/** What the practice target says it was asked to do, in order: `block_address 203.0.113.7`. */
async function labActs() {
  const answer = await fetch(`${server.lab}/lab/acts`);
  const { items } = await answer.json();
  return items
    .filter((act) => act.outcome === "acted")
    .map((act) => `${act.order.do} ${act.order.address ?? act.order.host}`);
}

/** Whether the effect is there now, by the target itself. */
async function holdsAtLab({ action, target }) {
  if (action === "block_address") return (await fetch(`${server.lab}/firewall/v1/blocked-addresses/${target}`)).ok;
  const host = await (await fetch(`${server.lab}/edr/v1/hosts/${target}`)).json();
  return host.isolation.state === "isolated";
}

/** Does the act at the practice target as another administrator would, and waits until it is there. */
async function doAtLab({ action, target }) {
  const headers = { "idempotency-key": `by-hand-${target}`, "content-type": "application/json" };
  const path =
    action === "block_address" ? `/firewall/v1/blocked-addresses/${target}` : `/edr/v1/hosts/${target}/isolation`;
  const method = action === "block_address" ? "PUT" : "POST";
  const answer = await fetch(server.lab + path, { method, headers, body: "{}" });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  const until = Date.now() + EFFECT_MS;
  while (!(await holdsAtLab({ action, target }))) assert.ok(Date.now() < until, "the act by hand takes no effect");
}

const UNDO = { block_address: "unblock_address", isolate_host: "release_host" };

test("from the set-up link to a containment that is undone", async () => {
  await inPage(browser, "main", async (page) => {
    await setUp(page, server);

    const row = page.getByRole("row").filter({ hasText: "needs a person" }).first();
    await row.waitFor({ timeout: EFFECT_MS });
    await shot(page, "main-1-queue");
    await row.getByRole("link").click();

    const card = page
      .getByRole("article")
      .filter({ has: page.getByRole("button", { name: "Approve plan" }) })
      .first();
    await card.getByText("practice target").first().waitFor();
    await shot(page, "main-2-incident");
    const acts = await card
      .locator("[data-action]")
      .evaluateAll((items) => items.map((item) => ({ action: item.dataset.action, target: item.dataset.target })));
    const block = acts.find(({ action }) => action in UNDO);
    assert.ok(block, `the plan holds no act that the practice target can undo: ${JSON.stringify(acts)}`);
    assert.ok(!(await labActs()).includes(`${block.action} ${block.target}`), "nothing is done before the yes");
    assert.equal(await holdsAtLab(block), false);
    await card.getByLabel("Reason").fill("the address is on our list");
    await card.getByRole("button", { name: "Approve plan" }).click();
    await page.getByText("Your yes is recorded").waitFor();

    await page.getByRole("link", { name: /^Runs, approvals, containments/ }).click();
    const done = page.getByRole("listitem").filter({ hasText: block.target }).filter({ hasText: "verified" }).first();
    await done.waitFor({ timeout: EFFECT_MS });
    await shot(page, "main-3-verified");
    assert.ok((await labActs()).includes(`${block.action} ${block.target}`), "the practice target was asked to act");
    assert.equal(await holdsAtLab(block), true, "verified means that the target says so");

    await page.getByRole("link", { name: "Containments" }).first().click();
    await page.getByRole("heading", { name: "Containments", level: 1 }).waitFor();
    const entry = page.getByRole("row").filter({ hasText: block.target }).filter({ hasText: "verified" }).first();
    await entry.waitFor();
    await shot(page, "main-4-ledger");
    await entry.getByRole("button", { name: "Undo" }).click();
    const dialog = page.getByRole("dialog", { name: "Undo this containment?" });
    await dialog.getByText(block.target).waitFor();
    await shot(page, "main-5-undo");
    await dialog.getByRole("button", { name: "Undo containment" }).click();
    await dialog.getByText("Say why").waitFor();
    await dialog.getByLabel("Reason").fill("the owner called: it was a test");
    await dialog.getByRole("button", { name: "Undo containment" }).click();
    await dialog.waitFor({ state: "detached" });

    await page.getByRole("button", { name: "All", exact: true }).click();
    const undone = page.getByRole("row").filter({ hasText: block.target }).filter({ hasText: "undone by" }).first();
    await undone.waitFor({ timeout: EFFECT_MS });
    await shot(page, "main-6-undone");
    const asked = await labActs();
    const last = asked.filter((act) => act.endsWith(` ${block.target}`)).at(-1);
    assert.equal(last, `${UNDO[block.action]} ${block.target}`, "the last thing the practice target did is the undo");
    assert.equal(await holdsAtLab(block), false, "it is gone at the practice target");

    // Somebody else does it again: the comparison shows it, and a person says whose it is.
    await doAtLab(block);
    await page.getByRole("button", { name: "Compare with targets" }).click();
    const drifted = page
      .getByRole("row")
      .filter({ hasText: block.target })
      .filter({ hasText: "shows the effect again" });
    await drifted.first().waitFor({ timeout: EFFECT_MS });
    await shot(page, "main-7-drift");
    await drifted.first().getByRole("button", { name: "Accept" }).click();
    const accept = page.getByRole("dialog", { name: "Accept what the target shows?" });
    await accept.getByLabel("Reason").fill("the network team blocks it on purpose");
    await accept.getByRole("button", { name: "Accept" }).click();
    await accept.waitFor({ state: "detached" });
    await drifted.first().waitFor({ state: "detached" });
    assert.equal(await holdsAtLab(block), true, "what is not ours stays");

    await page.getByRole("link", { name: "Audit" }).click();
    await page.getByText("The chain holds.").waitFor();
    await page.getByRole("row").filter({ hasText: "approval.approve" }).first().waitFor();
    await shot(page, "main-8-audit");
  });
});

test("every page in both themes, without an accessibility fault", async () => {
  for (const colorScheme of ["light", "dark"]) {
    await inPage(
      browser,
      `pages-${colorScheme}`,
      async (page) => {
        await page.goto(server.base);
        await page.getByRole("button", { name: "Sign in" }).waitFor();
        await shot(page, `sign-in-${colorScheme}`);
        assert.deepEqual(await axe(page), [], "sign-in");
        await signIn(page, server);
        for (const [name, path] of Object.entries(await everyPage(page))) {
          await page.goto(server.base + path);
          await page.getByRole("heading", { level: 1 }).first().waitFor();
          await page.getByRole("status", { name: "Loading" }).first().waitFor({ state: "detached" });
          await shot(page, `${name}-${colorScheme}`);
          assert.deepEqual(await axe(page), [], `${name} (${path}, ${colorScheme})`);
        }
      },
      { colorScheme },
    );
  }
});

/** One address of every kind of page, with ids that exist. */
async function everyPage(page) {
  const first = async (path) => {
    const answer = await page.request.get(`${server.base}/api/v1${path}`);
    const [item] = (await answer.json()).items;
    assert.ok(item, `nothing at ${path}`);
    return item;
  };
  const approval = await first("/approvals");
  const { alerts } = await first("/incidents");
  const { name } = await first("/playbooks");
  const incident = `/incidents/${approval.incident}`;
  return {
    incidents: "/incidents",
    nothing: "/incidents?q=no+such+text",
    incident,
    "incident-alerts": `${incident}?tab=alerts`,
    "incident-observables": `${incident}?tab=observables`,
    "incident-response": `${incident}?tab=response`,
    alert: `/alerts/${alerts[0]}`,
    approvals: "/approvals?show=all",
    approval: `/approvals/${approval.id}`,
    runs: "/runs",
    run: `/runs/${approval.run}?step=${encodeURIComponent(approval.plan.actions[0].key)}`,
    outline: `/runs/${approval.run}?as=outline`,
    containments: "/containments?show=all",
    audit: "/audit",
    measures: "/measures",
    "measures-table": "/measures?as=table",
    playbooks: "/playbooks",
    playbook: `/playbooks/${name}`,
    "dead-letters": "/dead-letters",
    sources: "/sources",
    unknown: "/no/such/page",
  };
}

test("with the keyboard alone", async () => {
  await inPage(browser, "keyboard", async (page) => {
    await signIn(page, server);
    const rows = page.getByRole("table", { name: "Incidents" }).getByRole("row");
    await rows.nth(1).waitFor();
    await page.keyboard.press("j");
    await page.waitForFunction(() => document.activeElement?.closest("[data-index]")?.dataset.index === "0");
    await page.keyboard.press("j");
    await page.keyboard.press("k");
    await page.waitForFunction(() => document.activeElement?.closest("[data-index]")?.dataset.index === "0");

    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    assert.deepEqual(await axe(page), [], "keys");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog", { name: "Keys" }).waitFor({ state: "detached" });

    await page.keyboard.press("/");
    await page.keyboard.type("no such text");
    await page.getByRole("heading", { name: "No incident matches these filters" }).waitFor();
    assert.match(page.url(), /q=no\+such\+text/, "the filter is in the address");
    await page.getByRole("button", { name: "Clear the filters" }).focus();
    await page.keyboard.press("Enter");
    await rows.nth(1).waitFor();

    for (const [key, name] of [
      ["a", "Approvals"],
      ["r", "Runs"],
      ["c", "Containments"],
      ["l", "Dead letters"],
      ["m", "Measures"],
      ["u", "Audit"],
      ["i", "Incidents"],
    ]) {
      await page.keyboard.press("g");
      await page.keyboard.press(key);
      await page.getByRole("heading", { name, level: 1 }).waitFor();
    }
    await rows.nth(1).waitFor();
    await page.keyboard.press("j");
    await page.waitForFunction(() => document.activeElement?.closest("[data-index]"));
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/incidents\/inc_/);

    await page.keyboard.press("Control+k");
    await page.getByRole("combobox").waitFor();
    await page.keyboard.type("measu");
    await page.getByRole("option", { name: "Measures" }).waitFor();
    assert.deepEqual(await axe(page), [], "palette");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Measures", level: 1 }).waitFor();
  });
});

test("the kill switch is seen everywhere and stops approvals", async () => {
  await inPage(browser, "kill", async (page) => {
    await signIn(page, server, "/approvals");
    await page.getByRole("heading", { name: "Approvals", level: 1 }).waitFor();
    await page.getByRole("button", { name: "Engage kill switch" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Reason").fill("drill");
    await dialog.getByRole("button", { name: "Engage kill switch" }).click();
    for (const path of ["/incidents", "/measures"]) {
      await page.goto(server.base + path);
      await page.getByText("Kill switch engaged.").waitFor();
    }
    await shot(page, "kill-engaged");
    assert.deepEqual(await axe(page), [], "banner");
    await page.getByRole("button", { name: "Release kill switch" }).click();
    await dialog.getByLabel("Reason").fill("drill is over");
    await dialog.getByRole("button", { name: "Release kill switch" }).click();
    await page.getByRole("button", { name: "Engage kill switch" }).waitFor();
    assert.equal(await page.getByText("Kill switch engaged.").count(), 0);
  });
});
