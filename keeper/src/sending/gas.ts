/** How much gas a deed is given, by what the node estimates. */
import { getBytes, type JsonRpcProvider } from "ethers";
import type { Deed } from "../deed.ts";
import { atHeadOrNext } from "../nextBlock.ts";

/** What no transaction costs less than. */
const GAS_OF_NOTHING = 21_000n;
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
  provider: JsonRpcProvider,
  from: string,
  { to, data, usualGas }: Pick<Deed, "to" | "data" | "usualGas">,
): Promise<bigint> {
  const call = provider.getRpcTransaction({ from, to, data });
  const estimate = await atHeadOrNext(async (block) => {
    // Not by the provider's own method, which leaves the block to the node.
    const told = BigInt(await provider.send("eth_estimateGas", [call, block]));
    if (block === "latest") return told;
    // What waits there, as the report that a fill carries, may do a part of it first, and may come after it.
    const usual = BigInt(usualGas ?? 0);
    return told > usual ? told : usual;
  });
  const least = gasBefore(data);
  if (estimate >= least) return estimate;
  throw new Error(
    `the node estimates ${estimate} gas, and no transaction of this length takes less than ${least}`,
  );
}

/** The limit of an empty transfer to the account itself: all that it takes, but where a layer 2 takes its layer 1's part from the same limit. */
export async function gasLimitOfNothing(provider: JsonRpcProvider, account: string): Promise<bigint> {
  // Of a node that does not say, it is what every other chain takes.
  const estimate = await estimateGas(provider, account, { to: account, data: "0x" }).catch(
    () => GAS_OF_NOTHING,
  );
  return estimate > GAS_OF_NOTHING ? gasLimitOf(estimate) : GAS_OF_NOTHING;
}
