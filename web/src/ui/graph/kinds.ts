// Icons of step kinds.
import type { IconName } from "../icons";

const table: Record<string, IconName> = {
  start: "play",
  do: "bolt",
  if: "branch",
  parallel: "fork",
  ask: "question",
  wait: "clock",
  set: "equals",
  end: "flag",
};

export const kindIcon = (kind: string): IconName => table[kind] ?? "ring";
