/** What the tests of a publisher before a local chain share: a market a suite, and a stage and a proxy a test. */
import { type MarketConfig, scopeOf } from "@meniscus/pricer/service/config";
import { type Intent, Store } from "@meniscus/pricer/store/store";
import { cutOffOf, epochDayOf } from "@meniscus/sdk/clock";
import { decodeReport } from "@meniscus/sdk/report";
import { toQuantity } from "ethers";
import { type RpcProxy, startProxy } from "../keeper/proxy.ts";
import { type MarketProcess, POSTER_KEY, SIGNER_KEYS, startMarket } from "./localChain.ts";
import { openStage, type Stage, skipNearTheMark } from "./stage.ts";

/** After the first a signer's store takes no signature any more, after the second it does again. */
export const FULL =
  "CREATE TRIGGER full BEFORE INSERT ON signatures BEGIN SELECT RAISE(ABORT, 'disk full'); END";
export const NOT_FULL = "DROP TRIGGER full";

/** Gives a suite a market of its own, and closes what each test opens. Passes over the suite near the marking minute. */
export function publisherFixture(): PublisherFixture {
  const fixture = new PublisherFixture();
  before(async function () {
    skipNearTheMark(this);
    await fixture.start();
  });
  afterEach(() => fixture.reset());
  after(() => fixture.close());
  return fixture;
}

class PublisherFixture {
  #process: MarketProcess | undefined;
  #stage: Stage | undefined;
  #proxy: RpcProxy | undefined;

  async start(): Promise<void> {
    this.#process = await startMarket();
  }

  /** Closes what a test has opened. */
  async reset(): Promise<void> {
    const [stage, proxy] = [this.#stage, this.#proxy];
    this.#stage = this.#proxy = undefined;
    await stage?.close();
    proxy?.close();
  }

  async close(): Promise<void> {
    await this.#process?.close();
  }

  get url(): string {
    return this.#process!.url;
  }

  get market(): MarketConfig {
    return this.#process!.market;
  }

  /** The stage that was opened last. */
  get stage(): Stage {
    return this.#stage!;
  }

  /** A pricer and its signers before the market, in place of those that were open. */
  open(seed: number, more: object = {}): Promise<Stage> {
    return this.#openAt(this.url, seed, more);
  }

  /** The same with a proxy between pricer and node. */
  async openProxied(seed: number, more: object = {}): Promise<{ stage: Stage; proxy: RpcProxy }> {
    const proxy = await this.startProxy();
    return { stage: await this.#openAt(proxy.url, seed, more), proxy };
  }

  /** A proxy before the market's node. */
  async startProxy(): Promise<RpcProxy> {
    this.#proxy?.close();
    this.#proxy = await startProxy(this.url);
    return this.#proxy;
  }

  async #openAt(url: string, seed: number, more: object): Promise<Stage> {
    await this.#stage?.close();
    this.#stage = await openStage({ ...this.#process!, url }, seed, more);
    return this.#stage;
  }

  /** The pricer's store. */
  store(): Promise<Store> {
    return Store.open(this.stage.database, scopeOf(this.market, POSTER_KEY.address));
  }

  async intents(): Promise<Intent[]> {
    return (await this.store()).intents();
  }

  signerStore(index: number): Promise<Store> {
    const scope = scopeOf(this.market, SIGNER_KEYS[index]!.address);
    return Store.open(this.stage.signers[index]!.database, scope);
  }

  /** The venues of these signers have, or have no longer, the options of the last expiry that is listed. */
  async setLastExpiry(isThere: boolean, ...which: number[]): Promise<void> {
    const last = Math.max(...(await this.stage.chain.read()).listed);
    for (const index of which) this.stage.signers[index]!.venue.missing = isThere ? null : last;
  }

  /** Whether the report that the contract holds has that expiry. */
  async isLastExpiryPosted(): Promise<boolean> {
    const { last, listed } = await this.stage.chain.read();
    return decodeReport(last!).slices.some(({ expiryAt }) => expiryAt === Math.max(...listed));
  }

  /** Everybody's clock at five seconds past the next 09:00 UTC. */
  async toTheMark(): Promise<void> {
    await this.shiftTo(cutOffOf(epochDayOf((await this.blockTime()) - 1) + 1) + 5);
  }

  /** Everybody's clock where signers sign every second, later than the chain's. */
  async afterTheMark(): Promise<void> {
    const now = await this.blockTime();
    await this.shiftTo(Math.max(now + 60, cutOffOf(epochDayOf(now)) + 1000));
  }

  /** Everybody's clock, the chain's too. */
  async shiftTo(at: number): Promise<void> {
    const { stage } = this;
    const { provider } = stage.chain;
    const offset = at - Math.floor(Date.now() / 1000);
    await provider.send("evm_setNextBlockTimestamp", [toQuantity(at)]);
    await provider.send("evm_mine", []);
    stage.offset = offset;
    stage.venue.offset = offset;
    for (const signer of stage.signers) signer.offset = signer.venue.offset = offset;
  }

  /** Of the latest block. */
  async blockTime(): Promise<number> {
    return (await this.stage.chain.provider.getBlock("latest"))!.timestamp;
  }
}
