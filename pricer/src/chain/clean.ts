/**
 * From the rows of a source to the quotes that a smile may be fitted to. Nothing is lost silently: every row is kept as one quote or
 * counted once, under the first reason that applies, in its expiry or, where that is not to be priced, in the chain.
 *
 * Wide quotes stay: the fitter weighs them by their width. In-the-money rows serve the forward (put-call parity) and are then left
 * out: their price is mostly intrinsic, and their quotes are wider than the other side's.
 */

import { tauAt } from "@meniscus/sdk/clock";
import { impliedSd } from "../impliedVol/impliedVol.ts";
import { lowerMedian } from "../median.ts";
import {
  type Chain,
  ChainError,
  type CleanChain,
  type CleanExpiry,
  type CleanQuote,
  type Dropped,
  describeDrops,
  drop,
  isPriceable,
  type RawQuote,
  VOL_OUT_OF_RANGE,
} from "./chain.ts";
import { expiriesToCome, type ListedExpiry, medianPrice } from "./expiries.ts";
import { AGREED_TOLERANCE, type CarryCurve, fitCarryCurve, isPlausibleCarry } from "./forward.ts";
import { nearest } from "./nearest.ts";
import type { ParityForward } from "./parity.ts";
import { assertCoinPrices, unitOfMarks } from "./units.ts";

/**
 * A row priced on a forward farther than this from its expiry's median is no row of this snapshot. Recorded chains: 99 % of the rows lie
 * within 0.023 %, all, the crash included, within 0.39 %; inside that range the median gives smoother smiles than each row's own.
 */
const FORWARD_TOLERANCE = 0.01;

/**
 * A forward farther than this from the curve through the other expiries is a mistake (recorded chains: at most 0.49 %): what the venue and parity
 * agree on may be `AGREED_TOLERANCE` from it, for a market may know of a day that no smooth carry does; what parity is sure of farther yet.
 */
const ALONE_TOLERANCE = 0.01;

/**
 * The venue's forward and parity's contradict each other where they are farther apart than `least` and than this share of what the bids
 * and asks of a typical strike leave open. Recorded chains: where they are more than 12 bp apart, up to 29, the share is at most 0.41. On a forward 50 bp off
 * the smile of an expiry of hours is off by a tenth.
 */
const PARITY_APART = { least: 15e-4, share: 0.5 } as const;

/** Snapshots lie between these years, so that every expiry to come has a symbol and fits the contracts' times. */
const SNAPSHOT_YEARS = { first: 2000, last: 2093 } as const;

/** A spot farther than this factor from all listed strikes is none: venues list strikes about the money. */
const BEYOND_STRIKES = 2;

/**
 * Throws `ChainError` when the snapshot's time is none, prices are not in the coin or have other vols than the marks, or no spot can be
 * told: no expiry to come has a forward, and no row an index, or it is far from all strikes.
 */
export function cleanChain(chain: Chain): CleanChain {
  const { source, currency, snapshotAt } = chain;
  assertSnapshot(chain);
  const dropped: Dropped = { ...chain.unread };
  const listed = expiriesToCome(chain.quotes, snapshotAt, dropped);
  if (listed.length === 0)
    throw new ChainError(
      `${source}: no option is left to price (${describeDrops([dropped]) || "it has no rows"}).`,
    );
  assertCoinPrices(source, listed);
  const index = medianPrice(listed.flatMap(({ rows }) => rows.map((row) => row.index)));
  const points = listed.flatMap((expiry) => {
    const forward = likelyForward(expiry, index);
    return forward === null ? [] : [{ years: expiry.years, forward }];
  });
  const carry = fitCarryCurve(points, index);
  if (carry === null) {
    const drops = describeDrops([dropped, ...listed.map((expiry) => expiry.dropped)]);
    throw new ChainError(
      `${source}: no forward can be told for any expiry${drops && ` (${drops})`}; give forwards, an index, or quotes of calls and puts.`,
    );
  }
  assertListed(source, carry.spot, listed);
  const cleaned = (all: readonly ListedExpiry[]) =>
    all.map((expiry) => cleanExpiry(expiry, snapshotAt, carry));
  const asMarked = cleaned(listed);
  const { factor, notes } = unitOfMarks(source, listed, asMarked);
  const expiries = factor === 1 ? asMarked : cleaned(listed.map((expiry) => remarked(expiry, factor)));
  return { source, currency, snapshotAt, spot: carry.spot, expiries, dropped, notes };
}

