/**
 * The oracles of a local Chainlink feed: four accounts of the development chain, of which one may be faulty, sign each round of a
 * `PriceAggregator`, and one of them transmits it. deploy/modules/LocalFeed.ts puts the aggregator behind Chainlink's proxy.
 */
import { AbiCoder, concat, getBytes, keccak256, toBeHex, ZeroHash, zeroPadValue } from "ethers";
import { developmentAccount } from "./accounts.ts";
import type { AnyContract } from "./contract.ts";

const ORACLES = [10, 11, 12, 13].map(developmentAccount);
/** The oracles' other accounts: OCR2Base wants a transmitter's address not to be a signer's. */
export const TRANSMITTERS = [14, 15, 16, 17].map(developmentAccount);
const FAULTY = 1;

/** What deploy/modules/LocalFeed.ts takes. */
export const feedParameters = (decimals: number) => ({
  decimals,
  signers: ORACLES.map(({ address }) => address),
  transmitters: TRANSMITTERS.map(({ address }) => address),
  faulty: FAULTY,
});

/** What `transmit` takes: the observations of f + 1 oracles, and their signatures over them. */
export async function transmission(
  aggregator: AnyContract,
  answer: bigint,
  epochAndRound: bigint,
  by = ORACLES,
) {
  const observations = Array.from({ length: 2 * FAULTY + 1 }, () => answer);
  const report = AbiCoder.defaultAbiCoder().encode(["int192[]"], [observations]);
  const { configDigest } = await aggregator.latestConfigDetails!();
  const context = [configDigest, zeroPadValue(toBeHex(epochAndRound), 32), ZeroHash];
  const hash = keccak256(concat([keccak256(report), ...context]));
  const signatures = by.slice(0, FAULTY + 1).map(({ signingKey }) => signingKey.sign(hash));
  const parities = new Uint8Array(32);
  for (const [i, { v }] of signatures.entries()) parities[i] = v - 27;
  return [
    context,
    getBytes(report),
    signatures.map(({ r }) => r),
    signatures.map(({ s }) => s),
    parities,
  ] as const;
}

/** Signs and transmits the aggregator's next round; `aggregator` is bound to the transmitter, one of {@link TRANSMITTERS}. */
export async function transmitNext(aggregator: AnyContract, answer: bigint): Promise<void> {
  const { 0: latest } = await aggregator.latestRoundData!();
  const sent = await aggregator.transmit!(...(await transmission(aggregator, answer, latest + 1n)));
  await sent.wait();
}
