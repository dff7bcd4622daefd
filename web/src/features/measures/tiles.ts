// What is measured, and what each number means.
import type { Measures, Share, Times } from "../../api/types";

interface Tile<T> {
  name: string;
  definition: string;
  of: (data: Measures) => T;
}

export const timeTiles: Tile<Times>[] = [
  {
    name: "Time to detect",
    definition: "From the earliest event of an incident to its first alert.",
    of: (data) => data.time_to_detect,
  },
  {
    name: "Time to acknowledge",
    definition: "From the first alert until a person first opened, decided or took the incident.",
    of: (data) => data.time_to_acknowledge,
  },
  {
    name: "Time to contain",
    definition: "From the first alert until the first containment was seen to hold at its target.",
    of: (data) => data.time_to_contain,
  },
];

export const shareTiles: Tile<Share>[] = [
  {
    name: "Contained automatically",
    definition: "Of the contained incidents, those contained without a person's approval; with a 95 % Wilson interval.",
    of: (data) => data.automated,
  },
  {
    name: "Contained at all",
    definition: "Of all incidents, those with at least one verified containment; with a 95 % Wilson interval.",
    of: (data) => data.contained,
  },
];

/** Where `seconds` stands on the tiles' common scale, 0 to 1: decades from one second to thirty days. */
export function onScale(seconds: number): number {
  const top = Math.log10(30 * 86_400);
  return Math.min(1, Math.max(0, Math.log10(Math.max(1, seconds)) / top));
}

export const marks = [
  { name: "1s", seconds: 1 },
  { name: "1m", seconds: 60 },
  { name: "1h", seconds: 3_600 },
  { name: "1d", seconds: 86_400 },
  { name: "30d", seconds: 30 * 86_400 },
];
