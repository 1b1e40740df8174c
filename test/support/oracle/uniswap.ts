/** A genuine Uniswap v3 pool from the npm artifacts, with liquidity, and real swaps that move it. */
import { createRequire } from "node:module";
import { type AnyContract, ethers, networkHelpers } from "../surface.ts";
import { deploy, NO_ADDRESS } from "./fixture.ts";

const require = createRequire(import.meta.url);
const FEE = 500;
const SPACING = 10;
/** Ticks of liquidity on either side: a price range of 2.7 to 1. */
const RANGE = 10_000;
export const WINDOW = 1800;

interface Artifact {
  abi: object[];
  bytecode: string;
}

async function deployArtifact(path: string, ...parameters: unknown[]): Promise<AnyContract> {
  const { abi, bytecode } = require(path) as Artifact;
  const [deployer] = await ethers.getSigners();
  const factory = new ethers.ContractFactory(abi, bytecode, deployer);
  return (await factory.deploy(...parameters)) as unknown as AnyContract;
}

function contractAt(path: string, address: string, runner: AnyContract["runner"]): AnyContract {
  return new ethers.Contract(address, (require(path) as Artifact).abi, runner) as unknown as AnyContract;
}

export interface Pool {
  pool: AnyContract;
  router: AnyContract;
  base: AnyContract;
  quote: AnyContract;
  /** What SpotOracle is told of it. */
  average: {
    pool: unknown;
    window: number;
    baseIsToken0: boolean;
    baseDecimals: number;
    quoteDecimals: number;
  };
  /** Sells base (`amount` > 0) or quote (`amount` < 0) for the other, in the smallest parts. */
  swap(amount: bigint): Promise<void>;
  /** Quote per base now, as a float. */
  price(): Promise<number>;
}

/** Rounded down, by Newton from above. */
function sqrt(value: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) / 2n;
    if (next >= root) return root;
    root = next;
  }
}

/** Base of 18 decimals against quote of 6, at `price` quote per base, with liquidity of about `depth` base. */
export async function deployPool(price: number, depth: bigint): Promise<Pool> {
  const [owner] = await ethers.getSigners();
  const core = "@uniswap/v3-core/artifacts/contracts";
  const periphery = "@uniswap/v3-periphery/artifacts/contracts";
  const factory = await deployArtifact(`${core}/UniswapV3Factory.sol/UniswapV3Factory.json`);
  const router = await deployArtifact(`${periphery}/SwapRouter.sol/SwapRouter.json`, factory, NO_ADDRESS);
  const manager = await deployArtifact(
    `${periphery}/NonfungiblePositionManager.sol/NonfungiblePositionManager.json`,
    factory,
    NO_ADDRESS,
    NO_ADDRESS,
  );
  const [base, quote] = [await deploy("TestToken", 18), await deploy("TestToken", 6)];
  const baseIsToken0 = BigInt(base.target as string) < BigInt(quote.target as string);
  const [token0, token1] = baseIsToken0 ? [base, quote] : [quote, base];
  const amounts: [AnyContract, bigint][] = [
    [base, depth],
    [quote, (depth * BigInt(Math.round(price * 1e6))) / 10n ** 18n],
  ];
  for (const [token, amount] of amounts) {
    await token.mint!(owner, amount * 1000n);
    for (const spender of [router, manager]) await token.approve!(spender, ethers.MaxUint256);
  }
  // Token 1 per token 0 in the smallest parts, as a ratio of integers.
  const [over, under] = baseIsToken0
    ? [BigInt(Math.round(price * 1e6)), 10n ** 18n]
    : [10n ** 18n, BigInt(Math.round(price * 1e6))];
  await manager.createAndInitializePoolIfNecessary!(token0, token1, FEE, sqrt((over << 192n) / under));
  const pool = contractAt(
    `${core}/UniswapV3Pool.sol/UniswapV3Pool.json`,
    await factory.getPool!(token0, token1, FEE),
    owner!,
  );
  await pool.increaseObservationCardinalityNext!(300);
  const tick = Math.floor(Number((await pool.slot0!()).tick) / SPACING) * SPACING;
  const amountOf = (token: AnyContract) => amounts.find(([one]) => one === token)![1];
  await manager.mint!([
    token0,
    token1,
    FEE,
    tick - RANGE,
    tick + RANGE,
    amountOf(token0),
    amountOf(token1),
    0,
    0,
    owner,
    2n ** 40n,
  ]);

  const swap = async (amount: bigint) => {
    const [from, to] = amount > 0n ? [base, quote] : [quote, base];
    const given = amount > 0n ? amount : -amount;
    await router.exactInputSingle!([from, to, FEE, owner, 2n ** 40n, given, 0, 0]);
  };
  const priceNow = async () => {
    const { sqrtPriceX96 } = await pool.slot0!();
    const ratio = (Number(sqrtPriceX96) / 2 ** 96) ** 2;
    return (baseIsToken0 ? ratio : 1 / ratio) * 1e12;
  };
  // A second base step, so that the pool has an observation to remember, and a window of it.
  await networkHelpers.time.increase(60);
  await swap(10n ** 15n);
  await networkHelpers.time.increase(WINDOW + 60);
  return {
    pool,
    router,
    base,
    quote,
    average: { pool: pool.target, window: WINDOW, baseIsToken0, baseDecimals: 18, quoteDecimals: 6 },
    swap,
    price: priceNow,
  };
}
