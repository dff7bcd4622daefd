// Times and numbers as people read them: a table of inputs and what they must look like.
import { expect, test } from "vitest";
import {
  age,
  countdown,
  counted,
  duration,
  fineDuration,
  percent,
  secondsBetween,
  short,
  utc,
} from "../../src/text/format";

const NOW = Date.parse("2026-11-24T10:00:00Z");
const before = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

test.each([
  [-5, "0s"],
  [0, "0s"],
  [59.9, "59s"],
  [60, "1m"],
  [61, "1m 1s"],
  [599, "9m 59s"],
  [601, "10m"],
  [3_599, "59m"],
  [3_600, "1h"],
  [5_400, "1h 30m"],
  [86_399, "23h 59m"],
  [86_400, "1d"],
  [100_000, "1d 3h"],
  [20 * 86_400, "20d"],
])("a duration of %d seconds reads %s", (seconds, text) => expect(duration(seconds)).toBe(text));

test.each([
  [0, "0s"],
  [0.04, "0.0s"],
  [2.44, "2.4s"],
  [9.9, "9.9s"],
  [10, "10s"],
  [754, "12m"],
])("a measured time of %d seconds reads %s", (seconds, text) => expect(fineDuration(seconds)).toBe(text));

test.each([
  [-60, "now"],
  [4, "now"],
  [5, "5s"],
  [59, "59s"],
  [60, "1m"],
  [3_600, "1h"],
  [47 * 3_600, "47h"],
  [48 * 3_600, "2d"],
])("what happened %d seconds ago is %s old", (seconds, text) => expect(age(before(seconds), NOW)).toBe(text));

test.each([
  [0, ""],
  [1, ""],
  [-9, "9s"],
  [-60, "1m 00s"],
  [-3_599, "59m 59s"],
  [-3_600, "1h"],
  [-5_400, "1h 30m"],
])("a moment %d seconds ago counts down as “%s”", (seconds, text) =>
  expect(countdown(before(seconds), NOW)).toBe(text),
);

test("a time that is missing gives no span", () => {
  expect(secondsBetween(null, before(0))).toBeUndefined();
  expect(secondsBetween(before(90), before(0))).toBe(90);
});

test("an unreadable time is shown as it came", () => {
  expect(utc("2026-11-24T10:00:00.123456Z")).toBe("2026-11-24 10:00:00 UTC");
  expect(utc("yesterday")).toBe("yesterday");
});

test("counts, shares and ids", () => {
  expect(counted(1, "alert")).toBe("1 alert");
  expect(counted(12_345, "entry", "entries")).toBe("12,345 entries");
  expect(percent(0.675)).toBe("68 %");
  expect(short(`inc_${"0".repeat(26)}9f3a21`)).toBe("inc_…9f3a21");
  expect(short("evt_1-4")).toBe("evt_1-4");
  expect(short("a".repeat(64))).toBe("aaaaaaaaaaaa…");
});
