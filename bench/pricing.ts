/**
 * What the four quotes cost on the gas grid: gas of the whole call less that of an empty twin with the same signature, each function
 * in a contract of its own (test/contracts/pricing/PricingBench.sol).
 */
import type { BaseContract } from "ethers";
import { network } from "hardhat";
import { measureErrors } from "../test/contracts/pricing/errors.ts";
import { type GridPoint, gasGrid } from "./grid.ts";

export interface GasSpread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** What the bench reports of one quote; the errors are those of call and put beyond rounding to units. */
export interface QuoteMeasurement {
  readonly gas: GasSpread;
  /** Over spot. */
  readonly maxError: number;
  /** Where the price exceeds 1e-6 of spot. */
  readonly maxRelativeError: number;
}

export type Measurements = Record<string, QuoteMeasurement>;

const ONE = 1n << 96n;

/** Random points of the domain for the errors, for each quote. */
const ERROR_POINTS = 1000;

/** Contract of the bench, function, arguments for a point of the grid. */
const QUOTES: readonly [string, string, (point: GridPoint) => bigint[]][] = [
  ["FromSpot", "quoteFromSpot", (p) => [p.spot, p.strike, p.tau, p.vol, p.rate]],
  ["FromForward", "quoteFromForward", (p) => [p.spot, p.spot, p.strike, p.totalVariance]],
  ["FromSlice", "quoteFromSlice", (p) => [p.slice, p.spot, p.strike, (ONE * 99n) / 100n]],
  ["FromSurface", "quoteFromSurface", (p) => [p.slice, p.spot, p.strike, (p.tau * 99n) / 100n, p.tau]],
];

function spread(values: number[]): GasSpread {
  const sorted = [...values].sort((a, b) => a - b);
  return { min: sorted[0]!, median: sorted[sorted.length >> 1]!, max: sorted.at(-1)! };
}

/** Gas of every call in turn; the first one is made twice and its cold run dropped. */
async function gasOf(meter: BaseContract, target: BaseContract, calls: string[]): Promise<number[]> {
  const [used, succeeded] = await meter
    .getFunction("measure")
    .staticCall(await target.getAddress(), [calls[0], ...calls], { gasLimit: 16_000_000n });
  if (succeeded.includes(false)) throw new Error("bench: a point of the grid reverted");
  return used.slice(1).map(Number);
}

export async function measurePricingGas(): Promise<Record<string, GasSpread>> {
  const { ethers } = await network.create();
  const meter = await ethers.deployContract("Meter");
  const grid = gasGrid();
  const result: Record<string, GasSpread> = {};
  for (const [contract, method, argumentsAt] of QUOTES) {
    const full = await ethers.deployContract(contract);
    const empty = await ethers.deployContract(`${contract}Twin`);
    const calls = grid.map((point) => full.interface.encodeFunctionData(method, argumentsAt(point)));
    const [whole, nothing] = [await gasOf(meter, full, calls), await gasOf(meter, empty, calls)];
    result[method] = spread(whole.map((gas, i) => gas - nothing[i]!));
  }
  return result;
}

/** Gas on the grid, errors on the domain. */
export async function measurePricing(): Promise<Measurements> {
  const { ethers } = await network.create();
  const errors = await measureErrors(await ethers.deployContract("PricingHarness"), ERROR_POINTS);
  const gas = await measurePricingGas();
  return Object.fromEntries(
    Object.entries(gas).map(([method, spread]) => {
      const { maxError, maxRelativeError } = errors[method]!;
      return [method, { gas: spread, maxError, maxRelativeError }];
    }),
  );
}
