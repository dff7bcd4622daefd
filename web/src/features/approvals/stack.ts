// Plans that wait, put together where several runs ask for exactly the same.
import type { Approval } from "../../api/types";
import { groupBy } from "../../text/group";

export interface Group {
  /** The one that lapses first. */
  first: Approval;
  /** Others whose plan has the same hash: a yes to one is not a yes to them. */
  same: Approval[];
}

/** The soonest to lapse first. */
export function grouped(approvals: readonly Approval[]): Group[] {
  const bySoonest = approvals.toSorted((a, b) => Date.parse(a.expires_at) - Date.parse(b.expires_at));
  return [...groupBy(bySoonest, (approval) => approval.plan_hash).values()].flatMap(([first, ...same]) =>
    first ? [{ first, same }] : [],
  );
}
