/** Spread, fee and rent of decision 0007, in reals. */
import { reportAt } from "@meniscus/sdk/slice";
import { absolute, divide, fromRatio, multiply, ONE, sqrt } from "../../../scripts/coefficients/real.ts";
import { fromWad } from "../reference.ts";
import { levelOf, tauSeconds, YEAR } from "./referenceOption.ts";
import { type PricedReferenceLeg, type ReferenceTrade, rootWeight, sumOf } from "./referenceTrade.ts";

const larger = (x: bigint, y: bigint): bigint => (x > y ? x : y);
const smaller = (x: bigint, y: bigint): bigint => (x < y ? x : y);
const years = (from: number, to: number): bigint => fromRatio(larger(0n, BigInt(to - from)), YEAR);

export function chargesOf(
  legs: readonly PricedReferenceLeg[],
  trade: ReferenceTrade,
): { spread: bigint; fee: bigint } {
  return { spread: vegaSpread(legs, trade) + deltaSpread(legs, trade), fee: fee(legs, trade) };
}

function vegaSpread(legs: readonly PricedReferenceLeg[], trade: ReferenceTrade): bigint {
  const { ageSds, volOfVol, displacement } = trade.parameters.charges;
  let [atRisk, volAtRisk] = [0n, 0n];
  for (const expiryAt of new Set(legs.map(({ leg }) => leg.expiryAt))) {
    const own = legs.filter(({ leg }) => leg.expiryAt === expiryAt);
    const vega = absolute(sumOf(own, (option) => option.vega));
    const skew = absolute(sumOf(own, (option) => option.vegaSkew));
    const here = multiply(rootWeight(own[0]!.option.tau, 28n, 550n), vega + (35n * skew) / 100n);
    // sqrt(c w(0) / tau) is the root of w(0) over the time that was left at the report.
    const word = trade.words.get(expiryAt)!;
    const left = fromRatio(tauSeconds(expiryAt, reportAt(word)), YEAR);
    atRisk += here;
    volAtRisk += multiply(sqrt(divide(levelOf(word), left)), here);
  }
  const reported = fromWad(trade.reportSpot);
  const moved = [trade.spots.low, trade.spots.high]
    .map((spot) => absolute(divide(fromWad(spot), reported) - ONE))
    .reduce(larger);
  const rootAge = sqrt(years(trade.reportAt, trade.now));
  const ofAge = multiply(multiply(fromWad(ageSds), fromWad(volOfVol)), multiply(rootAge, volAtRisk));
  return ofAge + multiply(multiply(fromWad(displacement), moved), atRisk);
}

function deltaSpread(legs: readonly PricedReferenceLeg[], trade: ReferenceTrade): bigint {
  const { spots, now, book, parameters } = trade;
  const second = now % 86_400;
  const isBusy = second >= 13 * 3600 && second < 18 * 3600;
  const vol = isBusy ? (3n * fromWad(book.shortestVol)) / 2n : fromWad(book.shortestVol);
  const rootAge = sqrt(years(spots.hasSigned ? trade.reportAt : spots.observedAt, now));
  const unseen =
    (spots.hasSigned ? 0n : fromWad(spots.deviation)) +
    multiply(fromWad(parameters.charges.ageSds), multiply(vol, rootAge));
  const moved = multiply(absolute(sumOf(legs, ({ delta }) => delta)), fromWad(spots.high));
  const curved = multiply(absolute(sumOf(legs, ({ convexity }) => convexity)), unseen) / 2n;
  return multiply(moved + curved, unseen);
}

function fee(legs: readonly PricedReferenceLeg[], { spots, parameters }: ReferenceTrade): bigint {
  const { feeVol, feeNotional, feeOfValue } = parameters.charges;
  return legs.reduce((sum, { amount, option }) => {
    const full = larger(
      multiply(fromWad(feeVol), option.vega),
      multiply(fromWad(feeNotional), fromWad(spots.low)),
    );
    const each = amount < 0n ? smaller(full, multiply(fromWad(feeOfValue), option.value)) : full;
    return sum + multiply(absolute(amount), each);
  }, 0n);
}

/** Rent of t times the trade, to each tranche, at the uses that the book holds since its refresh. */
export function rentOf(
  legs: readonly PricedReferenceLeg[],
  t: bigint,
  trade: ReferenceTrade,
): { base: bigint; quote: bigint } {
  const { book, spots } = trade;
  const baseRate = rate(fromWad(book.baseUse), trade);
  const quoteRate = rate(fromWad(book.quoteUse), trade);
  let [base, quote] = [0n, 0n];
  for (const { leg, amount, option } of legs) {
    const before = fromWad(leg.position);
    const after = before - multiply(t, amount);
    const [baseAdded, quoteAdded] = [false, true].map((inQuote) => {
      const [was, is] = [cover(before, leg.isPut === inQuote), cover(after, leg.isPut === inQuote)];
      return larger(0n, is - was);
    }) as [bigint, bigint];
    base += multiply(multiply(option.tau, fromWad(spots.high)), multiply(baseAdded, baseRate));
    quote += multiply(multiply(option.tau, fromWad(leg.strike)), multiply(quoteAdded, quoteRate));
  }
  return { base, quote };
}

/** What a position adds to a plain sum, per unit of its asset: written always, held only in the series' own asset. */
const cover = (position: bigint, isOwnAsset: boolean): bigint =>
  position < 0n ? -position : isOwnAsset ? position : 0n;

function rate(used: bigint, { parameters }: ReferenceTrade): bigint {
  const [below, atKink, full] = [
    parameters.charges.rentBelow,
    parameters.charges.rentAtKink,
    parameters.charges.rentFull,
  ].map(fromWad) as [bigint, bigint, bigint];
  const kink = fromRatio(4n, 5n);
  if (used <= kink) return below + multiply(atKink - below, divide(used, kink));
  return atKink + multiply(full - atKink, divide(used - kink, ONE - kink));
}
