// Paths to pages, and the map of all addresses: a change to it is a change to people's bookmarks.
import { expect, test } from "vitest";
import { match } from "../../src/app/router";
import { routes, urlOfId, urls } from "../../src/app/urls";

const hex = "0".repeat(31) + "1";

test.each([
  ["/incidents", { page: "incidents", params: {} }],
  ["/incidents/", { page: "incidents", params: {} }],
  [`/incidents/inc_${hex}`, { page: "incident", params: { id: `inc_${hex}` } }],
  ["/playbooks/a%20b%2Fc", { page: "playbook", params: { name: "a b/c" } }],
  ["/", undefined],
  ["/incidents/x/y", undefined],
  ["/incidents//", { page: "incidents", params: {} }],
  ["/playbooks/%E0%A4%A", undefined],
  ["//evil.example/incidents", undefined],
  ["/Incidents", undefined],
])("%s", (path, found) => expect(match(path)).toEqual(found));

test("every address is found again by the router", () => {
  for (const make of Object.values(urls)) {
    const [path = ""] = make(`a/ü ${hex}`).split("?");
    expect(match(path), path).toBeDefined();
  }
  expect(new Set(Object.values(routes)).size).toBe(Object.keys(routes).length);
});

test("the map of addresses", () => {
  expect(Object.fromEntries(Object.entries(urls).map(([name, make]) => [name, make("ID")]))).toMatchInlineSnapshot(`
    {
      "alert": "/alerts/ID",
      "approval": "/approvals/ID",
      "approvals": "/approvals",
      "audit": "/audit",
      "containment": "/containments?show=all&id=ID",
      "containments": "/containments",
      "deadLetters": "/dead-letters",
      "incident": "/incidents/ID",
      "incidents": "/incidents",
      "measures": "/measures",
      "playbook": "/playbooks/ID",
      "playbooks": "/playbooks",
      "run": "/runs/ID",
      "runs": "/runs",
      "setup": "/setup",
      "signIn": "/sign-in",
      "sources": "/sources",
    }
  `);
});

test.each([
  [`inc_${hex}`, `/incidents/inc_${hex}`],
  [`ctn_${hex}`, `/containments?show=all&id=ctn_${hex}`],
  [`usr_${hex}`, undefined],
  ["inc_../../x", undefined],
  [`javascript:inc_${hex}`, undefined],
])("the page of %s", (id, url) => expect(urlOfId(id)).toBe(url));
