/** `meniscus fit`: an arbitrage-free, certified surface from one option chain, without a chain of blocks. */

import { checkCertificate } from "@meniscus/pricer/certificate/check";
import type { CleanChain } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { countArbitrage } from "@meniscus/pricer/evaluation/arbitrage";
import { countedOf } from "@meniscus/pricer/fit/select";
import type { FittedSlice, Surface } from "@meniscus/pricer/fit/surface";
import { formatRecordedChain } from "@meniscus/pricer/source/recorded";
import { isoTime } from "@meniscus/sdk/clock";
import { counted } from "@meniscus/sdk/counted";
import { totalVariance } from "@meniscus/sdk/svi";
import { formatExpiry } from "@meniscus/sdk/symbol";
import { Command, Option } from "commander";
import { CliError } from "../../cliError.ts";
import { chainLines, fitLine, fittedExpiry, leftOutExpiry } from "../../market/expirySummary.ts";
import { fitChain } from "../../market/fitChain.ts";
import { type MarketOptions, readMarket, withMarketOptions } from "../../market/marketSource.ts";
import { pageTitle, smileView } from "../../page/smileView.ts";
import { type SurfaceView, surfacePage } from "../../page/surfacePage.ts";
import { notEmpty } from "../../terminal/options.ts";
import {
  assertOutputs,
  type JsonPlace,
  jsonOption,
  tellPage,
  writeJson,
  writeOutput,
} from "../../terminal/output.ts";

interface FitCommandOptions extends MarketOptions {
  json?: JsonPlace;
  plot?: string;
  record?: string;
}

/** A slice as the command prints and draws it. */
interface SliceView {
  symbol: string;
  caption: string;
  slice: FittedSlice;
}

export function fitCommand(): Command {
  const command = new Command("fit").description(
    "Fit a certified surface to an option chain and print it. Without --chain or --live the market is simulated.",
  );
  return withMarketOptions(command)
    .addOption(jsonOption("the surface and its certificate"))
    .option(
      "--plot <file>",
      "write the pictures: smiles, total variance, density, residuals, surface",
      notEmpty,
    )
    .addOption(
      new Option("--record <file>", "write the chain as it came, to be read by --chain and --chains")
        .argParser(notEmpty)
        .conflicts("chain"),
    )
    .action(fit);
}

async function fit({ json, plot, record, ...market }: FitCommandOptions): Promise<void> {
  await assertOutputs(json, ...[plot, record].filter((file) => file !== undefined));
  const raw = await readMarket(market);
  if (record !== undefined) await writeOutput(record, formatRecordedChain(raw));
  const chain = cleanChain(raw);
  const surface = fitChain(chain);
  const verdict = checkCertificate(surface.certificate);
  const views = sliceViews(chain, surface);
  const certificate = verdict.valid
    ? `certified, ${counted(verdict.pieces, "piece")}`
    : `NOT CERTIFIED: ${verdict.reason}`;
  const leftOut = leftOutLines(chain, surface);
  const summary = summaryLine(surface, certificate);
  if (plot !== undefined)
    await writeOutput(plot, await surfacePage(pageView(chain, views, [summary, ...leftOut])));
  await writeJson(json, surfaceData(chain, surface, verdict.valid));
  if (json !== true) printSurface(surface, views, [...leftOut, summary]);
  tellPage(plot, json);
  if (!verdict.valid) throw new CliError(`The certificate of the surface does not hold: ${verdict.reason}.`);
}

/** The surface with the times spelt out, the words in hexadecimal, and the counts of rows that are in none of its expiries. */
function surfaceData(
  { dropped, notes }: CleanChain,
  { slices, refused, snapshotAt, ...surface }: Surface,
  certified: boolean,
) {
  return {
    ...surface,
    snapshot: isoTime(snapshotAt),
    certified,
    arbitrage: countArbitrage(slices.map(({ params }) => params)),
    slices: slices.map(({ expiryAt, word, ...slice }) => ({
      expiry: isoTime(expiryAt),
      ...slice,
      word: `0x${word.toString(16).padStart(64, "0")}`,
    })),
    refused: refused.map(({ expiryAt, reason }) => ({ expiry: isoTime(expiryAt), reason })),
    dropped,
    notes,
  };
}

function sliceViews(chain: CleanChain, { slices }: Surface): SliceView[] {
  const expiries = new Map(chain.expiries.map((expiry) => [expiry.expiryAt, expiry]));
  return slices.map((slice) => {
    const { expiryAt, forward, counted, inside } = slice;
    const statistics = { quotes: counted, inside, rmse: counted === 0 ? null : slice.rmse };
    const summary = fittedExpiry(expiries.get(expiryAt)!, slice, forward, statistics);
    return {
      symbol: `${chain.currency}-${formatExpiry(expiryAt)}`,
      caption: fitLine(summary, chain.snapshotAt),
      slice,
    };
  });
}

function summaryLine({ slices }: Surface, certificate: string): string {
  const { butterfly, calendar } = countArbitrage(slices.map(({ params }) => params));
  return `${counted(slices.length, "slice")} · ${certificate} · arbitrage butterfly ${butterfly} calendar ${calendar}`;
}

/** What the chain holds that is not on the surface: a line an expiry, and one on the rows of none. */
function leftOutLines(chain: CleanChain, { refused }: Surface): string[] {
  const expiries = new Map(chain.expiries.map((expiry) => [expiry.expiryAt, expiry]));
  const lines = refused.map(({ expiryAt, reason }) => {
    const summary = leftOutExpiry(expiries.get(expiryAt)!, reason);
    return `${chain.currency}-${formatExpiry(expiryAt)} · ${fitLine(summary, chain.snapshotAt)}`;
  });
  return [...lines, ...chainLines(chain)];
}

function printSurface(surface: Surface, views: readonly SliceView[], lines: readonly string[]): void {
  console.log(`Source: ${surface.source}`);
  for (const { symbol, caption, slice } of views) {
    const { a, b, rho, m, sigma } = slice.params;
    const parameters = [a, b, rho, m, sigma].map((value) => value.toPrecision(5)).join(" ");
    console.log(`${symbol} · ${caption} · a b rho m sigma ${parameters}`);
  }
  for (const line of lines) console.log(line);
}

function pageView(chain: CleanChain, views: readonly SliceView[], lines: readonly string[]): SurfaceView {
  const expiries = new Map(chain.expiries.map((expiry) => [expiry.expiryAt, expiry]));
  return {
    title: pageTitle(chain.currency, chain.snapshotAt),
    lines: [`Source: ${chain.source}`, ...lines],
    smiles: views.map(({ symbol, caption, slice: { expiryAt, forward, tau, params } }) => {
      const expiry = expiries.get(expiryAt)!;
      const smile = { symbol, caption, forward, tau, params };
      return smileView(expiry, countedOf(expiry).counted, smile, ({ k }) => ({
        vol: Math.sqrt(totalVariance(params, k) / tau),
      }));
    }),
  };
}
