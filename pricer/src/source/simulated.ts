/**
 * A simulated venue: quotes around the truth of `simulatedMarket`, with noise, the bid-ask widths that Deribit shows by tenor and
 * delta, its ticks and strike ladders, and missing sides. The same options give the same chain.
 */
import { blackScholes } from "@meniscus/sdk/blackScholes";
import { SECONDS_PER_DAY, tauAt } from "@meniscus/sdk/clock";
import { totalVariance } from "@meniscus/sdk/svi";
import { formatExpiry } from "@meniscus/sdk/symbol";
import type { Chain, RawQuote } from "../chain/chain.ts";
import {
  type Random,
  round,
  type SimulatedExpiry,
  seededRandom,
  simulatedMarket,
} from "./simulatedMarket.ts";
import type { Source } from "./source.ts";

export interface SimulatedOptions {
  /** ETH or BTC. */
  readonly currency?: string;
  readonly seed?: number;
  readonly snapshotAt?: number;
}

/** A fixed moment, so that runs repeat: Monday 4 May 2026, 12:00 UTC. */
export const SIMULATED_AT = Date.UTC(2026, 4, 4, 12) / 1000;

/** Share of instruments without a bid, without an ask, without both. */
const MISSING = { bid: 0.03, ask: 0.01, both: 0.01 };
/** Noise of a quote's middle in its width. */
const NOISE = 0.2;
const INDEX_NOISE = 5e-4;

/**
 * Full bid-ask width in vol on Deribit, ETH, calm; columns by delta (0.5, 0.25, 0.10, 0.05). BTC's is 0.75 of it.
 */
const WIDTH_DELTAS = [0.5, 0.25, 0.1, 0.05];
const WIDTHS: [days: number, widths: number[]][] = [
  [1, [0.045, 0.03, 0.036, 0.055]],
  [7, [0.017, 0.021, 0.016, 0.022]],
  [30, [0.009, 0.011, 0.014, 0.015]],
  [75, [0.008, 0.009, 0.011, 0.013]],
];
const BTC_WIDTH = 0.75;
const IN_THE_MONEY_WIDTH = 1.5;

/** Deribit: 0.0001 of a coin up to 0.005, above it 0.0005. */
const TICK = { fine: 1e-4, coarse: 5e-4, from: 5e-3 };

/** The strike ladder: steps of 1, 2 and 4 times the base out to so many standard deviations. */
const LADDER: [step: number, sds: number][] = [
  [1, 1.5],
  [2, 3],
  [4, 4.5],
];
const STRIKES_PER_SD = 6;
/** No strike lies farther from the forward, up or down. */
const FARTHEST = 9;

/** A source that makes its market up, and says so. */
export function simulatedSource(options: SimulatedOptions = {}): Source {
  const { currency = "ETH", seed = 1, snapshotAt = SIMULATED_AT } = options;
  const source = `simulated market, no real prices (${currency.toUpperCase()}, seed ${seed})`;
  return {
    read: async () => simulateChain(currency.toUpperCase(), seed, snapshotAt, source),
  };
}

function simulateChain(currency: string, seed: number, snapshotAt: number, source: string): Chain {
  const random = seededRandom(seed);
  const market = simulatedMarket(currency, snapshotAt, random);
  const index = round(market.spot * Math.exp(INDEX_NOISE * random.normal()), 2);
  const quotes = market.expiries.flatMap((expiry) => {
    const name = `${currency}-${formatExpiry(expiry.expiryAt)}`;
    return strikeLadder(expiry).flatMap((strike) =>
      (["C", "P"] as const).map((type): RawQuote => {
        const prices = quoteAround(expiry, strike, type, currency, snapshotAt, random);
        const atMs = snapshotAt * 1000 - Math.floor(random.uniform(0, 900));
        const { expiryAt, forward } = expiry;
        return {
          instrument: `${name}-${strike}-${type}`,
          expiryAt,
          strike,
          type,
          ...prices,
          forward,
          index,
          atMs,
        };
      }),
    );
  });
  return { source, currency, snapshotAt, quotes, unread: {} };
}

