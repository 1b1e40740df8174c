/** Where everything is that a run of `meniscus start` has deployed, for whoever trades against the node that is left up. */
import type { Contract } from "ethers";
import type { SurfaceOnChain } from "../../localMarket/surfaceOnChain.ts";
import type { OpenMarket } from "./trading/trading.ts";

/** In the form of a deployment's file (docs/DEPLOY.md), with what a public network has already among its contracts. */
export interface LocalAddresses {
  network: string;
  chainId: number;
  market: number;
  /** From which all events can be had. */
  block: number;
  contracts: Readonly<Record<string, { address: string }>>;
}

export async function addressesOf(
  { market, volSurface, lens }: SurfaceOnChain,
  { clearing: { clearinghouse, factory, oracles }, pool }: OpenMarket,
): Promise<LocalAddresses> {
  const { base, quote, feeds, uniswap, spotOracle, settlementOracle } = oracles;
  const contracts: Record<string, Contract> = {
    volSurface,
    lens,
    spotOracle,
    settlementOracle,
    clearinghouse,
    optionERC20Factory: factory,
    book: pool.book,
    optionPool: pool.pool,
    liquidityVault: pool.vault,
    deltaHedger: pool.hedger,
    baseTranche: pool.tranches.base,
    quoteTranche: pool.tranches.quote,
    uniswapFiller: pool.filler,
    router: pool.router,
    baseToken: base.contract,
    quoteToken: quote.contract,
    baseFeed: feeds.base.proxy,
    quoteFeed: feeds.quote.proxy,
    uniswapPool: uniswap.pool,
    uniswapRouter: uniswap.router,
  };
  const addresses: Record<string, string> = {
    control: await volSurface.getFunction("authority")(),
  };
  for (const [name, contract] of Object.entries(contracts)) addresses[name] = await contract.getAddress();
  const { chainId } = await clearinghouse.runner!.provider!.getNetwork();
  return {
    network: "local",
    chainId: Number(chainId),
    market,
    block: 0,
    contracts: Object.fromEntries(Object.entries(addresses).map(([name, address]) => [name, { address }])),
  };
}
