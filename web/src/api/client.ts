// The only place that calls `fetch` for JSON: adds the CSRF header, reads problem+json.
import type { Json, List } from "./types";

const BASE = "/api/v1";

/** An answer of the server that is no success; `code` is from its table of codes. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
  ) {
    super(detail || title);
  }
}

/** What to show a person, whatever was thrown. */
export function said(error: unknown): string {
  if (error instanceof ApiError) return error.message;
  if (error instanceof TypeError) return "the server did not answer: check that it runs, then try again";
  return error instanceof Error ? error.message : String(error);
}

type Query = Record<string, string | number | boolean | null | undefined>;

/** `path?a=b` with what is set in `query`, in the order given. */
export function withQuery(path: string, query: Query = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") params.set(key, String(value));
  }
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

let onSignedOut: () => void = () => {};

/** Called whenever the server says that there is no session. */
export function whenSignedOut(handler: () => void): void {
  onSignedOut = handler;
}

async function problem(response: Response): Promise<ApiError> {
  const fallback = `the server answered ${response.status} ${response.statusText}`.trim();
  try {
    const body = (await response.json()) as Partial<Record<"title" | "code" | "detail", string>>;
    return new ApiError(response.status, body.code ?? "", body.title ?? fallback, body.detail ?? "");
  } catch {
    return new ApiError(response.status, "", fallback, "");
  }
}

const RETRY_MS = 300;

/** Reading is tried twice: a network that just changed breaks what was under way. */
async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    if (init.method !== "GET" || !(error instanceof TypeError)) throw error;
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    return fetch(url, init);
  }
}

async function call<T>(method: string, path: string, body?: Json, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") headers["x-stanch-csrf"] = "1";
  if (body !== undefined) headers["content-type"] = "application/json";
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (body !== undefined) init.body = JSON.stringify(body);
  if (signal) init.signal = signal;
  const response = await send(BASE + path, init);
  if (!response.ok) {
    const error = await problem(response);
    if (error.status === 401 && path !== "/session") onSignedOut();
    throw error;
  }
  return (response.status === 204 ? undefined : await response.json()) as T;
}

export const api = {
  get: <T>(path: string, signal?: AbortSignal) => call<T>("GET", path, undefined, signal),
  list: <T>(path: string, query?: Query, signal?: AbortSignal) =>
    call<List<T>>("GET", withQuery(path, query), undefined, signal),
  post: <T>(path: string, body: Json = {}) => call<T>("POST", path, body),
  put: <T>(path: string, body: Json) => call<T>("PUT", path, body),
  delete: (path: string) => call<undefined>("DELETE", path),
};

/** One path segment of an id or name that came from outside. */
export const segment = (text: string): string => encodeURIComponent(text);