function quoteAround(
  { expiryAt, forward, smile }: SimulatedExpiry,
  strike: number,
  type: "C" | "P",
  currency: string,
  snapshotAt: number,
  random: Random,
): Pick<RawQuote, "bid" | "ask" | "mark" | "markVol"> {
  const tau = tauAt(expiryAt, snapshotAt);
  const coinPrice = (vol: number) => {
    const value = blackScholes({ spot: 1, forward, strike, totalVariance: vol * vol * tau });
    return { price: type === "C" ? value.call : value.put, delta: value.delta };
  };
  const vol = Math.sqrt(totalVariance(smile, Math.log(strike / forward)) / tau);
  const { price, delta } = coinPrice(vol);
  const inTheMoney = type === "C" ? strike < forward : strike >= forward;
  const scale = (currency === "BTC" ? BTC_WIDTH : 1) * (inTheMoney ? IN_THE_MONEY_WIDTH : 1);
  const days = (expiryAt - snapshotAt) / SECONDS_PER_DAY;
  const width = scale * quotedWidth(days, Math.min(delta, 1 - delta)) * Math.exp(0.25 * random.normal());
  const middle = vol + NOISE * width * random.normal();
  const bid = middle > width / 2 ? toTick(coinPrice(middle - width / 2).price, Math.floor) : 0;
  const ask = toTick(coinPrice(middle + width / 2).price, Math.ceil);
  const gap = random.uniform(0, 1);
  const noBid = gap < MISSING.bid || bid === 0;
  const noAsk = (gap >= MISSING.bid && gap < MISSING.bid + MISSING.ask) || ask === 0;
  const neither = gap > 1 - MISSING.both;
  return {
    bid: noBid || neither ? null : bid,
    ask: noAsk || neither ? null : ask,
    mark: round(price, 6),
    markVol: round(vol, 4),
  };
}

/** The table, linear in ln(days) and in delta, constant beyond its ends but for the wings, where it grows like 1/sqrt(delta). */
function quotedWidth(days: number, delta: number): number {
  const farthest = WIDTH_DELTAS.at(-1)!;
  const rows = WIDTHS.map(([, widths]) => interpolate(WIDTH_DELTAS, widths, Math.max(delta, farthest)));
  const width = interpolate(
    WIDTHS.map(([row]) => Math.log(row)),
    rows,
    Math.log(days),
  );
  return delta < farthest ? width * Math.sqrt(farthest / Math.max(delta, 1e-4)) : width;
}

/** Piecewise linear through (x, y), x monotone, constant beyond its ends. */
function interpolate(xs: readonly number[], ys: readonly number[], x: number): number {
  const last = xs.length - 1;
  const rising = xs[last]! > xs[0]!;
  const at = xs.findIndex((knot) => (rising ? knot > x : knot < x));
  if (at === 0) return ys[0]!;
  if (at === -1) return ys[last]!;
  const share = (x - xs[at - 1]!) / (xs[at]! - xs[at - 1]!);
  return ys[at - 1]! + share * (ys[at]! - ys[at - 1]!);
}

function toTick(price: number, towards: (value: number) => number): number {
  const tick = price < TICK.from ? TICK.fine : TICK.coarse;
  return round(towards(price / tick) * tick, 4);
}

/** Multiples of a round step, denser near the money. */
function strikeLadder({ forward, smile }: SimulatedExpiry): number[] {
  const sd = Math.sqrt(totalVariance(smile, 0));
  const base = roundStep((forward * sd) / STRIKES_PER_SD);
  const strikes = new Set<number>();
  for (const [step, sds] of LADDER) {
    const reach = Math.min(Math.exp(sds * sd), FARTHEST);
    const width = base * step;
    for (let n = Math.ceil(forward / reach / width); n * width <= forward * reach; n++)
      strikes.add(n * width);
  }
  return [...strikes].sort((left, right) => left - right);
}

/** The largest of 1, 2, 5 times a power of ten not above the step. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return [5, 2, 1].find((digit) => digit * power <= step)! * power;
}
