// Which dialog of the frame is open.

export const panes = $state<{ open: "" | "keys" | "palette" | "kill" }>({ open: "" });

export const closePane = (): void => {
  panes.open = "";
};
