// The queue's rows. They never move under the cursor: what is new waits behind a pill, what is
// known is changed in place.
import { api, said } from "../../api/client";
import { listen } from "../../api/live.svelte";
import type { Incident } from "../../api/types";

export interface Filter {
  status: string;
  severity: string;
  q: string;
}

const PAGE = 200;
const GATHER_MS = 200;

export class Queue {
  rows = $state.raw<Incident[]>([]);
  fresh = $state.raw<Incident[]>([]);
  state = $state<"loading" | "ready">("loading");
  error = $state("");
  next = $state<string | null>(null);
  #filter: Filter = { status: "", severity: "", q: "" };
  #stop = new AbortController();
  #more = false;

  async load(filter: Filter): Promise<void> {
    this.#filter = filter;
    this.#stop.abort();
    const stop = (this.#stop = new AbortController());
    this.state = "loading";
    try {
      const page = await this.#page(null, stop.signal);
      if (stop.signal.aborted) return;
      this.rows = page.items;
      this.next = page.next ?? null;
      this.fresh = [];
      this.error = "";
    } catch (error) {
      if (stop.signal.aborted) return;
      this.error = said(error);
    }
    this.state = "ready";
  }

  reload = (): void => void this.load(this.#filter);

  #page(cursor: string | null, signal: AbortSignal) {
    return api.list<Incident>("/incidents", { ...this.#filter, limit: PAGE, cursor }, signal);
  }

  /** The next page, when the end of this one comes into view. */
  async more(): Promise<void> {
    if (!this.next || this.#more || this.state === "loading") return;
    this.#more = true;
    const { signal } = this.#stop;
    try {
      const page = await this.#page(this.next, signal);
      if (!signal.aborted) {
        const known = new Set(this.rows.map((row) => row.id));
        this.rows = [...this.rows, ...page.items.filter((item) => !known.has(item.id))];
        this.next = page.next ?? null;
      }
    } catch (error) {
      if (!signal.aborted) this.error = said(error);
    }
    this.#more = false;
  }

  /** Shows what waits behind the pill. */
  showFresh(): void {
    const ids = new Set(this.fresh.map((row) => row.id));
    this.rows = [...this.fresh, ...this.rows.filter((row) => !ids.has(row.id))];
    this.fresh = [];
  }

  async #refresh(): Promise<void> {
    if (this.state === "loading") return;
    const { signal } = this.#stop;
    try {
      const { items } = await this.#page(null, signal);
      if (signal.aborted) return;
      const latest = new Map(items.map((item) => [item.id, item]));
      this.rows = this.rows.map((row) => latest.get(row.id) ?? row);
      const known = new Set(this.rows.map((row) => row.id));
      const fresh = items.filter((item) => !known.has(item.id));
      if (this.rows.length === 0) this.rows = fresh;
      else this.fresh = fresh;
    } catch {
      // The rows on the page stay; the header says that the stream is lost.
    }
  }

  /** Follows the server until the returned function is called. */
  follow(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const end = listen((signal) => {
      if (signal.kind !== "incident" && signal.kind !== "resync") return;
      clearTimeout(timer);
      timer = setTimeout(() => void this.#refresh(), GATHER_MS);
    });
    return () => (clearTimeout(timer), this.#stop.abort(), end());
  }
}
