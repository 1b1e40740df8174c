/** Where everything is that a run of `meniscus start` has deployed, for whoever trades against the node that is left up. */
import type { Contract } from "ethers";
import type { SurfaceOnChain } from "./surface/surfaceOnChain.ts";
import type { OpenMarket } from "./trading/trading.ts";

/** Contract by its name: that of an addresses file (docs/DEPLOY.md), and beside these what a public network has already. */
export async function addressesOf(
  { volSurface, lens }: SurfaceOnChain,
  { clearing: { clearinghouse, oracles }, pool }: OpenMarket,
): Promise<Record<string, string>> {
  const { base, quote, feeds, uniswap, spotOracle, settlementOracle } = oracles;
  const contracts: Record<string, Contract> = {
    ...{ volSurface, lens, spotOracle, settlementOracle, clearinghouse },
    ...{ book: pool.book, optionPool: pool.pool, liquidityVault: pool.vault, deltaHedger: pool.hedger },
    ...{ baseTranche: pool.tranches.base, quoteTranche: pool.tranches.quote },
    ...{ uniswapFiller: pool.filler, router: pool.router },
    ...{ baseToken: base.contract, quoteToken: quote.contract },
    ...{ baseFeed: feeds.base.proxy, quoteFeed: feeds.quote.proxy },
    ...{ uniswapPool: uniswap.pool, uniswapRouter: uniswap.router },
  };
  const addresses = Object.entries(contracts).map(async ([name, contract]) => [
    name,
    await contract.getAddress(),
  ]);
  return {
    control: await volSurface.getFunction("authority")(),
    ...Object.fromEntries(await Promise.all(addresses)),
  };
}
