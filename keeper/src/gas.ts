/** How much gas a deed is given, by what the node estimates. */
import { getBytes, type Provider } from "ethers";
import type { Deed } from "./deed.ts";

/** Used up by nothing, a nonce costs this; and no transaction less. */
export const GAS_OF_NOTHING = 21_000n;
/** Of a byte of calldata, zero or not. */
const GAS_OF_BYTE = { zero: 4n, other: 16n };

/** Of what is used now, for a state that has moved on by the next block. */
export const gasLimitOf = (estimate: bigint): bigint => (estimate * 13n) / 10n + 20_000n;

/** What a transaction pays before anything runs: with a lower limit no node takes it, and all later nonces wait. */
function gasBefore(data: string): bigint {
  const bytes = getBytes(data);
  const zeros = BigInt(bytes.filter((byte) => byte === 0).length);
  return GAS_OF_NOTHING + zeros * GAS_OF_BYTE.zero + (BigInt(bytes.length) - zeros) * GAS_OF_BYTE.other;
}

/** What a deed would use now. @throws what fails, and where the node says less than a transaction of this length takes */
export async function estimateGas(
  provider: Provider,
  from: string,
  { to, data }: Pick<Deed, "to" | "data">,
): Promise<bigint> {
  const estimate = await provider.estimateGas({ from, to, data });
  const least = gasBefore(data);
  if (estimate >= least) return estimate;
  throw new Error(
    `the node estimates ${estimate} gas, and no transaction of this length takes less than ${least}`,
  );
}
