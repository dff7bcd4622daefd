// Finds the page for a path. Pure; `place.svelte.ts` holds where the browser is.
import { routes, type Page } from "./urls";

export interface Match {
  page: Page;
  params: Record<string, string>;
}

const table = Object.entries(routes).map(([pattern, page]) => ({ segments: pattern.split("/").slice(1), page }));

/** The page that `path` shows, with its parameters decoded; undefined if there is none. */
export function match(path: string): Match | undefined {
  const found = path.replace(/\/+$/, "").split("/").slice(1);
  for (const { segments, page } of table) {
    const params = segments.length === found.length ? bind(segments, found) : undefined;
    if (params) return { page, params };
  }
  return undefined;
}

function bind(segments: string[], found: string[]): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const text = found[index] ?? "";
    if (!segment.startsWith(":")) {
      if (segment !== text) return undefined;
      continue;
    }
    const value = decode(text);
    if (!value) return undefined;
    params[segment.slice(1)] = value;
  }
  return params;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
