// Every address of the UI. Links are made here and nowhere else.

const s = encodeURIComponent;

export const urls = {
  setup: () => "/setup",
  signIn: () => "/sign-in",
  incidents: () => "/incidents",
  incident: (id: string) => `/incidents/${s(id)}`,
  alert: (id: string) => `/alerts/${s(id)}`,
  approvals: () => "/approvals",
  approval: (id: string) => `/approvals/${s(id)}`,
  runs: () => "/runs",
  run: (id: string) => `/runs/${s(id)}`,
  containments: () => "/containments",
  containment: (id: string) => `/containments?show=all&id=${s(id)}`,
  audit: () => "/audit",
  measures: () => "/measures",
  playbooks: () => "/playbooks",
  playbook: (name: string) => `/playbooks/${s(name)}`,
  deadLetters: () => "/dead-letters",
  sources: () => "/sources",
} as const;

/** What each path shows; a `:name` stands for one segment. */
export const routes = {
  "/setup": "setup",
  "/sign-in": "signIn",
  "/incidents": "incidents",
  "/incidents/:id": "incident",
  "/alerts/:id": "alert",
  "/approvals": "approvals",
  "/approvals/:id": "approval",
  "/runs": "runs",
  "/runs/:id": "run",
  "/containments": "containments",
  "/audit": "audit",
  "/measures": "measures",
  "/playbooks": "playbooks",
  "/playbooks/:name": "playbook",
  "/dead-letters": "deadLetters",
  "/sources": "sources",
} as const;

export type Page = (typeof routes)[keyof typeof routes];

/** The page that tells about `id`, by its prefix; undefined if none does. */
export function urlOfId(id: string): string | undefined {
  const makers: Record<string, (id: string) => string> = {
    inc: urls.incident,
    alr: urls.alert,
    run: urls.run,
    apr: urls.approval,
    ctn: urls.containment,
  };
  const prefix = /^([a-z]{3})_[0-9a-f]{32}$/.exec(id)?.[1];
  return prefix === undefined ? undefined : makers[prefix]?.(id);
}
