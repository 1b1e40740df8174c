/** A market with a quote asset that knows permits, a genuine Uniswap v3 pool of its assets, a genuine Permit2, and the Router. */
import { addLiquidity, type PoolContracts, poolParameters, priceOf } from "@meniscus/cli/localMarket/pool";
import LocalPool from "../../../deploy/modules/LocalPool.ts";
import { deploy } from "../oracle/fixture.ts";
import { deployPermit2, TRANSFER_TYPES } from "../permit2.ts";
import { connection, ignition, surfaceLoads } from "../surface.ts";
import {
  type Account,
  type AnyContract,
  as,
  DEADLINE,
  ethers,
  type Market,
  networkHelpers,
  openMarket,
  post,
  READY,
  refreshAll,
  SPOT,
} from "./fixture.ts";

export interface Routed extends Market {
  router: AnyContract;
  permit2: AnyContract;
  uniswap: PoolContracts;
  /** Base per quote in the Uniswap pool, as a float. */
  uniswapPrice(): Promise<number>;
}

/** How the Router is paid; the order of IRouter.By. */
export const BY = { Allowance: 0, Permit: 1, Permit2: 2 };
export const FEE = 500;

async function deployRouted(baseDecimals: number): Promise<Routed> {
  const market = await openMarket({ quoteName: "PermitToken", baseDecimals });
  const { owner, baseToken, quoteToken, clearinghouse, surface } = market;
  const base = { contract: baseToken, decimals: baseDecimals };
  const quote = { contract: quoteToken, decimals: 6 };
  const uniswap = (await ignition.deploy(LocalPool, {
    parameters: { LocalPool: poolParameters(base, quote, SPOT) } as never,
  })) as unknown as PoolContracts;
  await addLiquidity(uniswap, owner, [
    [baseToken, 1000n * 10n ** BigInt(baseDecimals)],
    [quoteToken, 3_000_000n * 10n ** 6n],
  ]);
  const permit2 = await deployPermit2();
  const factory = await uniswap.pool.factory!();
  const router = await deploy("Router", clearinghouse, surface, factory, permit2);
  for (const account of [market.trader, market.other]) {
    await as(account, quoteToken).approve!(permit2, ethers.MaxUint256);
    await as(account, clearinghouse).setOperator!(router, true);
  }
  await post(market, { at: READY + 240 });
  await networkHelpers.mine();
  await refreshAll(market);
  return { ...market, router, permit2, uniswap, uniswapPrice: () => priceOf(uniswap, base, quote) };
}

/** Blocks follow the machine's clock, also through a restored snapshot; from here on they follow it anew. */
const startClock = async () => networkHelpers.time.increaseTo((await networkHelpers.time.latest()) + 1);

let loaded: { market: Routed; baseDecimals: number; loads: number; restore: () => Promise<void> } | undefined;

/** Deployed once and restored for every test, with its clock: anew for another base, and where another fixture has gone back before it. */
export async function routed({ baseDecimals = 18 } = {}): Promise<Routed> {
  if (loaded?.loads === surfaceLoads() && loaded.baseDecimals === baseDecimals) {
    await loaded.restore();
  } else {
    const market = await deployRouted(baseDecimals);
    const snapshot = await networkHelpers.takeSnapshot();
    loaded = { market, baseDecimals, loads: surfaceLoads(), restore: () => snapshot.restore() };
  }
  await startClock();
  return loaded.market;
}

/** A payment out of an allowance that is there already. */
export const allowed = (most: bigint) => ({
  ...{ most, by: BY.Allowance, nonce: 0n, deadline: 0n },
  signature: "0x",
});

/** An EIP-2612 signature over `most`. */
export async function permitted(market: Routed, from: Account, most: bigint, deadline = DEADLINE) {
  const { quoteToken, router } = market;
  const { chainId } = await connection.ethers.provider.getNetwork();
  const domain = { name: "Permit", version: "1", chainId, verifyingContract: quoteToken.target as string };
  const fields = ["owner address", "spender address", "value uint256", "nonce uint256", "deadline uint256"];
  const Permit = fields.map((field) => ({ name: field.split(" ")[0]!, type: field.split(" ")[1]! }));
  const nonce: bigint = await quoteToken.nonces!(from);
  const message = { owner: from.address, spender: router.target, value: most, nonce, deadline };
  const signature = await from.signTypedData(domain, { Permit }, message);
  return { most, by: BY.Permit, nonce: 0n, deadline, signature };
}

/** A Permit2 signature over `most`, for the Router alone. */
export async function signedForPermit2(
  { quoteToken, router, permit2 }: Routed,
  from: Account,
  most: bigint,
  nonce = 7n,
  deadline = DEADLINE,
) {
  const { chainId } = await connection.ethers.provider.getNetwork();
  const domain = { name: "Permit2", chainId, verifyingContract: permit2.target as string };
  const message = {
    permitted: { token: quoteToken.target, amount: most },
    ...{ spender: router.target, nonce, deadline },
  };
  const signature = await from.signTypedData(domain, TRANSFER_TYPES, message);
  return { most, by: BY.Permit2, nonce, deadline, signature };
}

/** What the Router has: nothing, after every call. */
export async function leftInRouter({ router, baseToken, quoteToken, pool }: Routed): Promise<bigint[]> {
  return Promise.all([
    baseToken.balanceOf!(router),
    quoteToken.balanceOf!(router),
    quoteToken.allowance!(router, pool),
  ]);
}