/** The expiry with its marks in another unit; without them for 0. */
function remarked(expiry: ListedExpiry, factor: number): ListedExpiry {
  const rows = expiry.rows.map(({ markVol, ...row }) => ({
    ...row,
    markVol: markVol === null || factor === 0 ? null : markVol * factor,
  }));
  return { ...expiry, rows };
}

function assertSnapshot({ source, snapshotAt }: Chain): void {
  const { first, last } = SNAPSHOT_YEARS;
  const year = new Date(snapshotAt * 1000).getUTCFullYear();
  if (!(year >= first && year <= last))
    throw new ChainError(
      `${source}: its time is not within the years ${first} to ${last}; times of rows are in milliseconds.`,
    );
}

function assertListed(source: string, spot: number, listed: readonly ListedExpiry[]): void {
  const strikes = listed.flatMap(({ rows }) => rows.map(({ strike }) => strike));
  const least = strikes.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  const largest = strikes.reduce((one, other) => Math.max(one, other), 0);
  if (strikes.length > 0 && !(spot >= least / BEYOND_STRIKES && spot <= largest * BEYOND_STRIKES))
    throw new ChainError(
      `${source}: its spot of ${Number(spot.toPrecision(6))} is far from all strikes (${least} to ${largest}); look at its forwards and index, and whether its prices are in the coin.`,
    );
}

function cleanExpiry(expiry: ListedExpiry, snapshotAt: number, carry: CarryCurve): CleanExpiry {
  const { expiryAt, rows, years, venue } = expiry;
  const { forward, forwardFrom } = chooseForward(expiry, carry);
  const tau = tauAt(expiryAt, snapshotAt);
  const dropped: Dropped = { ...expiry.dropped };
  const quotes: CleanQuote[] = [];
  for (const row of rows) {
    const quote = cleanQuote(row, forward, venue, tau);
    if (typeof quote === "string") drop(dropped, quote);
    else quotes.push(quote);
  }
  quotes.sort((left, right) => left.strike - right.strike);
  return {
    expiryAt,
    tau,
    forward,
    forwardFrom,
    basis: Math.log(forward / carry.spot),
    atmSd: atmSd(rows, quotes, forward, tau, years),
    quotes,
    dropped,
  };
}

/** Of two forwards that contradict each other one whose carry a year is beyond this is the less likely (recorded chains: at most 0.17). */
const LIKELY_CARRY = 0.25;

function apart(forward: number, other: number): number {
  return Math.abs(Math.log(forward / other));
}

function contradicts(venue: number, { forward, width }: ParityForward): boolean {
  return apart(venue, forward) > Math.max(PARITY_APART.least, PARITY_APART.share * width);
}

/**
 * What one expiry says of its forward, before the others are asked: the venue's own, else put-call parity's. Where the two contradict
 * each other it is parity's, which quotes stand behind, unless of the two only the venue's is within likely carry from the spot.
 */
function likelyForward({ years, venue, parity }: ListedExpiry, spot: number | null): number | null {
  if (venue === null || parity === null) return venue ?? parity?.forward ?? null;
  if (!contradicts(venue, parity)) return venue;
  const isNear = (forward: number) =>
    spot === null || isPlausibleCarry(Math.log(forward / spot), years, { yearly: LIKELY_CARRY });
  return isNear(venue) && !isNear(parity.forward) ? venue : parity.forward;
}

/**
 * Parity is sure of itself where so many strikes say it, and what they leave open, and how far they are apart, is at most this share of its
 * distance from the curve: then the curve, which is smooth, is what misses a step between two expiries. Recorded chains
 * without their forwards: 95 % of the expiries have five strikes or more, a width of at most 61 bp (median 19) and a scatter of at most 5
 * (median 2). Where one side is dear as a whole, by a fifth of its prices, nothing here tells that from a step.
 */
const SURE = { strikes: 5, share: 0.25 } as const;

function isSure({ forward, width, scatter, strikes }: ParityForward, curve: number): boolean {
  return strikes >= SURE.strikes && Math.max(width, scatter) <= SURE.share * apart(forward, curve);
}

/**
 * The venue's own, else put-call parity's; what is proved wrong is replaced by the next, in the end by the curve. The judge is the curve
 * where so many expiries agree that it can be; else the expiry's other forward and the spot, from which carry leads only so far. Against
 * a parity that is sure of itself the curve proves nothing, and the spot alone is the judge.
 */
