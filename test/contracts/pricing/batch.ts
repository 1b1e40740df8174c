/** Batches of pricing calls, encoded by hand: with ethers' coder the coding would take longer than the chain. */
import type { BaseContract } from "ethers";

export type Row = readonly bigint[];

const word = (value: bigint): string => BigInt.asUintN(256, value).toString(16).padStart(64, "0");

/** Rows per call: below the gas that one call may use. */
const CHUNK = 2500;

/** Calls `method(uint256[n][])`, a view that answers with uint256[width][], and returns the rows. */
export async function callBatch(
  contract: BaseContract,
  method: string,
  rows: readonly Row[],
  width = 4,
): Promise<bigint[][]> {
  const answers: bigint[][] = [];
  for (let start = 0; start < rows.length; start += CHUNK)
    answers.push(...(await callOnce(contract, method, rows.slice(start, start + CHUNK), width)));
  return answers;
}

async function callOnce(
  contract: BaseContract,
  method: string,
  rows: Row[],
  width: number,
): Promise<bigint[][]> {
  const { selector } = contract.interface.getFunction(method)!;
  const data = selector + word(32n) + word(BigInt(rows.length)) + rows.flat().map(word).join("");
  const provider = contract.runner!.provider!;
  const answer = await provider.call({ to: await contract.getAddress(), data });
  const count = Number(BigInt(`0x${answer.slice(66, 130)}`));
  const value = (index: number) => BigInt(`0x${answer.slice(130 + 64 * index, 194 + 64 * index)}`);
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: width }, (_, j) => value(i * width + j)),
  );
}
