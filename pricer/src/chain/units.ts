/**
 * The units in which a chain's prices and marks are: prices count in the coin, mark vols as 1 = 100 %. Calls and puts of one strike tell the
 * unit of prices by themselves; quotes and marks at the money tell it of each other.
 */
import { lowerMedian } from "../median.ts";
import { ChainError, type CleanExpiry } from "./chain.ts";
import type { ListedExpiry } from "./expiries.ts";
import { nearest } from "./nearest.ts";

/** What calls and puts say of the unit of prices misses 1 by no more, as a logarithm. Recorded chains: at most 0.011. */
const UNIT_TOLERANCE = 0.1;
/** From fewer nothing is concluded. */
const FEWEST_ANSWERS = 3;
/** Quotes at the money of each expiry whose marks are compared with their mids. */
const COMPARED = 5;
/**
 * A mark is in a unit where it is within this factor of its mid. Of the 214 recorded chains with marks the worst has 80 % of its so near, by a
 * factor of 1.25; of one whose prices are half of what they should be 3 % are.
 */
const NEAR = 1.25;
/** More than so many agree. */
const MAJORITY = 0.5;
/** Marks in percent, as Deribit's interface names them, and in hundredths. */
const UNITS_OF_MARKS = [100, 0.01] as const;

/** Prices in a currency would pass for coin prices wherever they are below 1, and give vols that are off by any factor. */
export function assertCoinPrices(source: string, listed: readonly ListedExpiry[]): void {
  const answers = listed.flatMap(({ coinPrices }) => coinPrices);
  const unit = lowerMedian(answers);
  const isOne = Math.abs(Math.log(unit)) <= UNIT_TOLERANCE;
  if (answers.length >= FEWEST_ANSWERS && !isOne)
    throw new ChainError(
      `${source}: by its calls and puts one coin costs ${Number(unit.toPrecision(3))} in the unit of its prices, so they do not look like coin prices; give prices in the coin (V/S).`,
    );
}

/** What marks are to be multiplied by, 0 for a chain that is to do without them, and what there is to say of it. */
interface MarkUnit {
  readonly factor: number;
  readonly notes: readonly string[];
}

/**
 * Whether marks and quotes at the money are vols of one market. Where most are, in one unit, that is the unit of the marks. Where they are
 * not, one of both is wrong: the marks, if calls and puts vouch for the prices.
 *
 * @throws ChainError where nothing does.
 */
export function unitOfMarks(
  source: string,
  listed: readonly ListedExpiry[],
  expiries: readonly CleanExpiry[],
): MarkUnit {
  const isVouched = listed.flatMap(({ coinPrices }) => coinPrices).length >= FEWEST_ANSWERS;
  const ratios = expiries.flatMap((expiry, i) => ratiosOf(listed[i]!, expiry));
  if (ratios.length < FEWEST_ANSWERS)
    return {
      factor: 1,
      notes: isVouched
        ? []
        : ["unit of prices not verified: no strike has call and put, and no quote a mark"],
    };
  const areMostly = (unit: number) =>
    ratios.filter((ratio) => Math.abs(Math.log(ratio / unit)) <= Math.log(NEAR)).length >
    MAJORITY * ratios.length;
  if (areMostly(1)) return { factor: 1, notes: [] };
  const unit = UNITS_OF_MARKS.find(areMostly);
  if (unit !== undefined)
    return { factor: 1 / unit, notes: [`mark_iv taken for 1 = ${100 / unit} %, by the quotes at the money`] };
  if (isVouched)
    return { factor: 0, notes: ["mark_iv left out: it is not the vol of the quotes at the money"] };
  throw new ChainError(
    `${source}: its quotes at the money have other vols than its marks, and no strike has call and put to tell which are wrong; give prices in the coin (V/S) and mark_iv as 1 = 100 %, or no mark_iv.`,
  );
}

/** Marks over mids, as standard deviations, of the quotes nearest the money. */
function ratiosOf({ rows, years }: ListedExpiry, { quotes, forward, tau }: CleanExpiry): number[] {
  return nearest(quotes, forward, COMPARED).flatMap((quote) => {
    const mark = rows.find(({ strike, type }) => strike === quote.strike && type === quote.type)!.markVol;
    if (mark === null || !(mark > 0 && mark < Number.POSITIVE_INFINITY)) return [];
    return [(mark * Math.sqrt(years)) / (quote.midVol * Math.sqrt(tau))];
  });
}
