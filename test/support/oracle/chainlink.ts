/** Genuine Chainlink feeds: an aggregator on OCR2Base whose oracles' keys are ours, behind a proxy with phases. */
import { AbiCoder, concat, getBytes, keccak256, SigningKey, Wallet, zeroPadValue } from "ethers";
import { type AnyContract, ethers, networkHelpers } from "../surface.ts";
import { deploy } from "./fixture.ts";

const ORACLES = 4;
const FAULTY = 1;
const coder = AbiCoder.defaultAbiCoder();
const keys = Array.from({ length: ORACLES }, (_, i) => new SigningKey(ethers.toBeHex(0x0c12 + i, 32)));

export interface Feed {
  proxy: AnyContract;
  aggregator: AnyContract;
  /** Transmits a round signed by f + 1 oracles, in a block at `at` if given. */
  transmit(answer: bigint, at?: number): Promise<void>;
}

/** An aggregator with four oracles of which one may be faulty. */
async function deployAggregator(decimals: number) {
  const aggregator = await deploy("PriceAggregator", decimals);
  const transmitters = (await ethers.getSigners()).slice(10, 10 + ORACLES);
  await aggregator.setConfig!(
    keys.map((key) => new Wallet(key).address),
    transmitters,
    FAULTY,
    "0x",
    1,
    "0x",
  );
  return { aggregator, transmitter: transmitters[0]! };
}

/** What `transmit` takes: the observations and the signatures over them. */
export async function transmission(
  aggregator: AnyContract,
  answer: bigint,
  epochAndRound: number,
  by = keys,
) {
  const report = coder.encode(["int192[]"], [[answer, answer, answer]]);
  const [, , digest] = await aggregator.latestConfigDetails!();
  const context = [digest, zeroPadValue(ethers.toBeHex(epochAndRound), 32), ethers.ZeroHash];
  const hash = keccak256(concat([keccak256(report), ...context]));
  const signatures = by.slice(0, FAULTY + 1).map((key) => key.sign(hash));
  const rawVs = new Uint8Array(32);
  for (const [i, { v }] of signatures.entries()) rawVs[i] = v - 27;
  return [
    context,
    getBytes(report),
    signatures.map(({ r }) => r),
    signatures.map(({ s }) => s),
    rawVs,
  ] as const;
}

async function feedOf(proxyOf: (aggregator: AnyContract) => Promise<AnyContract>, decimals: number) {
  const { aggregator, transmitter } = await deployAggregator(decimals);
  let rounds = 0;
  const transmit = async (answer: bigint, at?: number) => {
    rounds += 1;
    const parameters = await transmission(aggregator, answer, rounds);
    if (at !== undefined) await networkHelpers.time.setNextBlockTimestamp(at);
    await (aggregator.connect(transmitter) as AnyContract).transmit!(...parameters);
  };
  return { proxy: await proxyOf(aggregator), aggregator, transmit };
}

/** A feed in its first phase, with one round. */
export async function deployFeed(decimals: number, answer: bigint): Promise<Feed> {
  const feed = await feedOf((aggregator) => deploy("FeedProxy", aggregator), decimals);
  await feed.transmit(answer);
  return feed;
}

/** A new aggregator for the proxy; `confirm` makes it the next phase. */
export async function nextPhase({ proxy }: Feed, decimals = 8): Promise<Feed & { confirm(): Promise<void> }> {
  const feed = await feedOf(async () => proxy, decimals);
  const confirm = async () => void (await proxy.confirmAggregator!(feed.aggregator));
  return { ...feed, confirm };
}

/** The Arbitrum sequencer-uptime feed; `report` is what the message from layer 1 does. */
export async function deployUptimeFeed(readers: AnyContract[]) {
  const l1Sender = "0x00000000000000000000000000000000000a11ce";
  const feed = await deploy("UptimeFeed", await deploy("Flags"), l1Sender);
  await feed.initialize!();
  for (const reader of readers) await feed.addAccess!(reader);
  const alias: string = await feed.aliasedL1MessageSender!();
  await networkHelpers.impersonateAccount(alias);
  await networkHelpers.setBalance(alias, 10n ** 18n);
  const messenger = await ethers.getSigner(alias);
  const report = async (isDown: boolean, at: number) =>
    void (await (feed.connect(messenger) as AnyContract).updateStatus!(isDown, at));
  return { feed, report };
}
