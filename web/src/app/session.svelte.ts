// Who is signed in, and what the server says about itself.
import { api, ApiError, said, whenSignedOut } from "../api/client";
import { startLive, stopLive } from "../api/live.svelte";
import type { Health, Role, Session } from "../api/types";

type State = "asking" | "setup" | "out" | "in" | "unreachable";

export const session = $state<{ state: State; me: Session | null; health: Health | null; error: string }>({
  state: "asking",
  me: null,
  health: null,
  error: "",
});

export function signedIn(me: Session): void {
  session.me = me;
  session.state = "in";
  startLive();
}

export function signedOut(): void {
  session.me = null;
  session.state = "out";
  stopLive();
}

/** Asks the server who we are; where nobody exists yet, whether it waits for the first person. */
export async function startSession(): Promise<void> {
  whenSignedOut(signedOut);
  try {
    session.health = await api.get<Health>("/health");
    const { needed } = await api.get<{ needed: boolean }>("/setup");
    if (needed) session.state = "setup";
    else await whoAmI();
  } catch (error) {
    session.state = "unreachable";
    session.error = said(error);
  }
}

async function whoAmI(): Promise<void> {
  try {
    signedIn(await api.get<Session>("/session"));
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 401)) throw error;
    session.state = "out";
  }
}

const RANK: Record<Role, number> = { viewer: 0, responder: 1, admin: 2 };

/** Empty if the person signed in may do what needs `role`; else why not, for the control. */
export function whyNot(role: Role, what: string): string {
  const mine = session.me?.role ?? "viewer";
  if (RANK[mine] >= RANK[role]) return "";
  return `${what} needs the role ${role}; you are signed in as ${mine}.`;
}
