// Where the browser is. The URL is the state of a page; this is its rune.

export const place = $state({ path: location.pathname, query: new URLSearchParams(location.search) });

function read(): void {
  place.path = location.pathname;
  place.query = new URLSearchParams(location.search);
}

/** Goes to an address of ours. `replace` leaves no step to come back to. */
export function go(url: string, options: { replace?: boolean } = {}): void {
  if (options.replace) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
  const moved = place.path !== location.pathname;
  read();
  if (moved) scrollTo(0, 0);
}

/** Sets parts of the query; an empty value takes the part away. No step is added to the history. */
export function setQuery(changes: Record<string, string>): void {
  const query = new URLSearchParams(place.query);
  for (const [key, value] of Object.entries(changes)) {
    if (value) query.set(key, value);
    else query.delete(key);
  }
  const text = query.toString();
  go(place.path + (text ? `?${text}` : ""), { replace: true });
}

/** Follows the browser's buttons and plain clicks on links of ours. */
export function startRouter(): void {
  addEventListener("popstate", read);
  addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element | null)?.closest?.("a");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname.startsWith("/api/") || link.hash) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
