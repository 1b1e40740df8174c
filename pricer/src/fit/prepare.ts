/** From clean expiries to the least-squares problems of the joint fit: how their quotes weigh, and what their smiles lean on. */
import type { CleanExpiry, CleanQuote } from "../chain/chain.ts";
import { FIT_FILTER } from "../evaluation/fitFilter.ts";
import { upperMedian } from "../median.ts";
import { costOf } from "./cost.ts";
import { fitFree } from "./free.ts";
import type { Expectation } from "./outliers.ts";
import { heldTo, type Prior, type QuoteSet, typicalHalfSpread, type VolQuote } from "./quotes.ts";
import { type Selected, select, TYPICAL } from "./select.ts";
import { ASYMMETRY, LOG_CURVATURE, LOG_SIGMA, SIZE, smileOf, THETA } from "./smile.ts";
import type { GoodSmile, Surface } from "./surface.ts";

export interface Prepared {
  readonly expiry: CleanExpiry;
  readonly quality: "good" | "thin" | "carried over";
  /** Of the last surface's slice. */
  readonly lastGood: GoodSmile | null;
  /** Quotes fitted to. */
  readonly used: readonly VolQuote[];
  readonly outliers: number;
  /** Whether a wing waits until the last good smile is no longer fresh. */
  readonly isWaiting: boolean;
  /** Quotes by which the fit is judged. */
  readonly counted: readonly CleanQuote[];
  /** Free fit of a good slice, and of one that has as many quotes, unless a fresh last good smile says more than they do. */
  readonly free: Float64Array | undefined;
  /** The factor common to the weights of its quotes. */
  readonly balance: number;
  /** The problem of the joint fit. */
  readonly data: QuoteSet;
  /** Where its search starts. */
  readonly start: Float64Array;
}

/**
 * Where no-arbitrage moves a slice off its free fit, a vol point of the move costs this share of a vol point of residual at the slice's
 * median half-spread, at every quote alike: by their weights alone a few tight quotes would bend it away from all others. Measured on
 * 210 recorded chains against the free fit in docs/decisions/0005.
 */
const HOLDING = 2;
/**
 * Where it is held to: so far on the way from the free fit to the mids. Fits are judged by distances that count all quotes alike, and a free fit's do not:
 * it leaves wide quotes to themselves. So even where no constraint binds a slice is not exactly its free fit. Measured with HOLDING.
 */
const TOWARDS_MIDS = 0.3;
/**
 * A factor common to a slice's weights, as a power of its median half-spread: at 1 a vol point off its typical quote costs the same in every
 * slice, at 0 a half-spread does. Measured with HOLDING.
 */
const BALANCE = 1.85;
/**
 * The largest such factor of a surface. It moves the slices of recorded chains by 0.002 vp at most. Of 360 generated chains of 6 to 8 quotes an expiry, 7 to 22 vp wide
 * each way and as far off, 41 end at the fallback without it and 18 with it.
 */
const LARGEST_BALANCE = 3;
/** How firmly a slice with few quotes holds to its prior, as 1 / deviation^2: level free, shape within a few tenths. */
const THIN = Float64Array.of(0.01, 100, 25, 25, 10);
/**
 * The same, of a slice that has as many quotes as a good one, but on one side of the money: a quarter as firmly, for what they say they say well.
 * Held like three quotes, slices of recorded chains from which a side is taken miss it by 0.98 to 1.6 times as much (median).
 */
const ONE_SIDED = THIN.map((value) => value / 4);
/**
 * Times as firmly as `THIN` a thin slice holds, beside that, to a last good smile that is new, and the part of the time left in which this fades to
 * 1/e. Recorded chains that lose a side within a minute (docs/FIT.md) are where both are from.
 */
