// The kill switch, as the whole console sees it.
import { api } from "../../api/client";
import { resource, type Resource } from "../../api/resource.svelte";
import type { KillSwitch } from "../../api/types";

let kill = $state.raw<Resource<KillSwitch>>();

/** Called once, by the frame. */
export function startKillSwitch(): void {
  kill = resource((signal) => api.get<KillSwitch>("/kill-switch", signal), { on: ["kill_switch"] });
}

export const killSwitch = (): KillSwitch | undefined => kill?.data;
export const killSwitchError = (): string => kill?.error ?? "";
export const reloadKillSwitch = (): void => void kill?.reload();

export async function setKillSwitch(engaged: boolean, reason: string): Promise<void> {
  kill?.set(await api.put<KillSwitch>("/kill-switch", { engaged, reason }));
}
