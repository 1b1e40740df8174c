/** The script's orders as legs of the market at hand, and what speaks against them. */
import { seriesId } from "@meniscus/sdk/series";
import { formatSymbol } from "@meniscus/sdk/symbol";
import { fromWad } from "@meniscus/sdk/wad";
import type { PoolSummary } from "../../../json/summary.ts";
import type { Session } from "../../../localMarket/session.ts";
import { refusalOf } from "../../../localMarket/stages/poolStage.ts";
import { type ScriptLeg, type ScriptOrder, TOO_LARGE } from "./tradingScript.ts";

export interface Leg {
  series: bigint;
  amount: bigint;
}

export function legOf({ stage, pool, unit }: Session, { expiry, percent, isPut, units }: ScriptLeg): Leg {
  const expiryAt = pool.expiries[expiry] ?? pool.expiries[0]!;
  const strike = pool.strikeAt(percent);
  return { series: seriesId({ market: stage.market, expiryAt, strike, isPut }), amount: units * unit };
}

/** The pool's own word for why it would not do what is far too much. */
export async function askTooMuch(session: Session): Promise<PoolSummary["refusals"]> {
  const refusals = await Promise.all(TOO_LARGE.map((leg) => refusalFor(session, [leg])));
  return refusals.filter((refusal) => refusal !== null);
}

/** What the pool says against these legs, if anything, told of the first of them. */
export async function refusalFor(
  session: Session,
  legs: readonly ScriptLeg[],
): Promise<PoolSummary["refusals"][number] | null> {
  const asked = legs.map((leg) => legOf(session, leg));
  const reason = refusalOf(await session.pool.pool.getFunction("quote")(asked));
  if (reason === null) return null;
  const { amount } = asked[0]!;
  return {
    series: legs.map((leg) => symbolOf(session, leg)).join(" with "),
    side: amount < 0n ? "sell" : "buy",
    amount: Math.abs(fromWad(amount)),
    reason,
  };
}

/** False for who was refused what he would now sell back. */
export async function holdsWhatIsSold(session: Session, { by, legs, budget }: ScriptOrder): Promise<boolean> {
  for (const { series, amount } of legs.map((leg) => legOf(session, leg))) {
    if (amount >= 0n) continue;
    const held = await session.stage.clearinghouse.getFunction("balanceOf")(session.accounts[by], series);
    if (held < (budget === undefined ? -amount : 1n)) return false;
  }
  return true;
}

function symbolOf({ pool, currency }: Session, { expiry, percent, isPut }: ScriptLeg): string {
  const expiryAt = pool.expiries[expiry] ?? pool.expiries[0]!;
  return formatSymbol({ market: currency, expiryAt, strike: pool.strikeAt(percent), isPut });
}
