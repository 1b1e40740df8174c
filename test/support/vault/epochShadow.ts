/**
 * Both tranches beside the contracts: the arithmetic of an epoch's end written anew from the formulas of docs/decisions/0008, in exact
 * fractions of bigints, rounded only where the page says so.
 */
import type { Side } from "./market.ts";

const WAD = 10n ** 18n;
const YEAR = 365n * 86_400n;
const VIRTUAL = 1000n;

/** What a mark tells of the book, WAD. */
export interface Marked {
  reportAt: bigint;
  spot: bigint;
  equity: bigint;
  rentBase: bigint;
  rentQuote: bigint;
  grossVega: bigint;
  grossAmount: bigint;
  delta: bigint;
  potential: bigint;
}

/** One tranche before the epoch's end: claim, free and used in WAD, the rest in the tokens' units. */
export interface Desk {
  claim: bigint;
  supply: bigint;
  depositAssets: bigint;
  redeemShares: bigint;
  high: bigint;
  free: bigint;
  used: bigint;
  scale: bigint;
}

export interface Terms {
  unwindVolBps: bigint;
  unwindNotionalBps: bigint;
  hedgeBps: bigint;
  managementBps: bigint;
  performanceBps: bigint;
}

export interface Outcome {
  claim: bigint;
  rent: bigint;
  feeShares: bigint;
  entry: bigint;
  exit: bigint;
  mid: bigint;
  minted: bigint;
  deposited: bigint;
  redeemed: bigint;
  paid: bigint;
  idle: bigint;
  high: bigint;
  depositsOpen: boolean;
}

const up = (over: bigint, under: bigint): bigint => (over + under - 1n) / under;
const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
const most = (one: bigint, other: bigint): bigint => (one > other ? one : other);
const orNothing = (value: bigint): bigint => most(value, 0n);
const abs = (value: bigint): bigint => (value < 0n ? -value : value);

/** Both tranches after an epoch's end. */
export function closeShadow(
  mark: Marked,
  desks: Record<Side, Desk>,
  terms: Terms,
  elapsed: bigint,
  isRunning = true,
): Record<Side, Outcome> {
  const value = (base: bigint, quote: bigint) => (base * mark.spot) / WAD + quote;
  const owed = up(desks.base.claim * mark.spot, WAD) + desks.quote.claim;
  const grown = (claim: bigint) => (owed === 0n ? claim : (claim * mark.equity) / owed);
  const rents = { base: (mark.rentBase * WAD) / mark.spot, quote: mark.rentQuote };
  const claims = {
    base: grown(desks.base.claim) + rents.base,
    quote: grown(desks.quote.claim) + rents.quote,
  };
  const worth = value(claims.base, claims.quote);
  const hedged = mark.grossAmount * terms.unwindNotionalBps + abs(mark.delta) * terms.hedgeBps;
  const cost = up(mark.grossVega * terms.unwindVolBps, 10_000n) + up(mark.spot * hedged, 10_000n * WAD);
  const exitWorth = orNothing(worth - cost - mark.potential);

  const settle = (side: Side): Outcome => {
    const desk = desks[side];
    const claim = claims[side];
    const feeShares = feeSharesOf(desk, claim, terms, elapsed);
    const shares = desk.supply + VIRTUAL + feeShares;
    const entry = worth === 0n ? 0n : up(claim * (worth + cost), worth);
    const exit = worth === 0n ? 0n : (claim * exitWorth) / worth;
    const minted = isRunning && entry > 0n ? (desk.depositAssets * desk.scale * shares) / entry : 0n;
    const deposited = minted > 0n ? desk.depositAssets : 0n;
    const room = least(desk.free, orNothing(claim - desk.used)) / desk.scale + deposited;
    const payOf = (leaving: bigint) => (leaving * exit) / shares / desk.scale;
    const wanted = payOf(desk.redeemShares);
    let redeemed = wanted > room ? (desk.redeemShares * room) / wanted : desk.redeemShares;
    const paid = payOf(redeemed);
    if (paid === 0n) redeemed = 0n;
    const after = claim + (deposited - paid) * desk.scale;
    const mid = (claim * WAD) / (shares * desk.scale);
    return {
      claim: after,
      rent: rents[side],
      feeShares,
      entry: up(entry * WAD, shares * desk.scale),
      mid,
      exit: (exit * WAD) / (shares * desk.scale),
      minted,
      deposited,
      redeemed,
      paid,
      idle: orNothing(after - desk.used),
      high: most(desk.high, mid),
      depositsOpen: false,
    };
  };
  const both = { base: settle("base"), quote: settle("quote") };
  const isOpen = (own: Outcome, other: Outcome) =>
    isRunning && own.entry > 0n && (own.idle * 3n <= own.claim * 2n || other.idle * 5n >= other.claim);
  both.base.depositsOpen = isOpen(both.base, both.quote);
  both.quote.depositsOpen = isOpen(both.quote, both.base);
  return both;
}

/** Shares for both fees: management for the time, performance on the rise over the high. */
function feeSharesOf(desk: Desk, claim: bigint, terms: Terms, elapsed: bigint): bigint {
  const share = ((terms.managementBps * WAD) / 10_000n) * least(elapsed, YEAR);
  const before = desk.supply + VIRTUAL;
  const management = (before * (share / YEAR)) / (WAD - share / YEAR);
  const all = before + management;
  const gained = orNothing(claim - up(desk.high * all * desk.scale, WAD));
  const taken = (gained * terms.performanceBps) / 10_000n;
  return management + (taken === 0n ? 0n : (all * taken) / (claim - taken));
}
