// The keyboard. Pages bind keys while they are shown; the `?` sheet lists what is bound.
import { untrack } from "svelte";
import { go } from "./place.svelte";
import { urls } from "./urls";

/** Without `run` it is only listed: the browser does it by itself. */
export interface Binding {
  key: string;
  does: string;
  run?: () => void;
}

/** `g` and one of these. */
export const jumps: Record<string, { to: string; name: string }> = {
  i: { to: urls.incidents(), name: "Incidents" },
  a: { to: urls.approvals(), name: "Approvals" },
  r: { to: urls.runs(), name: "Runs" },
  c: { to: urls.containments(), name: "Containments" },
  p: { to: urls.playbooks(), name: "Playbooks" },
  m: { to: urls.measures(), name: "Measures" },
  u: { to: urls.audit(), name: "Audit" },
  s: { to: urls.sources(), name: "Sources" },
  l: { to: urls.deadLetters(), name: "Dead letters" },
};

/** How long after `g` the letter may come. */
const JUMP_MS = 1_500;

interface Group {
  title: string;
  bindings: Binding[];
}
let groups = $state.raw<Group[]>([]);
export const boundKeys = (): readonly Group[] => groups;

/** Binds keys while the component that calls it is shown. */
export function bindKeys(title: string, bindings: Binding[]): void {
  $effect(() =>
    untrack(() => {
      groups = [...groups, { title, bindings }];
      return () => {
        groups = groups.filter((group) => group.bindings !== bindings);
      };
    }),
  );
}

let jumpUntil = 0;

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (event.timeStamp < jumpUntil) {
    jumpUntil = 0;
    const jump = jumps[event.key];
    if (jump) {
      event.preventDefault();
      return go(jump.to);
    }
  }
  if (event.key === "g") {
    jumpUntil = event.timeStamp + JUMP_MS;
    return;
  }
  const binding = groups.flatMap((group) => group.bindings).findLast((bound) => bound.key === event.key);
  if (!binding?.run) return;
  event.preventDefault();
  binding.run();
}

export function startKeys(): void {
  addEventListener("keydown", onKey);
}
