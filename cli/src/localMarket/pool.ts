/** A genuine Uniswap v3 pool on a local chain: its first price, its liquidity, and swaps. deploy/modules/LocalPool.ts deploys it. */
import { WAD } from "@meniscus/sdk/wad";
import { type Contract, type ContractTransactionResponse, MaxUint256, type Signer } from "ethers";
import { type AnyContract, FOR_EVER, send } from "./contract.ts";

const SPACING = 10n;
/** Of the pool's fee in Uniswap's unit, 0.05 %: its ticks are {@link SPACING} apart. */
export const UNISWAP_FEE = 500;
/** Ticks of liquidity on either side: a price range of 2.7 to 1. */
const RANGE = 10_000n;

interface PoolToken {
  contract: AnyContract;
  decimals: number;
}

export interface PoolContracts {
  pool: AnyContract;
  router: AnyContract;
  manager: AnyContract;
}

const isBelow = (one: AnyContract, other: AnyContract): boolean =>
  BigInt(one.target as string) < BigInt(other.target as string);

/** Rounded down, by Newton from above. */
function squareRoot(value: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}

/** What deploy/modules/LocalPool.ts takes, for a pool at `price` quote per base, WAD. */
export function poolParameters(base: PoolToken, quote: PoolToken, price: bigint) {
  // The smallest parts of one for those of the other.
  const [quoteParts, baseParts] = [price * 10n ** BigInt(quote.decimals), WAD * 10n ** BigInt(base.decimals)];
  const baseIsToken0 = isBelow(base.contract, quote.contract);
  const [over, under] = baseIsToken0 ? [quoteParts, baseParts] : [baseParts, quoteParts];
  const [token0, token1] = (baseIsToken0 ? [base, quote] : [quote, base]).map(
    ({ contract }) => contract.target,
  );
  return { token0, token1, fee: UNISWAP_FEE, sqrtPriceX96: squareRoot((over << 192n) / under) };
}

/** What SpotOracle is told of the pool. */
export const averageOf = ({ pool }: PoolContracts, base: PoolToken, quote: PoolToken, window: number) => ({
  pool: pool.target,
  window,
  baseIsToken0: isBelow(base.contract, quote.contract),
  baseDecimals: base.decimals,
  quoteDecimals: quote.decimals,
});

/** Gives the pool liquidity of these amounts around its price, from `owner`, who holds them. */
export async function addLiquidity(
  { pool, manager }: PoolContracts,
  owner: Signer,
  amounts: readonly (readonly [AnyContract, bigint])[],
): Promise<void> {
  for (const [token, amount] of amounts) await send(token, owner, "approve", manager, amount);
  const [first, second] = isBelow(amounts[0]![0], amounts[1]![0]) ? amounts : [...amounts].reverse();
  const { tick } = await pool.slot0!();
  const middle = tick - (tick % SPACING);
  await send(manager, owner, "mint", [
    first![0],
    second![0],
    UNISWAP_FEE,
    middle - RANGE,
    middle + RANGE,
    first![1],
    second![1],
    0,
    0,
    owner,
    FOR_EVER,
  ]);
}

/** Lets the pool's router take what `trader` sells. */
export async function approveRouter(
  { router }: PoolContracts,
  trader: Signer,
  tokens: readonly AnyContract[],
): Promise<void> {
  for (const token of tokens) await send(token, trader, "approve", router, MaxUint256);
}

/** Sells `amount` of one token for the other; gives the transaction as it was sent. */
export async function swap(
  { router }: PoolContracts,
  trader: Signer,
  from: AnyContract,
  to: AnyContract,
  amount: bigint,
): Promise<ContractTransactionResponse> {
  const sell = (router.connect(trader) as Contract).getFunction("exactInputSingle");
  return sell([from, to, UNISWAP_FEE, trader, FOR_EVER, amount, 0, 0]);
}

/** Trades until the pool stands at `price`, quote per base, WAD: what an arbitrageur does who holds enough of both. */
export async function moveTo(
  contracts: PoolContracts,
  trader: Signer,
  base: PoolToken,
  quote: PoolToken,
  price: bigint,
): Promise<void> {
  const { sqrtPriceX96: limit } = poolParameters(base, quote, price);
  const { sqrtPriceX96: now } = await contracts.pool.slot0!();
  if (limit === now) return;
  const sellsToken0 = limit < now;
  const baseIsToken0 = isBelow(base.contract, quote.contract);
  const [from, to] = sellsToken0 === baseIsToken0 ? [base, quote] : [quote, base];
  const owned = await from.contract.balanceOf!(trader);
  const order = [from.contract, to.contract, UNISWAP_FEE, trader, FOR_EVER, owned, 0, limit];
  await send(contracts.router, trader, "exactInputSingle", order);
}

/** Quote per base now, as a float. */
export async function priceOf({ pool }: PoolContracts, base: PoolToken, quote: PoolToken): Promise<number> {
  const { sqrtPriceX96 } = await pool.slot0!();
  const ratio = (Number(sqrtPriceX96) / 2 ** 96) ** 2;
  return (
    (isBelow(base.contract, quote.contract) ? ratio : 1 / ratio) * 10 ** (base.decimals - quote.decimals)
  );
}
