// Light, dark, or as the system says. Kept in this browser only.

export type Theme = "system" | "light" | "dark";
const KEY = "stanch-theme";

export const theme = $state<{ choice: Theme }>({ choice: read() });

function read(): Theme {
  const kept = localStorage.getItem(KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function setTheme(choice: Theme): void {
  theme.choice = choice;
  if (choice === "system") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, choice);
  applyTheme();
}

/** The tokens follow `data-theme` on the root element. */
export function applyTheme(): void {
  const root = document.documentElement;
  if (theme.choice === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = theme.choice;
}
