/** The real contracts on a local chain, deployed as `meniscus start` deploys them, and accounts rich enough for any variant. */
import { SIDES } from "@meniscus/sdk/sides";
import { type JsonRpcSigner, MaxUint256 } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { LocalChain } from "../../hardhat/localChain.ts";
import { send } from "../../localMarket/contract.ts";
import { addLiquidity, approveRouter } from "../../localMarket/pool.ts";
import { ACCOUNTS, type Session, type Who } from "../../localMarket/session.ts";
import { setStage } from "../../localMarket/stages/clearingStage.ts";
import { setOracles } from "../../localMarket/stages/oracleStage.ts";
import { setPool } from "../../localMarket/stages/poolStage.ts";
import { deploySurface } from "../../localMarket/surfaceOnChain.ts";

/** Quote worth of each asset in the Uniswap pool: about half the depth of Ethereum's 0.05 % pool of USDC and WETH in January 2024. */
export const LIQUIDITY = 200_000_000n;
/** Quote worth that each account has of either asset, in its wallet and again in the Clearinghouse where it writes. */
const RICHES = 2_000_000_000n;

/** Deploys all of it at `spot` quote per base, WAD; nothing is listed and nothing seeded. */
export async function deployMarket(
  hardhat: HardhatRuntimeEnvironment,
  chain: LocalChain,
  terms: { currency: string; spot: bigint },
): Promise<Session> {
  const surface = await deploySurface(hardhat, chain);
  const oracles = await setOracles(hardhat, chain, surface, terms);
  const stage = await setStage(hardhat, chain, surface, oracles, terms);
  const pool = await setPool(hardhat, chain, stage, [], terms.spot);
  const { base, quote, deployer, clearinghouse } = stage;
  const worth = (quotes: bigint) => ({
    base: (quotes * 10n ** BigInt(18 + base.decimals)) / terms.spot,
    quote: quotes * 10n ** BigInt(quote.decimals),
  });

  const liquidity = worth(LIQUIDITY);
  for (const side of SIDES)
    await send(stage[side].contract, deployer, "mint", deployer, 2n * liquidity[side]);
  await addLiquidity(oracles.uniswap, deployer, [
    [base.contract, liquidity.base],
    [quote.contract, liquidity.quote],
  ]);

  const riches = worth(RICHES);
  const accounts = {} as Record<Who, JsonRpcSigner>;
  for (const [who, index] of Object.entries(ACCOUNTS) as [Who, number][]) {
    const account = await chain.provider.getSigner(index);
    accounts[who] = account;
    for (const side of SIDES) {
      const { contract } = stage[side];
      await send(contract, deployer, "mint", account, 2n * riches[side]);
      for (const spender of [clearinghouse, pool.pool])
        await send(contract, account, "approve", spender, MaxUint256);
      await send(clearinghouse, account, "deposit", contract, riches[side], account);
    }
    await send(clearinghouse, account, "setOperator", pool.pool, true);
    await approveRouter(oracles.uniswap, account, [base.contract, quote.contract]);
  }
  return { chain, surface, stage, pool, accounts, currency: terms.currency, unit: 0n };
}