const FRESH = 10;
const FRESH_AGE = 0.02;
/** How firmly a slice without quotes holds to the last surface's. */
const CARRIED = Float64Array.of(400, 400, 100, 100, 25);
/** A good slice leans only where its quotes say nothing. */
const GOOD = Float64Array.of(0, 0, 0.01, 0.01, 0.01);
/** In times to expiry left: a last good smile so old counts for 1/e of what a slice expects of its shape. */
const FADING = 0.5;
/**
 * The flattest smile to lean on: of recorded good slices 0.2 % are flatter than -2.27. A free fit without curvature says nothing about its wings, and a
 * neighbour held to it could not have any.
 */
const LEAST_LOG_CURVATURE = -2.5;
/** A slice outside the fit filter weighs less against its neighbours. */
const THIN_WEIGHT = 0.3;

/** The problems of all expiries that can be fitted, and the reason for each that cannot. */
export function prepare(expiries: readonly CleanExpiry[], last?: Surface): (Prepared | string)[] {
  const known = new Map(last?.slices.map((slice) => [slice.expiryAt, slice]));
  const first = expiries.map((expiry) => select(expiry, known.get(expiry.expiryAt)));
  // A suspicious slice is looked at once more, now that its neighbours are known.
  const settled = first.filter(
    (slice) => typeof slice !== "string" && slice.quality === "good",
  ) as Selected[];
  const second = first.map((slice, i) =>
    typeof slice !== "string" && slice.isSuspicious
      ? select(expiries[i]!, known.get(slice.expiry.expiryAt), neighbours(slice, settled))
      : slice,
  );
  const good = second.filter((slice) => typeof slice !== "string" && slice.quality === "good") as Selected[];
  return lowered(second.map((slice) => (typeof slice === "string" ? slice : problem(slice, good))));
}

/**
 * One factor for all slices leaves the best surface alone, and brings the costs of wide markets down to where the joint fit's
 * tolerances, and what it trades of cost for violation, are meant for.
 */
function lowered(prepared: (Prepared | string)[]): (Prepared | string)[] {
  const balances = prepared.map((item) => (typeof item === "string" ? 0 : item.balance));
  const factor = LARGEST_BALANCE / Math.max(...balances);
  if (factor >= 1) return prepared;
  return prepared.map((item) =>
    typeof item === "string"
      ? item
      : { ...item, balance: item.balance * factor, data: weighed(item.data, factor) },
  );
}

/** The problem whose cost is the square of `factor` times as large. */
function weighed(data: QuoteSet, factor: number): QuoteSet {
  const { centre, stiffness } = data.prior!;
  return {
    ...data,
    weight: data.weight.map((value) => value * factor),
    prior: { centre, stiffness: stiffness.map((value) => value * factor * factor) },
  };
}

/** The median shape of the five good slices nearest in ln tau, and the median of their at-the-money vols. */
function neighbours(slice: Selected, good: readonly Selected[]): Expectation | undefined {
  const distance = (other: Selected) => Math.abs(Math.log(other.expiry.tau / slice.expiry.tau));
  const nearest = good
    .filter((other) => other !== slice)
    .sort((left, right) => distance(left) - distance(right))
    .slice(0, 5);
  if (nearest.length < 3) return undefined;
  const shapes = nearest.map((other) => tamed(other.free!));
  const shape = Float64Array.from({ length: SIZE }, (_, a) => upperMedian(shapes.map((x) => x[a]!)));
  shape[THETA] = 1;
  return { shape, vol: upperMedian(nearest.map((other) => other.data.scale / Math.sqrt(other.expiry.tau))) };
}

