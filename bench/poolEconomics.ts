/** Widths, crossings and depth of our fresh quotes on recorded chains, and what the limits of the book let a price become. */
import { SECONDS_PER_DAY, tauAt } from "@meniscus/sdk/clock";
import { emptyBook, type Leg } from "@meniscus/sdk/pool/book";
import { atTheMoneyVol, potentialWeight, priceOption } from "@meniscus/sdk/pool/exposure";
import type { PoolParameters } from "@meniscus/sdk/pool/parameters";
import { quote } from "@meniscus/sdk/pool/price";
import { flatSurface } from "./poolFlat.ts";
import { agreeing, type Beside, EQUITY, type RecordedMarket } from "./poolMarkets.ts";
import { quantile } from "./statistics.ts";

/** Days from and to. */
const TENORS = [
  ["1 d", 0.5, 1.5],
  ["7 d", 5, 9],
  ["30 d", 22, 38],
  ["60-90 d", 55, 95],
  ["180 d", 120, 240],
] as const;
const DELTAS = [
  ["atm", 0.4, 0.6],
  ["25", 0.2, 0.3],
  ["10", 0.075, 0.125],
  ["5", 0.03, 0.07],
] as const;

/** Full width between bid and ask, in vp: price over vega; medians. */
export interface Width {
  readonly days: string;
  readonly delta: string;
  readonly quotes: number;
  readonly market: number;
  readonly ours: number;
}

export function widthsOf(besides: readonly Beside[]): Width[] {
  return TENORS.flatMap(([days, from, to]) =>
    DELTAS.map(([delta, low, high]): Width => {
      const own = besides.filter(
        (beside) => beside.days >= from && beside.days < to && beside.delta >= low && beside.delta < high,
      );
      const median = (width: (beside: Beside) => number) =>
        quantile(
          own.map((beside) => (100 * width(beside)) / beside.vega),
          0.5,
        );
      return {
        days,
        delta,
        quotes: own.length,
        market: median(({ ask, bid }) => ask - bid),
        ours: median(({ ourAsk, ourBid }) => ourAsk - ourBid),
      };
    }),
  );
}

/** Our ask below the market's bid, or our bid above its ask. */
export interface Crossings {
  readonly quotes: number;
  readonly askBelowBid: number;
  readonly bidAboveAsk: number;
  readonly sharePct: number;
}

export function crossingsOf(besides: readonly Beside[]): Crossings {
  const askBelowBid = besides.filter(({ ourAsk, bid }) => ourAsk < bid).length;
  const bidAboveAsk = besides.filter(({ ourBid, ask }) => ourBid > ask).length;
  const quotes = besides.length;
  return { quotes, askBelowBid, bidAboveAsk, sharePct: (100 * (askBelowBid + bidAboveAsk)) / quotes };
}

/** USD of at-the-money notional of 30 days until the next option costs 1 vp of impact, per million of equity; by what counts. */
export interface Depth {
  /** Vega terms alone: the shift of the smile. */
  readonly vega: number;
  /** And gamma: what a taker pays who brings delta of the other sign. */
  readonly gamma: number;
  /** And delta, unhedged. */
  readonly delta: number;
}

/** At the market's vol nearest 30 days. */
export function depthOf(
  { surface: recorded, shortestVol }: RecordedMarket,
  parameters: PoolParameters,
): Depth {
  const now = recorded.reportAt;
  const expiryAt = now + 30 * SECONDS_PER_DAY;
  const nearest = [...recorded.slices.keys()].reduce((best, at) =>
    Math.abs(at - expiryAt) < Math.abs(best - expiryAt) ? at : best,
  );
  const vol = atTheMoneyVol(recorded.slices.get(nearest)!, nearest);
  const surface = flatSurface(recorded.spot, vol, now, expiryAt);
  const leg = { expiryAt, strike: surface.spot, isPut: false };
  const { vega } = priceOption(leg, surface.slices.get(expiryAt)!, surface.spot, now, 1);
  const until = (potential: Partial<PoolParameters["potential"]>) => {
    const own = { ...parameters, potential: { ...parameters.potential, ...potential } };
    const book = emptyBook(EQUITY, surface.spot, shortestVol, own.potential.bandFloor);
    const impact = (amount: number) =>
      quote([{ ...leg, amount }], book, surface, agreeing(surface), own, now).parts.impact;
    const slope = (amount: number) => (impact(amount * 1.001) - impact(amount)) / (0.001 * amount);
    let [low, high] = [0, (10 * EQUITY) / surface.spot];
    for (let step = 0; step < 50; step++) {
      const middle = (low + high) / 2;
      if (slope(middle) < 0.01 * vega) low = middle;
      else high = middle;
    }
    return low * surface.spot;
  };
  return { vega: until({ theta: 0, kappa: 0 }), gamma: until({ kappa: 0 }), delta: until({}) };
}

/** Price over value where the book stands at its limits and the reserve lasts: the least ask, the highest bid within 2 sd. */
export interface AtLimits {
  readonly hours: number;
  readonly vol: number;
  readonly leastAsk: number;
  readonly highestBid: number;
}

/** On a flat smile, calls at 0 to 2 sd, within 2 sd; the first line is the last minute in which anything opens. */
export function atLimits(vol: number, parameters: PoolParameters): AtLimits[] {
  const [now, spot] = [1_800_003_600, 2000];
  return [1.02, 6, 12, 24, 72, 168, 720].map((hours) => {
    const expiryAt = now + Math.round(hours * 3600);
    const surface = flatSurface(spot, vol, now, expiryAt);
    const slice = surface.slices.get(expiryAt)!;
    const ratioAt = (sds: number, side: 1 | -1) => {
      const strike = spot * Math.exp(sds * Math.sqrt(slice.level));
      const leg: Leg = { expiryAt, strike, isPut: false, amount: side * 1e-3 };
      const { limits, potential } = parameters;
      const vega = (side > 0 ? limits.vegaLow : limits.vegaHigh) * EQUITY;
      const gamma = -side * limits.gamma * EQUITY;
      const exposure = { vega, vegaSkew: vega, gamma, weight: potentialWeight(tauAt(expiryAt, now)) };
      const book = {
        ...emptyBook(EQUITY, spot, vol, potential.bandFloor),
        reserve: EQUITY,
        vega,
        gamma,
        expiries: new Map([[expiryAt, exposure]]),
      };
      const price = quote([leg], book, surface, agreeing(surface), parameters, now);
      return price.cost / (leg.amount * priceOption(leg, slice, spot, now, 1).value);
    };
    const sds = [0, 0.5, 1, 1.5, 2];
    return {
      hours,
      vol,
      leastAsk: Math.min(...sds.map((z) => ratioAt(z, 1))),
      highestBid: Math.max(...sds.map((z) => ratioAt(z, -1))),
    };
  });
}
