/** Who trades: uninformed buyers, covered writers who sell what they wrote, and one who knows the newest vols and spot. */
import type { Random } from "@meniscus/pricer/source/simulatedMarket";
import type { Slices } from "@meniscus/sdk/pool/book";
import { priceOption } from "@meniscus/sdk/pool/exposure";
import { seriesId } from "@meniscus/sdk/series";
import { fromWad, toWad } from "@meniscus/sdk/wad";
import { formatUnits } from "ethers";
import { eventsOf, FOR_EVER } from "../../localMarket/contract.ts";
import type { Who } from "../../localMarket/session.ts";
import { refusalOf } from "../../localMarket/stages/poolStage.ts";
import { isRevert, type Playing, refreshBook } from "./keepers.ts";

/** Quote of notional of one order. */
export const TICKET = 15_000;
/** Orders of the uninformed a step. */
export const ORDERS = 2;
/** Strikes in percent of spot. */
export const STRIKES = [85, 90, 95, 100, 105, 110, 115];
/** The uninformed pay no more over the value than this, vol, nor a seller takes less. */
export const RESERVATION = 0.06;
/** The informed trade so many tickets a step, while one pays. */
export const INFORMED_ORDERS = 3;
const SIZE_DIGITS = 2;

export interface Option {
  expiryAt: number;
  strike: number;
  isPut: boolean;
}

export interface Truth {
  spot: number;
  slices: Slices;
}

export interface Trade extends Option {
  by: "uninformed" | "writer" | "informed";
  /** Positive: bought from the vault. */
  amount: number;
  notional: number;
  cost: number;
  /** Fee, spread, rent and impact. */
  charges: number;
  /** What it brings the vault at the true value. */
  edge: number;
}

/** Of `IOptionPool.quote`, what is read here. */
interface Quoted {
  refusal: bigint;
  limit: bigint;
  cost: bigint;
}

/** Trades, or the reason why there was none. */
export type Placed = Trade | string;

/** Of strikes: the largest 1 or 2 times a power of ten that is at most a twentieth of spot, which is on the grid at any level near. */
export function strikeStepFor(spot: number): number {
  const power = 10 ** Math.floor(Math.log10(spot / 20));
  return spot / 20 >= 2 * power ? 2 * power : power;
}

/** Whatever happened before, a step takes the same draws. */
export function drawOptions(
  random: Random,
  expiries: readonly number[],
  spot: number,
  step: number,
): Option[] {
  return Array.from({ length: ORDERS }, () => {
    const [one, other, coin] = [random.uniform(0, 1), random.uniform(0, 1), random.uniform(0, 1)];
    const percent = STRIKES[Math.floor(other * STRIKES.length)]!;
    const expiryAt = expiries[Math.floor(one * expiries.length)]!;
    const strike = Math.round((spot * percent) / 100 / step) * step;
    return { expiryAt, strike, isPut: percent < 100 || (percent === 100 && coin < 0.5) };
  });
}

const sizeFor = (spot: number) => Number((TICKET / spot).toFixed(SIZE_DIGITS));

export const valueAt = (option: Option, { spot, slices }: Truth, now: number) =>
  priceOption(option, slices.get(option.expiryAt)!, spot, now, 1);

/** Who takes the order, at most at the reservation; a writer writes what he sells. */
export async function placeUninformed(
  playing: Playing,
  option: Option,
  side: 1 | -1,
  truth: Truth,
): Promise<Placed> {
  const amount = side * sizeFor(truth.spot);
  const asked = await ask(playing, option, amount);
  if (typeof asked === "string") return asked;
  const { value, vega } = valueAt(option, truth, timeOfTrade(playing, amount));
  if (quotesOf(playing, asked) - amount * value > RESERVATION * vega * Math.abs(amount)) return "TooDear";
  return trade(playing, side > 0 ? "uninformed" : "writer", option, amount, asked, truth);
}

