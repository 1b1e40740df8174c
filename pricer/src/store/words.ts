/** Reports and surfaces as JSON: words, which JSON has no number for, are hexadecimal. */
import { type EncodedReport, EXPIRIES_MAX } from "@meniscus/sdk/report";
import { z } from "zod";
import type { FittedSlice, Surface } from "../fit/surface.ts";

export const stringifyWords = (value: unknown): string =>
  JSON.stringify(value, (_, each) => (typeof each === "bigint" ? `0x${each.toString(16)}` : each));

const word = (bits: number) =>
  z
    .string()
    .regex(new RegExp(`^0x[0-9a-f]{1,${bits / 4}}$`))
    .transform((text) => BigInt(text));
const uint32 = z
  .number()
  .int()
  .min(0)
  .max(2 ** 32 - 1);

/** An encoded report in JSON. */
export const ReportSchema = z.object({
  market: uint32,
  reportAt: uint32,
  spot: word(96),
  expiries: word(256),
  slices: z.array(word(256)).max(EXPIRIES_MAX),
});

export const parseReport = (json: unknown): EncodedReport => ReportSchema.parse(json);

/** The surface of {@link stringifyWords}; nobody else writes into our own store. A slice that names no `lastGood` is its own if it is good. */
export function parseSurface(text: string): Surface {
  const surface = JSON.parse(text);
  const slices = surface.slices.map(({ word, ...slice }: StoredSlice) => {
    const lastGood = slice.quality === "good" ? { params: slice.params, tau: slice.tau } : null;
    return { lastGood, ...slice, word: BigInt(word) };
  });
  return { ...surface, slices };
}

type StoredSlice = Omit<FittedSlice, "word" | "lastGood"> & { word: string };
