/** `meniscus stickiness`: how far vol at the money moves with spot, over recorded chains. */
import type { ReplayedSurface } from "@meniscus/pricer/evaluation/replay";
import {
  STICKINESS_LEAST,
  type StickinessPair,
  stickinessOf,
  stickinessPairs,
} from "@meniscus/pricer/evaluation/stickiness";
import Table from "cli-table3";
import { Command } from "commander";
import { CliError } from "../../cliError.ts";
import { replayFolder } from "../../market/recordedChains.ts";
import { type Regime, regimeOf } from "../../market/regime.ts";
import { currencyOption, notEmpty } from "../../terminal/options.ts";
import { assertOutputs, type JsonPlace, jsonOption, writeJson } from "../../terminal/output.ts";

/** Maturities at which it is told, days. */
const MATURITIES = [30, 90, 180];
const ALL = "all";

interface StickinessCommandOptions {
  chains: string;
  currency?: string;
  json?: JsonPlace;
}

interface StickinessRow {
  readonly currency: string;
  /** Of the earlier surface of each pair. */
  readonly regime: Regime | typeof ALL;
  readonly days: number;
  readonly pairs: number;
  readonly ratio: number | null;
  readonly error: number | null;
}

export function stickinessCommand(): Command {
  return new Command("stickiness")
    .description(
      "Estimate the skew stickiness ratio R of recorded chains: the vol at the money moves by R skew d ln S.",
    )
    .requiredOption("--chains <folder>", "the folder of recorded chains (*.csv, *.csv.gz)", notEmpty)
    .addOption(currencyOption())
    .addOption(jsonOption("the estimates"))
    .action(estimate);
}

async function estimate({ chains, currency, json }: StickinessCommandOptions): Promise<void> {
  await assertOutputs(json);
  const { results } = await replayFolder(chains, { currency });
  const rows = rowsOf(results);
  if (rows.every(({ pairs }) => pairs === 0))
    throw new CliError(`No two chains in ${chains} are of one currency and less than three days apart.`);
  await writeJson(json, rows);
  if (json !== true) print(rows);
}

function rowsOf(results: readonly ReplayedSurface[]): StickinessRow[] {
  const surfaces = results.map(({ surface }) => surface).filter(({ slices }) => slices.length > 0);
  surfaces.sort((one, other) => one.snapshotAt - other.snapshotAt);
  const regimes = new Map(
    surfaces.map((surface) => [`${surface.currency} ${surface.snapshotAt}`, regimeOf(surface)]),
  );
  const currencies = [...new Set(surfaces.map(({ currency }) => currency))].sort();
  return currencies.flatMap((currency) => {
    const own = surfaces.filter((surface) => surface.currency === currency);
    const regimeAt = ({ from }: StickinessPair) => regimes.get(`${currency} ${from}`);
    return MATURITIES.flatMap((days) => {
      const pairs = stickinessPairs(own, days);
      const seen = [...new Set(pairs.map(regimeAt))].filter((regime) => regime !== undefined).sort();
      return [
        { currency, regime: ALL as typeof ALL, days, ...stickinessOf(pairs) },
        ...seen.map((regime) => ({
          currency,
          regime,
          days,
          ...stickinessOf(pairs.filter((pair) => regimeAt(pair) === regime)),
        })),
      ];
    });
  });
}

function print(rows: readonly StickinessRow[]): void {
  const table = new Table({
    head: ["currency", "regime before", "days", "pairs", "R", "standard error"],
    style: { head: [], border: [], compact: true },
    colAligns: ["left", "left", "right", "right", "right", "right"],
  });
  const figure = (value: number | null) => value?.toFixed(2) ?? "-";
  for (const { currency, regime, days, pairs, ratio, error } of rows)
    table.push([currency, regime, days, pairs, figure(ratio), figure(error)]);
  console.log(table.toString());
  const { pairs, spotMove } = STICKINESS_LEAST;
  if (rows.some(({ ratio }) => ratio === null))
    console.log(
      `-: too little to estimate R; that takes ${pairs} pairs, and spot moving by ${100 * spotMove} % between them (root mean square).`,
    );
}
