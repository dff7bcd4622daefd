// Changes from the server, by one stream per browser: the tab that holds the lock reads it and
// tells the others. A silent stream is taken for dead and resumed from the last event's id.
import { SseParser } from "./sse";
import type { Change, ChangeKind } from "./types";

/** The server sends a heartbeat comment well within this time. */
const SILENCE_MS_MAX = 45_000;
const KINDS = new Set<ChangeKind>([
  "incident",
  "alert",
  "run",
  "approval",
  "question",
  "containment",
  "kill_switch",
  "audit",
]);
const RETRY_MS = [500, 1_000, 2_000, 5_000, 10_000];

export type Signal = Change | { kind: "resync" };
type Listener = (signal: Signal) => void;
type State = "off" | "connecting" | "live" | "lost";
/** What tabs say to each other; `hello` asks the reading tab how it stands. */
type Message = { hello?: true; signal?: Signal; state?: State };

export const live = $state<{ state: State }>({ state: "off" });

const listeners = new Set<Listener>();
let channel: BroadcastChannel | undefined;
let stopped = new AbortController();
let leading = false;

/** Hears changes until the returned function is called. `resync` means: some may be missing. */
export function listen(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function hear(signal: Signal): void {
  for (const listener of listeners) listener(signal);
}

const say = (message: Message): void => channel?.postMessage(message);

function tell(signal: Signal): void {
  hear(signal);
  say({ signal });
}

function setState(state: State): void {
  live.state = state;
  say({ state });
}

export function startLive(): void {
  if (live.state !== "off") return;
  live.state = "connecting";
  stopped = new AbortController();
  channel = new BroadcastChannel("stanch-live");
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.hello && leading) say({ state: live.state });
    if (data.state) live.state = data.state;
    if (data.signal) hear(data.signal);
  };
  say({ hello: true });
  const { signal } = stopped;
  // Without locks (a page that is not on HTTPS or loopback) each tab reads its own stream.
  if (!navigator.locks) void lead(signal);
  else void navigator.locks.request("stanch-live", { signal }, () => lead(signal)).catch(() => {});
}

export function stopLive(): void {
  stopped.abort();
  channel?.close();
  channel = undefined;
  live.state = "off";
  leading = false;
}

async function lead(signal: AbortSignal): Promise<void> {
  leading = true;
  let lastId: string | null = null;
  let failures = 0;
  while (!signal.aborted) {
    try {
      lastId = await readStream(lastId, signal, () => {
        failures = 0;
        setState("live");
        // What changed while nothing was read is in no event, the first time too.
        tell({ kind: "resync" });
      });
    } catch {
      failures += 1;
    }
    if (signal.aborted) return;
    setState("lost");
    await pause(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)] ?? 10_000, signal);
  }
}

async function readStream(lastId: string | null, stop: AbortSignal, opened: () => void): Promise<string | null> {
  const attempt = new AbortController();
  const abort = () => attempt.abort();
  stop.addEventListener("abort", abort);
  let watchdog = setTimeout(abort, SILENCE_MS_MAX);
  try {
    const headers: Record<string, string> = { accept: "text/event-stream" };
    if (lastId !== null) headers["last-event-id"] = lastId;
    const response = await fetch("/api/v1/stream", { headers, signal: attempt.signal });
    if (!response.ok || !response.body) throw new Error(`stream: ${response.status}`);
    opened();
    const parser = new SseParser();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return lastId;
      clearTimeout(watchdog);
      watchdog = setTimeout(abort, SILENCE_MS_MAX);
      for (const event of parser.push(value)) {
        lastId = event.id ?? lastId;
        if (event.event === "change") tell(understood(JSON.parse(event.data) as Change));
      }
    }
  } finally {
    clearTimeout(watchdog);
    stop.removeEventListener("abort", abort);
  }
}

/** A kind that this page does not know (`missed`: we were too slow) may concern anything. */
function understood(change: Change): Signal {
  return KINDS.has(change.kind) ? change : { kind: "resync" };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
