/**
 * The main job, from end to end: an option chain is cleaned and fitted, the surface is signed and posted on a local chain, and every
 * quote is read back from the contracts.
 */
import { styleText } from "node:util";
import { countArbitrage } from "@meniscus/pricer/arbitrage";
import type { Chain, CleanChain } from "@meniscus/pricer/chain";
import { cleanChain } from "@meniscus/pricer/clean";
import { tauAt } from "@meniscus/pricer/clock";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import type { Surface } from "@meniscus/pricer/fit/surface";
import { unquantise } from "@meniscus/sdk/slice";
import type { Summary } from "@meniscus/sdk/summary";
import { CliError } from "../cliError.ts";
import { assertPortIsFree, loadHardhat, startLocalChain } from "../localChain.ts";
import { type MarketOptions, sourceOf } from "../market.ts";
import { assertWritable, writeOutput } from "../output.ts";
import { surfacePage } from "../page/surfacePage.ts";
import { step } from "../progress.ts";
import { leftOut, type OptionChain, optionChain, smileView, statistics } from "./optionChain.ts";
import { onChainError, readBack, toWad } from "./readBack.ts";
import { deploySurface, type Posted, postSurface, type SurfaceOnChain } from "./surfaceOnChain.ts";
import { chainTable, fitLine, summaryLine } from "./table.ts";

export interface StartOptions extends MarketOptions {
  port: number;
  keep: boolean;
  html: string;
  json?: string;
}

/** The local chain starts this long before the snapshot, so that deployment and listing lie before the report. */
const DEPLOYMENT_SECONDS = 3600;

export async function start(options: StartOptions): Promise<void> {
  const startedAt = new Date();
  await assertPortIsFree(options.port);
  await assertWritable(options.html);
  if (options.json !== undefined) await assertWritable(options.json);

  const source = sourceOf(options);
  console.log(`Source: ${source.describe}`);
  const chain = await step("Reading the chain", () => source.read());
  const clean = cleanChain(chain);
  const surface = await step(`Fitting ${clean.expiries.length} expiries`, async () => fit(clean));

  const hardhat = await loadHardhat();
  await step("Compiling the contracts (a few minutes the first time)", () =>
    hardhat.tasks.getTask("build").run({ noTests: true, quiet: true }),
  );
  const startAt = chain.snapshotAt - DEPLOYMENT_SECONDS;
  const local = await startLocalChain(hardhat, { startAt, port: options.port });
  try {
    const contracts = await step("Deploying", () => deploySurface(hardhat, local));
    const posted = await step("Signing and posting the report", () =>
      postSurface(contracts, local, {
        reportAt: chain.snapshotAt,
        spot: toWad(clean.spot),
        slices: surface.slices,
      }),
    );
    const { chains, error } = await step("Reading every quote back from the contracts", () =>
      readChains(contracts, chain, clean, surface, posted),
    );
    const summary = summarise(source.describe, startedAt, chains, posted, error);
    print(chains, summary, chain.snapshotAt);
    await writeOutput(options.html, await page(chains, summary, chain));
    if (options.json !== undefined) await writeOutput(options.json, `${JSON.stringify(summary, null, 2)}\n`);
    console.log(`Page: ${options.html}`);
    if (options.keep) await keepUp(local.url, contracts);
  } finally {
    await local.close();
  }
}

function fit(clean: CleanChain): Surface {
  const surface = fitSurface(clean);
  if (surface.slices.length > 0) return surface;
  const reasons = new Set(surface.refused.map(({ reason }) => reason));
  throw new CliError(`${clean.source}: no expiry can be fitted (${[...reasons].join("; ")}).`);
}

/** Every expiry of the chain, on the surface or left out of it, and the largest error of the contracts in units of spot. */
async function readChains(
  contracts: SurfaceOnChain,
  chain: Chain,
  clean: CleanChain,
  surface: Surface,
  posted: Posted,
): Promise<{ chains: OptionChain[]; error: number }> {
  const refusals = new Map(surface.refused.map(({ expiryAt, reason }) => [expiryAt, reason]));
  const chains: OptionChain[] = [];
  let error = 0;
  for (const expiry of clean.expiries) {
    const refusal = refusals.get(expiry.expiryAt) ?? posted.refused.get(expiry.expiryAt);
    if (refusal !== undefined) {
      chains.push(leftOut(chain.currency, expiry, refusal));
      continue;
    }
    const { quality, outliers, word } = surface.slices.find(({ expiryAt }) => expiryAt === expiry.expiryAt)!;
    const slice = unquantise(word);
    const reading = await readBack(contracts, expiry.expiryAt, listedStrikes(chain, expiry.expiryAt));
    chains.push(optionChain(chain.currency, expiry, { quality, outliers, params: slice.params }, reading));
    error = Math.max(error, onChainError(reading, slice, tauAt(expiry.expiryAt, chain.snapshotAt)));
  }
  return { chains, error };
}

/** The strikes of an expiry in the source, rising. */
function listedStrikes({ quotes }: Chain, expiryAt: number): number[] {
  const strikes = quotes.filter((quote) => quote.expiryAt === expiryAt).map(({ strike }) => strike);
  return [...new Set(strikes)].filter((strike) => strike > 0).sort((one, other) => one - other);
}

function summarise(
  source: string,
  startedAt: Date,
  chains: readonly OptionChain[],
  { gas, signers }: Posted,
  maxOnChainErrorVsTs: number,
): Summary {
  const { quotes, rmse, inside } = statistics(chains.flatMap(({ rows }) => rows));
  const perExpiry = chains.map(({ summary }) => summary);
  return {
    source,
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    quotes,
    insideBidAskPct: inside ?? 0,
    rmseVolPoints: rmse ?? 0,
    perExpiry,
    arbitrage: countArbitrage(perExpiry.flatMap(({ params }) => (params === null ? [] : [params]))),
    post: { gas, signers },
    maxOnChainErrorVsTs,
  };
}

function print(chains: readonly OptionChain[], summary: Summary, snapshotAt: number): void {
  for (const { symbol, rows, summary: expiry } of chains) {
    console.log(`\n${styleText("bold", symbol)} · ${fitLine(expiry, snapshotAt)}`);
    if (rows.length > 0) console.log(chainTable(rows));
  }
  console.log(`\n${summaryLine(summary)}`);
}

function page(chains: readonly OptionChain[], summary: Summary, chain: Chain): Promise<string> {
  const at = new Date(chain.snapshotAt * 1000).toISOString().slice(0, 16).replace("T", " ");
  return surfacePage({
    title: `${chain.currency} volatility surface, ${at} UTC`,
    lines: [`Source: ${summary.source}`, summaryLine(summary)],
    smiles: chains.flatMap((smile) => smileView(smile, fitLine(smile.summary, chain.snapshotAt))),
  });
}

/** Says where the node is, and waits until the process is told to end. */
async function keepUp(url: string, { volSurface, lens, market }: SurfaceOnChain): Promise<void> {
  console.log(`Node: ${url}`);
  console.log(
    `VolSurface ${await volSurface.getAddress()} · Lens ${await lens.getAddress()} · market ${market}`,
  );
  console.log("Ctrl-C ends it.");
  await new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
}