function problem(slice: Selected, good: readonly Selected[]): Prepared {
  const { expiry, quality, lastGood, used, outliers, isWaiting, counted, free } = slice;
  const centre = expectedShape(slice, good);
  const prior: Prior = { centre, stiffness: stiffnessOf(slice) };
  const spread = typicalHalfSpread(used);
  const isGood = quality === "good";
  const held = isGood ? heldTo(smileOf(free!), slice.data, HOLDING / spread, TOWARDS_MIDS) : slice.data;
  const own = isGood ? free! : fitFree({ ...slice.data, prior }, Float64Array.from(centre)).x;
  // A factor common to a slice's weights leaves its own best fit alone. This one keeps wide slices from paying for tight ones, and all from
  // paying for one whose quotes contradict each other: what no smile of its own can meet, its neighbours need not try to.
  const misfit = Math.sqrt((2 * costOf(slice.data, own)) / Math.max(used.length, 1));
  const balance = ((isGood ? 1 : THIN_WEIGHT) * 2 * spread ** BALANCE) / Math.max(1, misfit);
  // Quotes that count little against the neighbours must not count less against what a thin slice leans on.
  const hold = quality === "thin" ? Math.min(1, balance * balance) : 1;
  const data = {
    ...held,
    weight: held.weight.map((weight) => weight * balance),
    prior: { centre, stiffness: prior.stiffness.map((value) => value * hold) },
  };
  const start = tamed(own);
  return { expiry, quality, lastGood, used, outliers, isWaiting, counted, free, balance, data, start };
}

function stiffnessOf({ quality, used, last, staleness }: Selected): Float64Array {
  if (quality === "good") return GOOD;
  if (quality === "carried over") return CARRIED;
  const own = used.length < FIT_FILTER.quotes ? THIN : ONE_SIDED;
  if (last === undefined) return own;
  const fresh = FRESH * Math.exp(-staleness / FRESH_AGE);
  return own.map((value, a) => value + fresh * THIN[a]!);
}

/**
 * What a slice holds to where its quotes say nothing: the shape of its last good smile, which gives way to the neighbours' of today as it ages.
 * Without a quote of its own there is only the last surface's.
 */
function expectedShape(
  { expiry, quality, last, staleness }: Selected,
  good: readonly Selected[],
): Float64Array {
  if (last === undefined) return neighbourShape(expiry.tau, good);
  if (quality === "carried over" || good.length === 0) return last;
  const kept = Math.exp(-staleness / FADING);
  const now = neighbourShape(expiry.tau, good);
  return last.map((value, a) => now[a]! + kept * (value - now[a]!));
}

/** A free fit that has run into a kink or a cliff says nothing about the wings: a rounder start is nearer to any answer. */
function tamed(x: Float64Array): Float64Array {
  const out = Float64Array.from(x);
  if (Math.abs(x[ASYMMETRY]!) > 1.2) {
    out[ASYMMETRY] = 0.6 * Math.sign(x[ASYMMETRY]!);
    out[LOG_SIGMA] = Math.max(x[LOG_SIGMA]!, 0);
  }
  out[THETA] = Math.max(x[THETA]!, 0.25);
  out[LOG_CURVATURE] = Math.min(x[LOG_CURVATURE]!, 0);
  return out;
}

/** Shape coordinates between those of the good slices nearest in ln tau, at level 1. */
function neighbourShape(tau: number, good: readonly Selected[]): Float64Array {
  const before = good.findLast((slice) => slice.expiry.tau <= tau) ?? good[0];
  const after = good.find((slice) => slice.expiry.tau >= tau) ?? good.at(-1);
  if (before === undefined || after === undefined) return Float64Array.from(TYPICAL);
  const span = Math.log(after.expiry.tau / before.expiry.tau);
  const share = span > 0 ? Math.log(tau / before.expiry.tau) / span : 0;
  const [left, right] = [before, after].map(({ free }) => {
    const shape = tamed(free!);
    shape[LOG_CURVATURE] = Math.max(shape[LOG_CURVATURE]!, LEAST_LOG_CURVATURE);
    return shape;
  }) as [Float64Array, Float64Array];
  const x = left.map((value, a) => value + Math.min(1, Math.max(0, share)) * (right[a]! - value));
  x[THETA] = 1;
  return x;
}
