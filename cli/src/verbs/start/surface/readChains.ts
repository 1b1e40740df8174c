/** Every expiry of a chain as the contracts answer it, and the run's figures. */

import type { Chain, CleanChain } from "@meniscus/pricer/chain/chain";
import { listedStrikes } from "@meniscus/pricer/chain/expiries";
import { countArbitrage } from "@meniscus/pricer/evaluation/arbitrage";
import { fitStatistics, insidePct } from "@meniscus/pricer/evaluation/statistics";
import type { Surface } from "@meniscus/pricer/fit/surface";
import { tauAt } from "@meniscus/sdk/clock";
import { unquantise } from "@meniscus/sdk/slice";
import type { Summary } from "../../../json/summary.ts";
import type { Posted, SurfaceOnChain } from "../../../localMarket/surfaceOnChain.ts";
import { leftOut, type OptionChain, optionChain } from "./optionChain.ts";
import { onChainError, readBack } from "./readBack.ts";

interface ReadChains {
  chains: OptionChain[];
  /** The largest error of the contracts in units of spot. */
  error: number;
}

/** Every expiry of the chain, on the surface or left out of it. */
export async function readChains(
  contracts: SurfaceOnChain,
  { quotes, currency, snapshotAt }: Chain,
  clean: CleanChain,
  surface: Surface,
  posted: Posted,
): Promise<ReadChains> {
  const refusals = new Map(surface.refused.map(({ expiryAt, reason }) => [expiryAt, reason]));
  const chains: OptionChain[] = [];
  let error = 0;
  for (const expiry of clean.expiries) {
    const { expiryAt } = expiry;
    const refusal = refusals.get(expiryAt) ?? posted.refused.get(expiryAt);
    if (refusal !== undefined) {
      chains.push(leftOut(currency, expiry, refusal));
      continue;
    }
    const slice = surface.slices.find((candidate) => candidate.expiryAt === expiryAt)!;
    const reading = await readBack(contracts, expiryAt, listedStrikes(quotes, expiryAt));
    chains.push(optionChain(currency, expiry, slice, reading));
    error = Math.max(error, onChainError(reading, unquantise(slice.word), tauAt(expiryAt, snapshotAt)));
  }
  return { chains, error };
}

/** What the story adds to the figures of the surface. */
export type Played = Pick<
  Summary,
  "pool" | "hedges" | "days" | "providing" | "invariantsChecked" | "invariantsBroken"
>;

export function summarise(
  source: string,
  startedAt: Date,
  { chains, error }: ReadChains,
  { gas, signers }: Posted,
  played: Played,
): Summary {
  const statistics = fitStatistics(chains.flatMap(({ judged }) => judged));
  const perExpiry = chains.map(({ summary }) => summary);
  return {
    source,
    startedAt: startedAt.toISOString(),
    seconds: (Date.now() - startedAt.getTime()) / 1000,
    quotes: statistics.quotes,
    insideBidAskPct: insidePct(statistics),
    rmseVolPoints: statistics.rmse,
    perExpiry,
    arbitrage: countArbitrage(perExpiry.flatMap(({ params }) => (params === null ? [] : [params]))),
    post: { gas, signers },
    maxOnChainErrorVsTs: error,
    ...played,
  };
}
