/** A genuine Uniswap v3 pool with liquidity and a window of history, and real swaps that move it. */
import {
  addLiquidity,
  approveRouter,
  averageOf,
  type PoolContracts,
  poolParameters,
  priceOf,
  swap,
} from "@meniscus/cli/localMarket/pool";
import type { ContractTransactionResponse } from "ethers";
import LocalPool from "../../../deploy/modules/LocalPool.ts";
import { type AnyContract, ethers, ignition, networkHelpers } from "../surface.ts";
import { deploy } from "./fixture.ts";

export const WINDOW = 1800;

export interface Pool {
  pool: AnyContract;
  factory: AnyContract;
  tokens: AnyContract[];
  /** What SpotOracle is told of it. */
  average: ReturnType<typeof averageOf>;
  /** Sells base (`amount` > 0) or quote (`amount` < 0) for the other, in the smallest parts. */
  swap(amount: bigint): Promise<ContractTransactionResponse>;
  /** Quote per base now, as a float. */
  price(): Promise<number>;
}

/**
 * Base against quote of 6 decimals, its own tokens of 18 and 6 unless given, at `price` quote per base, with liquidity of about `depth` base,
 * which remembers `observations`.
 */
export async function deployPool(
  price: number,
  depth: bigint,
  tokens?: readonly [AnyContract, AnyContract],
  observations = 301,
): Promise<Pool> {
  const [owner] = await ethers.getSigners();
  const baseToken = tokens?.[0] ?? (await deploy("TestToken", 18));
  const base = { contract: baseToken, decimals: Number(await baseToken.decimals!()) };
  const quote = { contract: tokens?.[1] ?? (await deploy("TestToken", 6)), decimals: 6 };
  const priceWad = BigInt(Math.round(price * 1e6)) * 10n ** 12n;
  const amounts = [
    [base.contract, depth],
    [quote.contract, (depth * priceWad) / 10n ** BigInt(base.decimals + 12)],
  ] as const;
  for (const [token, amount] of amounts) await token.mint!(owner, amount * 1000n);
  const parameters = { LocalPool: { ...poolParameters(base, quote, priceWad), observations } };
  const contracts = (await ignition.deploy(LocalPool, {
    parameters: parameters as never,
  })) as unknown as PoolContracts & { factory: AnyContract };
  await addLiquidity(contracts, owner!, amounts);
  await approveRouter(contracts, owner!, [base.contract, quote.contract]);

  const swapNow = (amount: bigint) => {
    const [from, to] = amount > 0n ? [base, quote] : [quote, base];
    return swap(contracts, owner!, from.contract, to.contract, amount > 0n ? amount : -amount);
  };
  // A second base step, so that the pool has an observation to remember, and a window of it.
  await networkHelpers.time.increase(60);
  await swapNow(10n ** BigInt(base.decimals - 3));
  await networkHelpers.time.increase(WINDOW + 60);
  return {
    pool: contracts.pool,
    factory: contracts.factory,
    tokens: [base.contract, quote.contract],
    average: averageOf(contracts, base, quote, WINDOW),
    swap: swapNow,
    price: () => priceOf(contracts, base, quote),
  };
}
