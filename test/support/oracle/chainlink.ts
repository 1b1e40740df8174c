/** Genuine Chainlink feeds: an aggregator on OCR2Base whose oracles' keys are ours, behind Chainlink's own proxy. */
import { feedParameters, TRANSMITTERS, transmission, transmitNext } from "@meniscus/cli/localMarket/feed";
import LocalFeed from "../../../deploy/modules/LocalFeed.ts";
import { type AnyContract, ethers, ignition, networkHelpers, signerOf } from "../surface.ts";
import { deploy } from "./fixture.ts";

export { transmission };

export interface Feed {
  proxy: AnyContract;
  aggregator: AnyContract;
  /** Transmits a round signed by f + 1 oracles, in a block at `at` if given. */
  transmit(answer: bigint, at?: number): Promise<void>;
}

/** The account of the development chain that transmits. */
export const transmitterOf = async (index = 0) => (await ethers.getSigner(TRANSMITTERS[index]!.address))!;

async function feedOf(decimals: number): Promise<Feed> {
  const parameters = { LocalFeed: feedParameters(decimals) };
  const { aggregator, proxy } = await ignition.deploy(LocalFeed, { parameters });
  const own = aggregator.connect(await transmitterOf()) as unknown as AnyContract;
  const transmit = async (answer: bigint, at?: number) => {
    if (at !== undefined) await networkHelpers.time.setNextBlockTimestamp(at);
    await transmitNext(own, answer);
  };
  return { proxy: proxy as unknown as AnyContract, aggregator: own, transmit };
}

/** A feed in its first phase, with one round. */
export async function deployFeed(decimals: number, answer: bigint): Promise<Feed> {
  const feed = await feedOf(decimals);
  await feed.transmit(answer);
  return feed;
}

/** A new aggregator for the proxy; `confirm` makes it the next phase. */
export async function nextPhase({ proxy }: Feed, decimals = 8): Promise<Feed & { confirm(): Promise<void> }> {
  const next = await feedOf(decimals);
  const confirm = async () => {
    await proxy.proposeAggregator!(next.aggregator);
    await proxy.confirmAggregator!(next.aggregator);
  };
  return { ...next, proxy, confirm };
}

/** The Arbitrum sequencer-uptime feed; `report` is what the message from layer 1 does. */
export async function deployUptimeFeed(readers: AnyContract[]) {
  const l1Sender = "0x00000000000000000000000000000000000a11ce";
  const feed = await deploy("UptimeFeed", await deploy("Flags"), l1Sender);
  await feed.initialize!();
  for (const reader of readers) await feed.addAccess!(reader);
  const alias: string = await feed.aliasedL1MessageSender!();
  const messenger = await signerOf(alias);
  const report = async (isDown: boolean, at: number) =>
    void (await (feed.connect(messenger) as AnyContract).updateStatus!(isDown, at));
  return { feed, report };
}
