/** Recorded chains as the pool would quote them: fitted, reported, and our fresh bid and ask beside the market's. */
import path from "node:path";
import type { CleanChain } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { inFitFilter } from "@meniscus/pricer/evaluation/fitFilter";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import { recordedSource } from "@meniscus/pricer/source/recorded";
import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { emptyBook, type PoolSurface, type Spots, surfaceOfWords } from "@meniscus/sdk/pool/book";
import { atTheMoneyVol, priceOption } from "@meniscus/sdk/pool/exposure";
import type { PoolParameters } from "@meniscus/sdk/pool/parameters";
import { quote } from "@meniscus/sdk/pool/price";
import { recordedChains } from "./recorded.ts";
import { quantile } from "./statistics.ts";

/** Equity of the book, and notional of a ticket: so small that its impact is none. */
export const EQUITY = 1_000_000;
const TICKET = 100;
/** A report is a block old when a taker meets it. */
const FRESH_SECONDS = 12;
/** From here on nothing is opened. */
const CLOSING_SECONDS = 3600;

export interface RecordedMarket {
  readonly name: string;
  readonly isCrash: boolean;
  readonly chain: CleanChain;
  readonly surface: PoolSurface;
  readonly shortestVol: number;
  /** The venue's spot index: what a feed would tell. */
  readonly index: number;
}

/** One quote of the market beside ours, in quote for one option. */
export interface Beside {
  readonly currency: string;
  readonly isCrash: boolean;
  readonly days: number;
  /** Of the option out of the money, without its sign. */
  readonly delta: number;
  readonly inFilter: boolean;
  readonly vega: number;
  readonly bid: number;
  readonly ask: number;
  readonly ourBid: number;
  readonly ourAsk: number;
}

/** Every `step`th Deribit chain of 2025 and 2026, by name; the crash is 4 to 7 February 2026. */
export async function recordedMarkets(step: number): Promise<RecordedMarket[]> {
  const markets: RecordedMarket[] = [];
  for (const file of recordedChains(/^deribit_(BTC|ETH)_202[56]\d{4}T.*\.csv\.gz$/, step)) {
    const name = path.basename(file);
    const raw = await recordedSource(file).read();
    const chain = cleanChain(raw);
    const fitted = fitSurface(chain);
    const { spot, snapshotAt } = fitted;
    const open = fitted.slices.filter(
      ({ expiryAt }) => expiryAt - snapshotAt > CLOSING_SECONDS + FRESH_SECONDS,
    );
    const surface = surfaceOfWords(
      spot,
      snapshotAt,
      open.map(({ expiryAt, word }) => [expiryAt, word] as const),
    );
    const shortest = open[0]!.expiryAt;
    const shortestVol = atTheMoneyVol(surface.slices.get(shortest)!, shortest);
    const index = quantile(
      raw.quotes.flatMap((row) => row.index ?? []),
      0.5,
    );
    markets.push({ name, isCrash: /_2026020[4-7]T/.test(name), chain, surface, shortestVol, index });
  }
  return markets;
}

/** The signed spot and a feed that agrees with it. */
export const agreeing = (surface: PoolSurface): Spots => ({
  low: surface.spot,
  high: surface.spot,
  hasSigned: true,
  deviation: 0.005,
  observedAt: surface.reportAt,
});

/** Our fresh quotes, empty book, for every clean quote of the chain; `feed` is another spot that counts beside the report's. */
export function besideMarket(market: RecordedMarket, parameters: PoolParameters, feed?: number): Beside[] {
  const { chain, surface, shortestVol, isCrash } = market;
  const { spot } = surface;
  const now = surface.reportAt + FRESH_SECONDS;
  const book = emptyBook(EQUITY, spot, shortestVol, parameters.potential.bandFloor);
  const spots = {
    ...agreeing(surface),
    low: Math.min(spot, feed ?? spot),
    high: Math.max(spot, feed ?? spot),
  };
  const amount = TICKET / spot;
  return chain.expiries.flatMap((expiry) => {
    const { expiryAt } = expiry;
    const slice = surface.slices.get(expiryAt);
    if (slice === undefined) return [];
    return expiry.quotes.map((market): Beside => {
      const leg = { expiryAt, strike: market.strike, isPut: market.type === "P" };
      const option = priceOption(leg, slice, spot, now, 1);
      const per = (size: number) =>
        quote([{ ...leg, amount: size }], book, surface, spots, parameters, now).cost / size;
      return {
        currency: chain.currency,
        isCrash,
        days: (expiryAt - surface.reportAt) / SECONDS_PER_DAY,
        delta: Math.abs(option.plainDelta),
        inFilter: inFitFilter(market, expiry),
        vega: option.vega,
        bid: market.bid * spot,
        ask: market.ask * spot,
        ourBid: per(-amount),
        ourAsk: per(amount),
      };
    });
  });
}
