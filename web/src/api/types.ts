// The API's records, by the names that the pages use; what they hold is in gen.d.ts, made of
// openapi.json. Only what the document does not describe is written here.
import type { components } from "./gen";

type S = components["schemas"];

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type Severity = S["Severity"];
export type Disposition = S["Disposition"];
export type Mode = S["Mode"];
export type Role = S["Role"];
export type StepState = S["StepState"];

export type Health = S["Health"];
export type Session = S["Session"];
export type Observable = S["Observable"];
export type Alert = S["Alert"];
export type Incident = S["Incident"];
export type IncidentView = S["IncidentView"];
export type TimelineEntry = S["TimelineEntry"];
export type Reason = S["Reason"];
export type PlannedAction = S["PlannedAction"];
export type Evidence = S["Evidence"];
export type BlastRadius = S["BlastRadius"];
export type Approval = S["Approval"];
export type Question = S["Question"];
export type Containment = S["Containment"];
export type Reconciliation = S["Reconciliation"];
export type RunHead = S["RunHead"];
export type RunView = S["RunView"];
export type StepView = S["StepView"];
export type Graph = S["GraphView"];
export type GraphNode = S["NodeView"];
export type Explanation = S["Explanation"];
export type JournalEntry = S["JournalEntry"];
export type KillSwitch = S["KillSwitchView"];
export type AuditEntry = S["AuditEntry"];
export type AuditProof = S["Verified"];
export type Times = S["Times"];
export type Share = S["Share"];
export type Measures = S["Measures"];
export type DeadLetter = S["DeadLetter"];
export type PlaybookHead = S["PlaybookView"];
export type PlaybookView = S["PlaybookDetail"];
export type Source = S["SourceStatus"];

/** A page of a list. */
export interface List<T> {
  items: T[];
  /** The cursor of the next page; none on the last. */
  next?: string | null;
}

/** What the stream says: something of this kind has changed. */
export interface Change {
  kind: ChangeKind;
  id: string;
}
export type ChangeKind =
  "incident" | "alert" | "run" | "approval" | "question" | "containment" | "kill_switch" | "audit";
