// Which component shows which page. The queue is in the first load, all others come when asked for.
import type { Component } from "svelte";
import Incidents from "../features/incidents/Incidents.svelte";
import type { Page } from "./urls";

interface Module {
  default: Component<{ params: Record<string, string> }>;
}
interface Plain {
  default: Component<Record<string, never>>;
}
type Load = () => Promise<Module> | Module;

/** A page whose address has no parameters takes none; being given an empty set does it no harm. */
const plain = (load: () => Promise<Plain> | Plain) => load as unknown as Load;

/** Pages behind the sign-in. */
export const pages: Record<Exclude<Page, "setup" | "signIn">, Load> = {
  incidents: plain(() => ({ default: Incidents })),
  incident: () => import("../features/incidents/Incident.svelte"),
  alert: () => import("../features/incidents/AlertPage.svelte"),
  approvals: plain(() => import("../features/approvals/Approvals.svelte")),
  approval: () => import("../features/approvals/ApprovalPage.svelte"),
  runs: plain(() => import("../features/runs/Runs.svelte")),
  run: () => import("../features/runs/Run.svelte"),
  containments: plain(() => import("../features/containments/Containments.svelte")),
  audit: plain(() => import("../features/audit/Audit.svelte")),
  measures: plain(() => import("../features/measures/Measures.svelte")),
  playbooks: plain(() => import("../features/playbooks/Playbooks.svelte")),
  playbook: () => import("../features/playbooks/Playbook.svelte"),
  deadLetters: plain(() => import("../features/intake/DeadLetters.svelte")),
  sources: plain(() => import("../features/intake/Sources.svelte")),
};
