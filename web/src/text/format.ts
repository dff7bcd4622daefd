// Times, durations and numbers as people read them. Everything takes `now`; nothing reads a clock.

const SECOND = 1;
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** Two units at most, rounded down: `45s`, `12m`, `3h 20m`, `2d 4h`. Negative reads as zero. */
export function duration(seconds: number): string {
  const total = Math.max(0, Math.floor(seconds));
  if (total < MINUTE) return `${total}s`;
  if (total < HOUR) return two(total, MINUTE, "m", SECOND, "s", 10 * MINUTE);
  if (total < DAY) return two(total, HOUR, "h", MINUTE, "m", DAY);
  return two(total, DAY, "d", HOUR, "h", 14 * DAY);
}

function two(total: number, unit: number, word: string, small: number, smallWord: string, below: number): string {
  const rest = Math.floor((total % unit) / small);
  const head = `${Math.floor(total / unit)}${word}`;
  return rest > 0 && total < below ? `${head} ${rest}${smallWord}` : head;
}

/** For measures, where fractions of a second count: `0.4s`, `12s`, `3m 20s`. */
export function fineDuration(seconds: number): string {
  if (seconds > 0 && seconds < 10) return `${seconds.toFixed(1)}s`;
  return duration(seconds);
}

/** One unit: `now`, `45s`, `12m`, `3h`, `2d`. */
export function age(at: string, now: number): string {
  const seconds = secondsSince(at, now);
  if (seconds < 5) return "now";
  if (seconds < MINUTE) return `${Math.floor(seconds)}s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)}m`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}h`;
  return `${Math.floor(seconds / DAY)}d`;
}

/** Seconds from the RFC 3339 time `at` to `now` (milliseconds since the epoch). */
export function secondsSince(at: string, now: number): number {
  return (now - Date.parse(at)) / 1000;
}

/** Seconds between two RFC 3339 times; undefined if one is missing. */
export function secondsBetween(from: string | null | undefined, to: string | null | undefined): number | undefined {
  if (!from || !to) return undefined;
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/** Until `at`: `4m 59s`, second by second in the last hour; empty when it is past. */
export function countdown(at: string, now: number): string {
  const left = -secondsSince(at, now);
  if (left <= 0) return "";
  if (left >= HOUR) return duration(left);
  const minutes = Math.floor(left / MINUTE);
  const seconds = Math.floor(left % MINUTE);
  return minutes > 0 ? `${minutes}m ${String(seconds).padStart(2, "0")}s` : `${seconds}s`;
}

/** `2026-11-24 10:30:05 UTC`. */
export function utc(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.valueOf())) return at;
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

const LOCAL_TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const LOCAL_DAY = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short", year: "numeric" });

/** `10:30:05`, in the reader's zone. */
export const clock = (at: string): string => LOCAL_TIME.format(new Date(at));
/** `24 Nov 2026`, in the reader's zone. */
export const day = (at: string): string => LOCAL_DAY.format(new Date(at));

const GROUPED = new Intl.NumberFormat("en-GB");
/** `12,345`. */
export const number = (value: number): string => GROUPED.format(value);

/** `1 alert`, `2 alerts`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** `62 %`. */
export const percent = (ratio: number): string => `${Math.round(ratio * 100)} %`;

/** `true_positive` → `true positive`. */
export const words = (word: string): string => word.replaceAll("_", " ");

/** The part of an id or hash that tells it apart: `inc_…9f3a21`, `3f9a…`. */
export function short(id: string): string {
  const cut = id.indexOf("_");
  if (cut > 0 && id.length > cut + 9) return `${id.slice(0, cut + 1)}…${id.slice(-6)}`;
  return id.length > 14 ? `${id.slice(0, 12)}…` : id;
}
