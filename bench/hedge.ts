/**
 * Gas of a hedge: whole transactions over genuine feeds, a genuine Uniswap v3 pool and plain OpenZeppelin ERC-20s. Keys as
 * `npm run bench -- gas --json` prints them under `vault`.
 */
import { call, leg, networkHelpers, trade } from "../test/support/pool/fixture.ts";
import { ALL, fillOnUniswap, readyToHedge, renew, waitForBound } from "../test/support/vault/hedge.ts";

export interface HedgeGas {
  /** A hedge fill with the Uniswap swap inside, the auction open before, two live expiries; the vault buys, so rent is read too. */
  fill: number;
}

/** Measures everything: the second fill of a market, so that slots are in use. */
export async function measureHedge(): Promise<HedgeGas> {
  const market = await readyToHedge();
  let gas = 0;
  for (let i = 0; i < 2; i++) {
    await trade(market, market.trader, [leg(call(3000), 30)]);
    await networkHelpers.mine();
    await renew(market);
    await waitForBound(market);
    gas = Number((await fillOnUniswap(market, ALL)).receipt.gasUsed);
  }
  return { fill: gas };
}
