/** An expiry as the pool trades it now, both sides of every strike in one call. */
import { seriesOfId } from "@meniscus/sdk/series";
import { formatStrike } from "@meniscus/sdk/symbol";
import { fromWad } from "@meniscus/sdk/wad";
import type { Contract } from "ethers";
import type { Stage } from "../../../localMarket/stages/clearingStage.ts";
import { type PoolStage, refusalOf } from "../../../localMarket/stages/poolStage.ts";

/** Prices per option in quote, or why there is none. */
interface Sides {
  bid: number | string;
  ask: number | string;
}

export interface PoolQuote {
  strike: string;
  /** Of the smile at the strike; null where nothing is priced. */
  vol: number | null;
  call: Sides;
  put: Sides;
}

/** What {@link readPoolChain} asks {@link ILens.chain} for `amount` options of each series. */
export async function readPoolChain(
  lens: Contract,
  { clearinghouse, quote }: Stage,
  { pool }: PoolStage,
  expiryAt: number,
  amount: bigint,
): Promise<PoolQuote[]> {
  const series = await lens.getFunction("chain")(clearinghouse, pool, expiryAt, amount);
  const priceOf = (quoted: { refusal: bigint; limit: bigint; cost: bigint }) =>
    refusalOf(quoted) ?? Math.abs(Number(quoted.cost)) / 10 ** quote.decimals / fromWad(amount);
  const byStrike = new Map<bigint, PoolQuote>();
  for (const { series: id, buy, sell } of series) {
    const { strike, isPut } = seriesOfId(id);
    const sides = { bid: priceOf(sell), ask: priceOf(buy) };
    const found = byStrike.get(strike);
    const row = found ?? { strike: formatStrike(strike), vol: null, call: sides, put: sides };
    row[isPut ? "put" : "call"] = sides;
    if (buy.legs.length > 0) row.vol = fromWad(buy.legs[0].vol);
    byStrike.set(strike, row);
  }
  return [...byStrike.values()];
}