function chooseForward(
  expiry: ListedExpiry,
  carry: CarryCurve,
): Pick<CleanExpiry, "forward" | "forwardFrom"> {
  const { years, venue, parity } = expiry;
  const curve = carry.forwardAt(years);
  const told = [venue, parity?.forward ?? null].filter((forward) => forward !== null);
  const areAgreed = venue !== null && parity !== null && !contradicts(venue, parity);
  if (carry.canOutvote && !areAgreed) told.sort((one, other) => apart(one, curve) - apart(other, curve));
  const likely = likelyForward(expiry, carry.spot);
  const isParitySure = parity !== null && isSure(parity, curve);
  const forward = told.find((each) => {
    const isBacked = isParitySure && (areAgreed || each === parity.forward);
    const allowance = areAgreed || isBacked ? { atOnce: AGREED_TOLERANCE } : {};
    const isCarry = isPlausibleCarry(Math.log(each / carry.spot), years, allowance);
    if (!carry.canOutvote) return each === likely && isCarry;
    return apart(each, curve) <= (areAgreed ? AGREED_TOLERANCE : ALONE_TOLERANCE) || (isBacked && isCarry);
  });
  if (forward === undefined) return { forward: curve, forwardFrom: "curve" };
  return { forward, forwardFrom: forward === venue ? "venue" : "parity" };
}

/** The quote, or the reason why it is none; `venue` is the median of the forwards that the rows of its expiry name, null without a price. */
function cleanQuote(row: RawQuote, forward: number, venue: number | null, tau: number): CleanQuote | string {
  const { strike, type } = row;
  const refusal = refusalOfPrices(row, forward, venue);
  if (refusal !== null) return refusal;
  const bid = row.bid!;
  const ask = row.ask!;
  const k = Math.log(strike / forward);
  const bidSd = impliedSd(bid, k, type);
  const askSd = impliedSd(ask, k, type);
  if (typeof bidSd === "string") return `bid vol: ${bidSd}`;
  if (typeof askSd === "string") return `ask vol: ${askSd}`;
  const bidVol = bidSd / Math.sqrt(tau);
  const askVol = askSd / Math.sqrt(tau);
  const quote = { strike, type, k, bid, ask, bidVol, askVol, midVol: (bidVol + askVol) / 2 };
  return isPriceable(quote) ? quote : VOL_OUT_OF_RANGE;
}

function refusalOfPrices(row: RawQuote, forward: number, venue: number | null): string | null {
  const prices = [row.bid, row.ask].filter((price) => price !== null);
  if (prices.some((price) => !Number.isFinite(price))) return "price not a number";
  if (prices.some((price) => price < 0)) return "negative price";
  if (prices.some((price) => price === 0)) return "zero price";
  // Without a price among them the forwards of an expiry say nothing, and no row differs.
  const isOfExpiry =
    row.forward === null || venue === null || Math.abs(row.forward / venue - 1) <= FORWARD_TOLERANCE;
  if (!isOfExpiry) return "forward differs";
  if (row.type === "C" ? row.strike < forward : row.strike >= forward) return "in the money";
  if (row.bid === null) return row.ask === null ? "no quote" : "no bid";
  if (row.ask === null) return "no ask";
  return row.bid > row.ask ? "crossed" : null;
}

/**
 * A venue's mark at the money farther than this factor from its neighbours' is a mistake. Recorded chains: at most 2.06, where a smile of the
 * last hours is sharper than its strikes are near.
 */
const MARKS_APART = 3;

/**
 * The venue's mark vol at the forward, on the venue's own clock, as a standard deviation: the median of the three marks nearest to it, so
 * that one wrong mark does not decide what counts; that of the five nearest, where call and put of the nearest strike are both wrong. Without
 * marks that of the nearest quote.
 */
function atmSd(
  rows: readonly RawQuote[],
  quotes: readonly CleanQuote[],
  forward: number,
  tau: number,
  years: number,
) {
  const marked = rows.filter(
    ({ markVol }) => markVol !== null && markVol > 0 && markVol < Number.POSITIVE_INFINITY,
  );
  if (marked.length > 0) {
    const markOf = (count: number) =>
      lowerMedian(nearest(marked, forward, count).map(({ markVol }) => markVol!));
    const [mark, around] = [markOf(3), markOf(5)];
    const isApart = Math.abs(Math.log(mark / around)) > Math.log(MARKS_APART);
    return (isApart ? around : mark) * Math.sqrt(years);
  }
  const [quote] = nearest(quotes, forward, 1);
  return quote === undefined ? Number.NaN : quote.midVol * Math.sqrt(tau);
}