/** The informed look where value and report differ most, and take it while it pays. */
export async function placeInformed(
  playing: Playing,
  options: readonly Option[],
  reported: Truth,
  truth: Truth,
): Promise<Trade[]> {
  const done: Trade[] = [];
  const now = playing.clock.next();
  const gapOf = (option: Option) => {
    const { value, vega } = valueAt(option, truth, now);
    return (value - valueAt(option, reported, now).value) / vega;
  };
  const [best] = [...options].sort((one, other) => Math.abs(gapOf(other)) - Math.abs(gapOf(one)));
  if (best === undefined) return done;
  const amount = Math.sign(gapOf(best)) * sizeFor(truth.spot);
  if (amount === 0) return done;
  while (done.length < INFORMED_ORDERS) {
    const asked = await ask(playing, best, amount);
    if (typeof asked === "string") break;
    const { value } = valueAt(best, truth, timeOfTrade(playing, amount));
    if (quotesOf(playing, asked) >= amount * value) break;
    const traded = await trade(playing, "informed", best, amount, asked, truth);
    if (typeof traded === "string") break;
    done.push(traded);
  }
  return done;
}

const idOf = ({ stage }: Playing, { expiryAt, strike, isPut }: Option) =>
  seriesId({ market: stage.market, expiryAt, strike: toWad(strike), isPut });

/** When an order decided now is traded: in the next block, or in the one after it where the seller has to write first. */
const timeOfTrade = ({ clock }: Playing, amount: number) => clock.next() + (amount < 0 ? 1 : 0);

const quotesOf = ({ stage }: Playing, assets: bigint) => Number(formatUnits(assets, stage.quote.decimals));

/** The pool's price of the order in the block that would trade it, quote assets, positive: to be paid; or its refusal. */
async function ask(playing: Playing, option: Option, amount: number): Promise<bigint | string> {
  const { pool, stage, accounts, clock } = playing;
  const series = idOf(playing, option);
  if (!(await stage.clearinghouse.getFunction("isListed")(series))) {
    try {
      const strike = toWad(option.strike);
      await clock.send(
        stage.clearinghouse,
        accounts.trader,
        "list",
        stage.market,
        option.expiryAt,
        strike,
        0n,
      );
    } catch (error) {
      if (!isRevert(error)) throw error;
      return "NotListed";
    }
    // An expiry that the book has not seen is no older than its first strike.
    await refreshBook(playing);
  }
  const legs = [{ series, amount: toWad(amount) }];
  const quoted = await clock.callAt<Quoted>(timeOfTrade(playing, amount), pool.pool, "quote", legs);
  return refusalOf(quoted) ?? quoted.cost;
}

/** At what was asked and no dearer: the pool itself refuses a trade that is not the one decided on. */
async function trade(
  playing: Playing,
  by: Trade["by"],
  option: Option,
  amount: number,
  limit: bigint,
  truth: Truth,
): Promise<Placed> {
  const { clock, pool, stage, accounts } = playing;
  const who: Who = ({ uninformed: "trader", writer: "writer", informed: "fund" } as const)[by];
  const account = accounts[who];
  const [series, size] = [idOf(playing, option), toWad(Math.abs(amount))];
  if (amount < 0) await clock.send(stage.clearinghouse, account, "mint", series, size, account, account);
  const legs = [{ series, amount: amount < 0 ? -size : size }];
  const { logs } = await clock.send(pool.pool, account, "trade", legs, limit, FOR_EVER, account, "0x");
  const { premium, notional, parts } = eventsOf(pool.pool, logs).find(({ name }) => name === "Traded")!.args;
  const cost = quotesOf(playing, premium);
  return {
    ...option,
    by,
    amount,
    notional: fromWad(notional),
    cost,
    charges: fromWad(parts.fee + parts.spread + parts.rentBase + parts.rentQuote + parts.impact),
    edge: cost - amount * valueAt(option, truth, clock.now()).value,
  };
}
