/** `meniscus fit`: an arbitrage-free, certified surface from one option chain, without a chain of blocks. */
import { countArbitrage } from "@meniscus/pricer/arbitrage";
import { checkCertificate } from "@meniscus/pricer/certificate/check";
import type { CleanChain, CleanExpiry } from "@meniscus/pricer/chain";
import { cleanChain } from "@meniscus/pricer/clean";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import type { FittedSlice, Surface } from "@meniscus/pricer/fit/surface";
import { fitFilter } from "@meniscus/pricer/fitFilter";
import { totalVariance } from "@meniscus/sdk/svi";
import { formatExpiry } from "@meniscus/sdk/symbol";
import { Command } from "commander";
import { CliError } from "../cliError.ts";
import { type MarketOptions, sourceOf, withMarketOptions } from "../market.ts";
import { assertWritable, writeOutput } from "../output.ts";
import { type SmileView, surfacePage } from "../page/surfacePage.ts";

interface FitCommandOptions extends MarketOptions {
  json: boolean;
  plot?: string;
}

export function fitCommand(): Command {
  const command = new Command("fit").description(
    "Fit a certified surface to an option chain and print it. Without --chain or --live the market is simulated.",
  );
  return withMarketOptions(command)
    .option("--json", "print the surface and its certificate as data", false)
    .option("--plot <file>", "write the pictures: smiles, total variance, density, residuals, surface")
    .action(fit);
}

async function fit({ json, plot, ...market }: FitCommandOptions): Promise<void> {
  if (plot !== undefined) await assertWritable(plot);
  const source = sourceOf(market);
  const chain = cleanChain(await source.read());
  const surface = fitSurface(chain);
  const verdict = checkCertificate(surface.certificate);
  if (json) console.log(JSON.stringify(surfaceData(surface, verdict.valid), null, 2));
  else
    printSurface(
      surface,
      verdict.valid ? `certified, ${verdict.pieces} pieces` : `NOT CERTIFIED: ${verdict.reason}`,
    );
  if (plot !== undefined) await writeOutput(plot, await surfacePage(view(chain, surface)));
  if (!verdict.valid) throw new CliError(`The certificate of the surface does not hold: ${verdict.reason}.`);
}

/** The surface with the times spelt out, and the words in hexadecimal. */
function surfaceData({ slices, refused, snapshotAt, ...surface }: Surface, certified: boolean) {
  const spelt = (at: number) => new Date(at * 1000).toISOString();
  return {
    ...surface,
    snapshot: spelt(snapshotAt),
    certified,
    arbitrage: countArbitrage(slices.map(({ params }) => params)),
    slices: slices.map(({ expiryAt, word, ...slice }) => ({
      expiry: spelt(expiryAt),
      ...slice,
      word: `0x${word.toString(16).padStart(64, "0")}`,
    })),
    refused: refused.map(({ expiryAt, reason }) => ({ expiry: spelt(expiryAt), reason })),
  };
}

function printSurface(surface: Surface, verdict: string): void {
  console.log(`Source: ${surface.source}`);
  for (const slice of surface.slices) {
    const { b, rho, m, sigma } = slice.params;
    const parameters = [slice.params.a, b, rho, m, sigma].map((value) => value.toPrecision(5)).join(" ");
    console.log(
      `${surface.currency}-${formatExpiry(slice.expiryAt)} · ${fitLine(slice)} · a b rho m sigma ${parameters}`,
    );
  }
  for (const { expiryAt, reason } of surface.refused)
    console.log(`${surface.currency}-${formatExpiry(expiryAt)} · left out: ${reason}`);
  const { butterfly, calendar } = countArbitrage(surface.slices.map(({ params }) => params));
  console.log(
    `${surface.slices.length} slices · ${verdict} · arbitrage butterfly ${butterfly} calendar ${calendar}`,
  );
}

function fitLine({
  forward,
  tau,
  params,
  quotes,
  rmse,
  inside,
  counted,
  quality,
  outliers,
}: FittedSlice): string {
  const atTheMoney = 100 * Math.sqrt(totalVariance(params, 0) / tau);
  const share = counted === 0 ? "" : ` · inside ${((100 * inside) / counted).toFixed(1)} %`;
  const left = outliers === 0 ? "" : ` · ${outliers} outliers`;
  return `forward ${forward.toFixed(2)} · ${atTheMoney.toFixed(2)} % at the money · ${quotes} quotes${left} · rmse ${rmse.toFixed(3)} vp${share} · ${quality}`;
}

function view(chain: CleanChain, surface: Surface) {
  const at = new Date(chain.snapshotAt * 1000).toISOString().slice(0, 16).replace("T", " ");
  const expiries = new Map(chain.expiries.map((expiry) => [expiry.expiryAt, expiry]));
  return {
    title: `${chain.currency} volatility surface, ${at} UTC`,
    lines: [`Source: ${chain.source}`],
    smiles: surface.slices.map((slice) => smileView(chain.currency, slice, expiries.get(slice.expiryAt)!)),
  };
}

function smileView(currency: string, slice: FittedSlice, expiry: CleanExpiry): SmileView {
  const counted = new Set(fitFilter(expiry));
  const { params, tau, forward } = slice;
  return {
    symbol: `${currency}-${formatExpiry(slice.expiryAt)}`,
    caption: fitLine(slice),
    forward,
    tau,
    params,
    quotes: expiry.quotes.map((quote) => ({
      ...quote,
      counts: counted.has(quote),
      vol: Math.sqrt(totalVariance(params, quote.k) / tau),
    })),
  };
}
