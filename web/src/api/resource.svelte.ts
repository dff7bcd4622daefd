// Server data in a component: loads, reloads on changes that concern it, keeps the last good
// answer while it does. Call `resource` while a component is set up.
import { listen, type Signal } from "./live.svelte";
import { said } from "./client";
import type { ChangeKind } from "./types";

/** Changes come in bursts; one reload answers all that arrive within this time. */
const GATHER_MS = 150;

export interface Options {
  /** Kinds of change after which the data is stale. */
  on?: readonly ChangeKind[];
}

export class Resource<T> {
  data = $state.raw<T>();
  error = $state<string>("");
  loading = $state(true);
  #load: (signal: AbortSignal) => Promise<T>;
  #current = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(load: (signal: AbortSignal) => Promise<T>) {
    this.#load = load;
  }

  /** Asks the server now. An answer that was overtaken by a later question is dropped. */
  async reload(): Promise<void> {
    this.#current.abort();
    const mine = new AbortController();
    this.#current = mine;
    this.loading = true;
    try {
      const data = await this.#load(mine.signal);
      if (mine.signal.aborted) return;
      this.data = data;
      this.error = "";
    } catch (error) {
      if (mine.signal.aborted) return;
      this.error = said(error);
    }
    this.loading = false;
  }

  /** Asks soon; several calls in a short time are one question. */
  stale(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.reload(), GATHER_MS);
  }

  /** Puts an answer in place that another call brought. */
  set(data: T): void {
    this.#current.abort();
    this.data = data;
    this.loading = false;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#current.abort();
  }
}

/** `load` runs again whenever a rune that it read before its first `await` changes. */
export function resource<T>(load: (signal: AbortSignal) => Promise<T>, options: Options = {}): Resource<T> {
  const made = new Resource(load);
  const concerns = (signal: Signal) => signal.kind === "resync" || (options.on ?? []).includes(signal.kind);
  $effect(() => {
    void made.reload();
    return () => made.stop();
  });
  $effect(() => listen((signal) => concerns(signal) && made.stale()));
  return made;
}
