// What a person can do with a row of the ledger, and why not.
import type { Containment } from "../../api/types";

/** States in which the target may still be contained. */
export function isLive(item: Containment): boolean {
  return item.state !== "failed" && item.state !== "undone";
}

/** Whether the target differs from the ledger in a way that a person can settle. */
export const canAccept = (item: Containment): boolean =>
  item.drift?.kind === "missing" || item.drift?.kind === "still_there";

/** Undone, and back at the target: it can be undone once more. */
export const cameBack = (item: Containment): boolean => item.state === "undone" && item.drift?.kind === "still_there";

/** Whether a person has to say what happened before anything else. */
export const needsWord = (item: Containment): boolean => item.state === "unknown";

/** Empty if it can be undone now. */
export function whyNoUndo(item: Containment): string {
  if (!item.action.undo) return "This act cannot be undone.";
  if (item.state === "intended") return "The act is on its way; undo it when its outcome is known.";
  if (item.state === "undoing") return "It is being undone.";
  return "";
}
