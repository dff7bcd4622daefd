// Why this person cannot answer this approval now. The server decides; this only says it beforehand.
import type { Approval } from "../../api/types";

/** Empty if nothing is known to stand in the way. `now` in milliseconds since the epoch. */
export function obstacle(approval: Approval, me: string, now: number): string {
  if (approval.state !== "waiting") return `This plan is ${approval.state}.`;
  if (Date.parse(approval.expires_at) <= now) return "The time to answer is up.";
  if (approval.terms.not_requester && approval.requested_by === me) {
    return "You asked for this run; somebody else has to answer.";
  }
  const mine = approval.votes.find((vote) => vote.by === me);
  if (mine) return `You have said ${mine.approve ? "yes" : "no"}; another person has to answer too.`;
  return "";
}
