// Which component shows which page. The queue is in the first load, all others come when asked for.
import type { Component } from "svelte";
import Incidents from "../features/incidents/Incidents.svelte";
import type { Page } from "./urls";

type Params = Record<string, string>;
type Module = { default: Component<{ params: Params }> };

/** Pages behind the sign-in. */
export const pages: Record<Exclude<Page, "setup" | "signIn">, () => Promise<Module> | Module> = {
  incidents: () => ({ default: Incidents }),
  incident: () => import("../features/incidents/Incident.svelte"),
  alert: () => import("../features/incidents/AlertPage.svelte"),
  approvals: () => import("../features/approvals/Approvals.svelte"),
  approval: () => import("../features/approvals/ApprovalPage.svelte"),
  runs: () => import("../features/runs/Runs.svelte"),
  run: () => import("../features/runs/Run.svelte"),
  containments: () => import("../features/containments/Containments.svelte"),
  audit: () => import("../features/audit/Audit.svelte"),
  measures: () => import("../features/measures/Measures.svelte"),
  playbooks: () => import("../features/playbooks/Playbooks.svelte"),
  playbook: () => import("../features/playbooks/Playbook.svelte"),
  deadLetters: () => import("../features/intake/DeadLetters.svelte"),
  sources: () => import("../features/intake/Sources.svelte"),
};
