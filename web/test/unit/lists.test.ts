// Pure rules of the pages: windows of long lists, who may answer, what can be undone, YAML's look.
import { expect, test } from "vitest";
import type { Approval, Containment } from "../../src/api/types";
import { withQuery } from "../../src/api/client";
import { obstacle } from "../../src/features/approvals/obstacle";
import { grouped } from "../../src/features/approvals/stack";
import { isLive, whyNoUndo } from "../../src/features/containments/rules";
import { onScale } from "../../src/features/measures/tiles";
import { tokens } from "../../src/features/playbooks/yaml";
import { place, shapeKey } from "../../src/ui/graph/layout";
import { scrollTo, windowOf } from "../../src/ui/window";

test("a window covers what is in view and sums to the whole", () => {
  for (const [count, top] of [
    [0, 0],
    [3, 0],
    [10_000, 0],
    [10_000, 64_000],
    [10_000, 319_400],
    [5, 9_999],
  ] as const) {
    const view = windowOf(count, 32, top, 600);
    expect(view.before + (view.last - view.first) * 32 + view.after).toBe(count * 32);
    expect(view.last - view.first).toBeLessThanOrEqual(40);
  }
  expect(windowOf(10_000, 32, 64_000, 600)).toMatchObject({ first: 1_992, last: 2_027 });
});

test("scrolling to a row moves no further than needed", () => {
  expect(scrollTo(0, 32, 100, 320)).toBe(0);
  expect(scrollTo(5, 32, 100, 320)).toBe(100);
  expect(scrollTo(20, 32, 100, 320)).toBe(352);
});

test("who may answer an approval", () => {
  const at = Date.parse("2026-11-24T10:00:00Z");
  const waiting = {
    state: "waiting",
    expires_at: "2026-11-24T11:00:00Z",
    requested_by: "ada",
    votes: [],
    terms: { count: 2, not_requester: true, within: "1h" },
  } as unknown as Approval;
  expect(obstacle(waiting, "bob", at)).toBe("");
  expect(obstacle(waiting, "ada", at)).toContain("somebody else");
  expect(obstacle({ ...waiting, terms: { ...waiting.terms, not_requester: false } }, "ada", at)).toBe("");
  expect(obstacle({ ...waiting, expires_at: "2026-11-24T10:00:00Z" }, "bob", at)).toContain("time");
  expect(obstacle({ ...waiting, state: "void" }, "bob", at)).toBe("This plan is void.");
  expect(obstacle({ ...waiting, votes: [{ by: "bob", approve: true, reason: "", at: "" }] }, "bob", at)).toContain(
    "another person",
  );
});

test("what can be undone", () => {
  const row = (state: string, undo: string | null = "lift it") =>
    ({ state, action: { undo } }) as unknown as Containment;
  expect(
    ["intended", "accepted", "verified", "unverified", "unknown", "undoing", "undo_failed"].every((state) =>
      isLive(row(state)),
    ),
  ).toBe(true);
  expect(["failed", "undone"].some((state) => isLive(row(state)))).toBe(false);
  expect(["accepted", "verified", "unverified", "undo_failed"].map((state) => whyNoUndo(row(state)))).toEqual([
    "",
    "",
    "",
    "",
  ]);
  expect(whyNoUndo(row("verified", null))).toContain("cannot be undone");
  expect(whyNoUndo(row("undoing"))).not.toBe("");
});

test("the tokens of a line are the line", () => {
  for (const line of [
    "steps:",
    "  - id: a-b",
    '    with: { v: "${{ alert.x }}", w: "${{ y }}" }',
    "  # a: comment",
    "",
    "http://x:y",
    "a:b",
  ]) {
    expect(
      tokens(line)
        .map((token) => token.text)
        .join(""),
    ).toBe(line);
  }
  expect(tokens("  do: ${{ a }}").map((token) => token.kind)).toEqual(["plain", "key", "plain", "plain", "expression"]);
});

test("a graph is laid out downwards and without overlap", () => {
  const shape = {
    nodes: ["a", "b", "c", "d"].map((id) => ({ id })),
    edges: [
      ["a", "b"],
      ["a", "c"],
      ["b", "d"],
      ["c", "d"],
      ["d", "gone"],
    ].map(([from = "", to = ""]) => ({ from, to })),
  };
  const at = new Map(place(shape).map((placed) => [placed.id, placed]));
  expect(at.get("a")?.y).toBeLessThan(at.get("b")?.y ?? 0);
  expect(at.get("b")?.y).toBe(at.get("c")?.y);
  expect(Math.abs((at.get("b")?.x ?? 0) - (at.get("c")?.x ?? 0))).toBeGreaterThan(224);
  expect(shapeKey(shape)).not.toBe(shapeKey({ ...shape, edges: shape.edges.slice(1) }));
});

test("the scale of measures ends where it says", () => {
  expect([0, 1, 30 * 86_400, 1e9].map(onScale)).toEqual([0, 0, 1, 1]);
});

test("a query holds what is set", () => {
  expect(withQuery("/incidents", { status: "", q: "a&b=ü", limit: 0, cursor: null, live: false })).toBe(
    "/incidents?q=a%26b%3D%C3%BC&limit=0&live=false",
  );
  expect(withQuery("/runs", {})).toBe("/runs");
});

test("runs that ask for the same plan are one group, the soonest to lapse first", () => {
  const asks = (id: string, plan_hash: string, expires_at: string) => ({ id, plan_hash, expires_at }) as Approval;
  const groups = grouped([
    asks("a", "x", "2026-11-24T12:00:00Z"),
    asks("b", "y", "2026-11-24T11:00:00Z"),
    asks("c", "x", "2026-11-24T10:00:00Z"),
  ]);
  expect(groups.map(({ first, same }) => [first.id, same.map(({ id }) => id)])).toEqual([
    ["c", ["a"]],
    ["b", []],
  ]);
});
