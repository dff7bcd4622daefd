// Icon and tone of every state word. A state is always icon, word and colour together.
import type { IconName } from "./icons";

export type Tone = "done" | "running" | "waiting" | "failed" | "plain" | "muted";

const table: Record<string, [IconName, Tone]> = {
  // incidents
  new: ["dot", "running"],
  acknowledged: ["eye", "plain"],
  contained: ["containment", "done"],
  closed: ["check", "muted"],
  // runs and steps
  pending: ["dashed", "muted"],
  planned: ["ring", "muted"],
  running: ["play", "running"],
  waiting: ["pause", "waiting"],
  intended: ["bolt", "running"],
  accepted: ["check", "running"],
  verified: ["checks", "done"],
  succeeded: ["check", "done"],
  failed: ["cross", "failed"],
  refused: ["ban", "failed"],
  unknown: ["question", "failed"],
  cancelled: ["ban", "muted"],
  // approvals and questions
  approved: ["check", "done"],
  answered: ["check", "done"],
  denied: ["ban", "failed"],
  expired: ["clock", "muted"],
  void: ["ban", "muted"],
  // containments
  unverified: ["question", "waiting"],
  undoing: ["undo", "running"],
  undone: ["undo", "muted"],
  undo_failed: ["warning", "failed"],
};

export function look(state: string): { icon: IconName; tone: Tone } {
  const [icon, tone] = table[state] ?? ["ring", "muted"];
  return { icon, tone };
}
