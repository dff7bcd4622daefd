// The shapes of the REST API, by the names and forms of crates/model.

export type Time = string; // RFC 3339, UTC
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export type Severity = "info" | "low" | "medium" | "high" | "critical";
export type IncidentStatus = "new" | "acknowledged" | "contained" | "closed";
export type Disposition = "true_positive" | "benign_trigger" | "false_positive" | "duplicate";
export type Mode = "shadow" | "assist" | "auto";
export type Role = "viewer" | "responder" | "admin";
export type Trust = "low" | "medium" | "high";
export type Effect = "read" | "reversible" | "irreversible";
export type RunState = "running" | "waiting" | "succeeded" | "failed" | "refused" | "cancelled";
export type ApprovalState = "waiting" | "approved" | "denied" | "expired" | "void";
export type ContainmentState =
  "intended" | "accepted" | "verified" | "unverified" | "unknown" | "failed" | "undoing" | "undone" | "undo_failed";
export type StepState =
  | "pending"
  | "planned"
  | "waiting"
  | "intended"
  | "accepted"
  | "verified"
  | "succeeded"
  | "failed"
  | "refused"
  | "unknown";

export interface List<T> {
  items: T[];
  next: string | null;
}
export interface Health {
  status: "ok";
  version: string;
  kill_switch: boolean;
  lab: boolean;
}
export interface Session {
  name: string;
  role: Role;
}
export interface Observable {
  kind: string;
  value: string;
}

export interface Alert {
  id: string;
  rule: { id: string; title: string; kind: "sigma" | "correlation" | "product" };
  severity: Severity;
  techniques: string[];
  observables: Observable[];
  common: { [key: string]: Json };
  fields: { [key: string]: Json };
  source: string;
  trust: Trust;
  events: string[];
  dedup_key: string;
  count: number;
  first_seen_at: Time;
  last_seen_at: Time;
  detected_at: Time;
  incident: string | null;
  self_caused: boolean;
}

export interface Incident {
  id: string;
  title: string;
  severity: Severity;
  status: IncidentStatus;
  disposition: Disposition | null;
  techniques: string[];
  observables: Observable[];
  entities: string[];
  alert_count: number;
  alerts: string[];
  owner: string | null;
  owner_name?: string | null;
  occurred_at: Time;
  detected_at: Time;
  acknowledged_at: Time | null;
  contained_at: Time | null;
  closed_at: Time | null;
  updated_at: Time;
}

export interface TimelineEntry {
  at: Time;
  kind: string;
  actor: string;
  text: string;
  subject: string | null;
}

export interface IncidentView {
  incident: Incident;
  alerts: Alert[];
  timeline: TimelineEntry[];
  runs: RunHead[];
  approvals: Approval[];
  containments: Containment[];
}

export interface Reason {
  rule: string;
  text: string;
}
export interface ApprovalTerms {
  count: number;
  not_requester: boolean;
  within: string;
}

export type Decision =
  | { verdict: "allow"; reasons: Reason[] }
  | { verdict: "ask"; terms: ApprovalTerms; reasons: Reason[] }
  | { verdict: "refuse"; reasons: Reason[] };

export interface PlannedAction {
  key: string;
  name: string;
  title: string;
  instance: string;
  connector: string;
  action: string;
  practice: boolean;
  manifest_digest: string;
  effect: Effect;
  target: Observable | null;
  input: Json;
  undo: string | null;
  expires: string | null;
}

export interface Plan {
  playbook: string;
  playbook_digest: string;
  actions: PlannedAction[];
  evidence: { key: string; name: string; output: Json }[];
  stops_at: string | null;
}

export interface BlastRadius {
  hosts: string[];
  users: string[];
  addresses: string[];
  reversible: number;
  irreversible: number;
  other_incidents: number;
  alerts_24h: number;
}

export interface Vote {
  by: string;
  approve: boolean;
  reason: string;
  at: Time;
}

export interface Approval {
  id: string;
  run: string;
  incident: string | null;
  playbook: string;
  plan: Plan;
  plan_hash: string;
  requested_by: string;
  terms: ApprovalTerms;
  reasons: { [step: string]: Reason[] };
  blast_radius: BlastRadius;
  state: ApprovalState;
  votes: Vote[];
  asked_at: Time;
  expires_at: Time;
}

export interface Question {
  id: string;
  run: string;
  step: string;
  incident: string | null;
  title: string;
  text: string;
  options: string[];
  otherwise: string;
  state: "waiting" | "answered" | "expired";
  answer: string | null;
  by: string | null;
  asked_at: Time;
  expires_at: Time;
}

export interface Containment {
  id: string;
  run: string;
  incident: string | null;
  action: PlannedAction;
  target: Observable;
  prior: boolean;
  output: Json;
  state: ContainmentState;
  note: string;
  authorised_by: string;
  intended_at: Time;
  verified_at: Time | null;
  expires_at: Time | null;
  undone_at: Time | null;
  undone_by: string | null;
}

export interface RunHead {
  id: string;
  playbook: string;
  playbook_digest: string;
  mode: Mode;
  incident: string | null;
  alert: string | null;
  requested_by: string;
  state: RunState;
  note: string;
  started_at: Time;
  ended_at: Time | null;
}

export interface GraphNode {
  id: string;
  kind: string;
  title: string;
  line: number;
  state: StepState;
  note: string;
}
export interface GraphEdge {
  from: string;
  to: string;
  label: string;
}
export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

export interface StepView {
  key: string;
  id: string;
  kind: string;
  title: string;
  state: StepState;
  input: Json;
  output: Json;
  attempts: number;
  entered_at: Time | null;
  ended_at: Time | null;
  note: string;
  reasons: Reason[];
}

export interface JournalEntry {
  run: string;
  sequence: number;
  at: Time;
  v: number;
  payload: Json;
}

export interface RunView {
  head: RunHead;
  title: string;
  graph: Graph;
  steps: StepView[];
  journal: JournalEntry[];
}

export interface KillSwitch {
  engaged: boolean;
  by: string | null;
  reason: string | null;
  at: Time | null;
  epoch: number;
  in_flight: string[];
}

export interface AuditEntry {
  sequence: number;
  at: Time;
  actor: string;
  verb: string;
  subject: string;
  detail: Json;
  previous: string;
  hash: string;
}

export interface AuditProof {
  ok: boolean;
  entries: number;
  head: string;
  error: string | null;
}

export interface Times {
  median_s: number | null;
  p90_s: number | null;
  n: number;
  open: number;
}
export interface Share {
  part: number;
  whole: number;
  low: number;
  high: number;
}

export interface Measures {
  days: number;
  incidents: number;
  open: number;
  alerts: number;
  time_to_detect: Times;
  time_to_acknowledge: Times;
  time_to_contain: Times;
  automated: Share;
  contained: Share;
  dispositions: { [word: string]: number };
}

export interface DeadLetter {
  id: number;
  source: string;
  line: number;
  at: Time;
  reason: string;
  raw: string;
}

export interface PlaybookHead {
  name: string;
  title: string;
  description: string;
  mode: Mode;
  max_mode: Mode;
  digest: string;
  on: string | null;
  unbound: string[];
  practice: boolean;
}
export interface PlaybookView extends PlaybookHead {
  text: string;
  graph: Graph;
}

export interface Source {
  name: string;
  trust: string;
  events: number;
  last_event_at: Time | null;
  dead_letters: number;
}

export type ChangeKind =
  "incident" | "alert" | "run" | "approval" | "question" | "containment" | "kill_switch" | "audit";
export interface Change {
  kind: ChangeKind;
  id: string;
}
