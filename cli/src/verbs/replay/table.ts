/** The score of a replay: per day and currency, per regime, and in all. */

import {
  type FitTotals,
  type ReplayedSurface,
  type ReplayTotals,
  totalsOf,
} from "@meniscus/pricer/evaluation/replay";
import type { Surface } from "@meniscus/pricer/fit/surface";
import { isoDay } from "@meniscus/sdk/clock";
import { counted } from "@meniscus/sdk/counted";
import Table from "cli-table3";
import { regimeOf } from "../../market/regime.ts";

function grouped(results: readonly ReplayedSurface[], keyOf: (surface: Surface) => string) {
  const groups = new Map<string, ReplayedSurface[]>();
  for (const result of results) {
    const key = keyOf(result.surface);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [result]);
    else group.push(result);
  }
  return [...groups].sort(([one], [other]) => (one < other ? -1 : 1));
}

const number = (value: number | null, digits = 3) => value?.toFixed(digits) ?? "-";

function figures({
  pooledRmseVolPoints,
  medianSliceVolPoints,
  p95SliceVolPoints,
  insideBidAskPct,
}: FitTotals) {
  return [
    number(pooledRmseVolPoints),
    number(medianSliceVolPoints),
    number(p95SliceVolPoints),
    number(insideBidAskPct, 2),
  ];
}

function table(title: string, groups: readonly [string, readonly ReplayedSurface[]][]): string {
  const rows = new Table({
    head: [
      title,
      "surfaces",
      "slices",
      "quotes",
      "pooled vp",
      "median",
      "p95",
      "inside %",
      "free pooled",
      "uncertified",
    ],
    style: { head: [], border: [], compact: true },
    colAligns: ["left", ...Array.from({ length: 9 }, () => "right" as const)],
  });
  for (const [key, results] of groups) {
    const totals = totalsOf(results);
    rows.push([
      key,
      totals.surfaces,
      totals.slices,
      totals.quotes,
      ...figures(totals),
      number(totals.free.pooledRmseVolPoints),
      totals.uncertified,
    ]);
  }
  return rows.toString();
}

/** Prints the tables, the slices worse than 2 vp and the expiries refused with their reasons, and a summary line beside the free fit's. */
export function printReplay(results: readonly ReplayedSurface[], totals: ReplayTotals): void {
  const dayOf = ({ snapshotAt, currency }: Surface) => `${isoDay(snapshotAt)} ${currency}`;
  console.log(table("day", grouped(results, dayOf)));
  console.log(
    table(
      "regime",
      grouped(
        results.filter(({ surface }) => surface.slices.length > 0),
        regimeOf,
      ),
    ),
  );
  for (const { source, expiryAt, quotes, rmse, freeRmse, reason } of totals.over2vp) {
    const expiry = isoDay(expiryAt);
    console.log(
      `over 2 vp: ${source}, ${expiry}, ${counted(quotes, "quote")}: ${number(rmse)} (free ${number(freeRmse)}): ${reason}`,
    );
  }
  for (const { source, expiryAt, quotes, reason } of totals.refused) {
    const expiry = isoDay(expiryAt);
    console.log(`refused: ${source}, ${expiry}, ${counted(quotes, "quote")} of the fit filter: ${reason}`);
  }
  const [ours, free] = [totals, totals.free].map((score) => {
    if (score.pooledRmseVolPoints === null) return "nothing to judge by";
    const [pooled, median, p95, inside] = figures(score);
    return `pooled ${pooled} · median ${median} · p95 ${p95} vp · inside ${inside} %`;
  });
  console.log(
    [
      ...[
        counted(totals.surfaces, "surface"),
        counted(totals.slices, "slice"),
        counted(totals.quotes, "quote"),
      ],
      ...[
        `${totals.uncertified} uncertified`,
        `${counted(totals.refused.length, "expiry", "expiries")} refused`,
      ],
    ].join(" · "),
  );
  console.log(`ours: ${ours}`);
  console.log(`free: ${free}`);
}
