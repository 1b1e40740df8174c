/**
 * What a local market has around it on a public network, by the same parts: Chainlink's aggregators get rounds, signers sign reports, an
 * arbitrageur keeps Uniswap at spot, and keepers do what is due. Spot and vols are held, so that what is tried can be tried again.
 */
import { JOBS, type JobName } from "@meniscus/keeper/config";
import { type Contracts, findContracts, type Places } from "@meniscus/keeper/contracts";
import { LOOPS } from "@meniscus/keeper/keeper";
import type { View } from "@meniscus/keeper/view";
import { markSlotOf } from "@meniscus/pricer/service/clock";
import { isoTime } from "@meniscus/sdk/clock";
import type { EncodedReport, Report } from "@meniscus/sdk/report";
import { fromWad, WAD } from "@meniscus/sdk/wad";
import { concat } from "ethers";
import { CliError } from "../../cliError.ts";
import type { LocalChain, Say } from "../../hardhat/localChain.ts";
import { developmentAccount } from "../accounts.ts";
import { laterReport } from "../laterReport.ts";
import { moveTo } from "../pool.ts";
import type { Sources } from "../stages/oracleStage.ts";
import { carried } from "../surfaceOnChain.ts";

export interface Scene {
  chain: LocalChain;
  sources: Sources;
  /** Whose vols are held, while its time runs. */
  first: Report;
  places: Places;
}

/** Seconds of the chain's clock between two reports: the narrowest spread takes one that is no older than 30, by the trade's block. */
const REPORT_EVERY = 12;
/** Seconds between two rounds of a feed: well within the hour after which Chainlink's ETH/USD is late. */
const ROUND_EVERY = 1200;
/** As a block of Ethereum: what keepers look at has not changed before. */
const LOOK_EVERY = 12;
const MINUTE = 60;
/** What one look may do after another, as fix, settle, realize and close. */
const MOST_PASSES = 8;
/** The epoch ends once the expiry is settled; what else is due waits for the clock. */
const IN_STEPS: readonly JobName[] = ["settle", "epoch"];
/** Below the most that a transaction may take. */
const GAS = "0xf00000";
/** Accounts of the development chain: whom the tokens of the pool were minted to, and one that nothing else uses. */
const [POSTER, KEEPER] = [0, 19].map((index) => developmentAccount(index).address) as [string, string];
/** They come every few minutes, and nobody waits for them. */
const UNTOLD: readonly JobName[] = ["mark", "poke"];

export class OutsideWorld {
  readonly contracts: Contracts;
  /** Of the surface, rising, unix seconds. */
  readonly expiries: readonly number[];
  readonly #scene: Scene;
  readonly #say: Say;
  readonly #keptReports = new Map<string, EncodedReport>();
  #seen = { number: -1, at: 0 };

