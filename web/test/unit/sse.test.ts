// The event stream, cut at every place where a network may cut it.
import { expect, test } from "vitest";
import { SseParser } from "../../src/api/sse";

const STREAM =
  ': heartbeat\n\nevent: change\ndata: {"a":1}\nid: 7\n\ndata: one\r\ndata:two\r\n\r\n: only a comment\nevent: lost\n\nid: 8\ndata\n\n';
const EVENTS = [
  { event: "change", data: '{"a":1}', id: "7" },
  { event: "message", data: "one\ntwo", id: "7" },
  { event: "message", data: "", id: "8" },
];

test("one piece", () => expect(new SseParser().push(STREAM)).toEqual(EVENTS));

test("any two pieces give the same events", () => {
  for (let cut = 0; cut <= STREAM.length; cut += 1) {
    const parser = new SseParser();
    expect([...parser.push(STREAM.slice(0, cut)), ...parser.push(STREAM.slice(cut))], `cut at ${cut}`).toEqual(EVENTS);
  }
});