  private constructor(scene: Scene, contracts: Contracts, say: Say) {
    [this.#scene, this.contracts, this.#say] = [scene, contracts, say];
    this.expiries = scene.first.slices.map(({ expiryAt }) => expiryAt).sort((one, other) => one - other);
  }

  /** @param say is told what keepers have done */
  static async open(scene: Scene, say: Say): Promise<OutsideWorld> {
    return new OutsideWorld(scene, await findContracts(scene.chain.provider, scene.places), say);
  }

  /** Quote per base, WAD: what the last report said. */
  async spot(): Promise<bigint> {
    return (await this.#surface()).spot;
  }

  /** The time that the next block would have, unix seconds. */
  async nextAt(): Promise<number> {
    const block = await this.#scene.chain.provider.send("eth_getBlockByNumber", ["pending", false]);
    return Number(block.timestamp);
  }

  blockNumber(): Promise<number> {
    return this.#scene.chain.provider.getBlockNumber();
  }

  /** Whether the node mines each transaction at once. */
  isMining(): Promise<boolean> {
    return this.#scene.chain.provider.send("hardhat_getAutomine", []);
  }

  /** Does all that is due by the chain's clock. Nothing is remembered but what the chain says, so a snapshot may be reverted. */
  async look(): Promise<void> {
    const [number, at] = [await this.blockNumber(), await this.nextAt()];
    if (number === this.#seen.number && at < this.#seen.at + LOOK_EVERY) return;
    if (!(await this.isMining()))
      throw new CliError(
        "Blocks are not mined by themselves: nothing is posted until evm_setAutomine is true.",
      );
    await this.#transmit(at);
    await this.#post();
    await this.#keep();
    this.#seen = { number: await this.blockNumber(), at };
  }

  async #surface(): Promise<{ reportAt: bigint; spot: bigint }> {
    const { volSurface, market } = this.contracts;
    return volSurface.getFunction("surface")(market);
  }

  /** A round of each feed, with Uniswap at the same price, before anybody signs a report or asks an oracle. */
  async #transmit(at: number): Promise<void> {
    const { chain, sources } = this.#scene;
    const { feeds, uniswap, base, quote } = sources;
    const { updatedAt } = await feeds.base.proxy.getFunction("latestRoundData")();
    if (at - Number(updatedAt) < ROUND_EVERY) return;
    const spot = await this.spot();
    const { answer } = await feeds.quote.proxy.getFunction("latestRoundData")();
    const quoteUsd = BigInt(answer) * 10n ** 10n;
    await feeds.quote.transmit(quoteUsd);
    await feeds.base.transmit((spot * quoteUsd) / WAD);
    await moveTo(uniswap, await chain.provider.getSigner(POSTER), base, quote, spot);
  }

  /** A report of now; from 09:00 to 09:15 UTC one of each minute, as signers sign no other. */
  async #post(): Promise<void> {
    const { volSurface } = this.contracts;
    const nextAt = await this.nextAt();
    const isMarking = markSlotOf(nextAt) !== null;
    const at = isMarking ? nextAt - (nextAt % MINUTE) : nextAt;
    const { reportAt, spot } = await this.#surface();
    if (at < Number(reportAt) + (isMarking ? 1 : REPORT_EVERY)) return;
    const report = laterReport(this.#scene.first, at, spot);
    if (report.slices.length === 0)
      throw new CliError("Every expiry of this chain is over: end it and start another.");
    const { selector } = volSurface.interface.getFunction("postIfNewer")!;
    await this.#send(POSTER, volSurface.target, concat([selector, await carried(volSurface, report)]));
  }

  /** All of the keeper's loops, then those that take several steps to their end. What stands in one's way is no reason not to do the others. */
  async #keep(): Promise<void> {
    let failure: unknown = null;
    let jobs: readonly JobName[] = JOBS;
    for (let pass = 0; jobs.length > 0 && pass < MOST_PASSES; pass++) {
      const acted: JobName[] = [];
      for (const job of jobs) {
        try {
          const view = await this.#view();
          const decision = await LOOPS[job](view);
          if (!("act" in decision)) continue;
          const { what, to, data } = decision.act;
          await this.#send(KEEPER, to, data);
          acted.push(job);
          if (!UNTOLD.includes(job)) this.#say(`${isoTime(view.head.timestamp)} keeper: ${what}`);
        } catch (error) {
          failure ??= error;
        }
      }
      if (failure !== null) throw failure;
      jobs = acted.some((job) => IN_STEPS.includes(job)) ? IN_STEPS : [];
    }
  }

  async #view(): Promise<View> {
    const { provider } = this.#scene.chain;
    const { number, hash, timestamp, baseFeePerGas } = (await provider.getBlock("latest"))!;
    return {
      contracts: this.contracts,
      provider,
      account: KEEPER,
      minimumProfit: 1n,
      gasPrice: baseFeePerGas ?? 0n,
      head: { number, hash: hash!, timestamp, baseFee: baseFeePerGas ?? 0n },
      newestReport: async () => null,
      doneAt: () => null,
      keptReports: this.#keptReports,
    };
  }

  async #send(from: string, to: unknown, data: string): Promise<void> {
    await this.#scene.chain.provider.send("eth_sendTransaction", [{ from, to, data, gas: GAS }]);
  }
}

/** For people: `3003.76`. */
export const spotText = (spot: bigint): string => fromWad(spot).toFixed(2);
