/** VolSurface as the pricer reads it. */
import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { type EncodedReport, encodeReport, type ReportSlice, unpackDays } from "@meniscus/sdk/report";
import { expiryOfDay } from "@meniscus/sdk/series";
import { reportAt as reportAtOf, withFlags } from "@meniscus/sdk/slice";
import { Contract, dataLength, isError, type JsonRpcProvider } from "ethers";
import { ConfigError, type MarketConfig } from "../service/config.ts";
import { assertChain, openNode } from "../service/node.ts";
import { isUnknownView } from "../service/refusedCall.ts";
import type { SignedReport } from "../store/store.ts";
import type { Quorum } from "./signers.ts";

export interface ChainState {
  /** The report that the contract holds; null before the first. */
  readonly last: EncodedReport | null;
  readonly listed: ReadonlySet<number>;
  /** Those listed of which it has no slice of any time. */
  readonly unknown: ReadonlySet<number>;
  readonly quorum: Quorum;
}

/** Milliseconds for which is asked again what a node does not know yet: one of several behind a URL is late by a block or two. */
const LATE_MS = 1500;
const PAUSE_MS = 250;
/** Milliseconds for which a lower head than the last is late. A chain that was taken back by so much, or begun anew, is believed after them. */
const HEAD_MS = 60_000;

/**
 * Gas. Once: the words that a report may write first, 22,100 each, of four anchors and the epoch's three; the market's state, which is never
 * empty, 5,000; two events and what is read, some 25,000. A slice: its word, 22,100 too, its check and its part of the event, some 4,000, and
 * in the epoch's first report the search for a butterfly, some 16,500.
 * A signature: its recovery and its signer's word, some 5,600. The rest is margin. A report that is skipped pays 40 a byte of its call data,
 * not 16 (EIP-7623), which makes the difference smaller; that is not counted on.
 */
const STORING_GAS = { once: 200_000, slice: 45_000, signature: 7_000 };
const SIGNATURE_BYTES = 64;

/** The most gas that `postIfNewer` takes for storing a report beyond what it takes for skipping it. */
export const storingGas = ({ report, signatures }: SignedReport): bigint => {
  const { once, slice, signature } = STORING_GAS;
  const signed = dataLength(signatures) / SIGNATURE_BYTES;
  return BigInt(once + slice * report.slices.length + signature * signed);
};

/** What the contract holds of the last report; zeros before the first. */
interface StoredSurface {
  readonly reportAt: bigint;
  readonly spot: bigint;
}

export class SurfaceChain {
  readonly provider: JsonRpcProvider;
  readonly contract: Contract;
  readonly #market: number;
  readonly #rpc: string;
  readonly #chainId: number;
  #isFound = false;
  /** The head that is believed, and when it was told, milliseconds of this process. */
  #newest = { number: 0, at: 0 };

  /** @param seconds after which a request is given up */
  constructor(rpc: string, { id, chainId, contract }: MarketConfig, seconds: number) {
    this.provider = openNode(rpc, chainId, seconds);
    this.contract = new Contract(contract, volSurfaceAbi, this.provider);
    [this.#market, this.#rpc, this.#chainId] = [id, rpc, chainId];
  }

  /** Asks for the market, until it was found once. @throws ConfigError where chain, contract or number is not one, and what fails */
  async assertMarket(): Promise<void> {
    if (this.#isFound) return;
    await assertChain(this.provider, this.#rpc, this.#chainId);
    const at = await this.contract.getAddress();
    if ((await this.provider.getCode(at)) === "0x")
      throw new ConfigError(`market.contract: no contract at ${at} on chain ${this.#chainId}.`);
    if (!(await this.#hasMarket(at)))
      throw new ConfigError(`market.id: the VolSurface at ${at} has no market ${this.#market}.`);
    this.#isFound = true;
  }

  async #hasMarket(at: string): Promise<boolean> {
    try {
      // No market is without a quarantine, be it one whose signers are revoked.
      return (await this.contract.terms!(this.#market)).quarantine !== 0n;
    } catch (error) {
      if (!isUnknownView(error)) throw error;
      throw new ConfigError(
        `market.contract: the contract at ${at} is no VolSurface. Give the address that the deployment's file calls volSurface.`,
      );
    }
  }

  /** All of one block. @throws ConfigError as {@link assertMarket}, and what fails */
  async read(): Promise<ChainState> {
    await this.assertMarket();
    for (const end = performance.now() + LATE_MS; ; ) {
      try {
        return await this.#readAt(await this.#head());
      } catch (error) {
        if (performance.now() > end || !isOfLateNode(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  /** The newest block; where the node is late, the newest that there was in the last minute. */
  async #head(): Promise<number> {
    const number = await this.provider.getBlockNumber();
    const at = performance.now();
    if (number >= this.#newest.number || at - this.#newest.at > HEAD_MS) this.#newest = { number, at };
    return this.#newest.number;
  }

  async #readAt(blockTag: number): Promise<ChainState> {
    const [surface, expiries, { signerSet, quorum }] = await Promise.all([
      this.contract.surface!(this.#market, { blockTag }),
      this.contract.expiries!(this.#market, { blockTag }),
      this.contract.terms!(this.#market, { blockTag }),
    ]);
    const listed = unpackDays(BigInt(expiries))
      .filter((day) => day !== 0)
      .map(expiryOfDay);
    const newest = await this.#newestSlices(surface, listed, blockTag);
    return {
      last: this.#lastReport(surface, newest),
      listed: new Set(listed),
      unknown: new Set(listed.filter((each) => !newest.some(({ expiryAt }) => expiryAt === each))),
      quorum: {
        size: Number(quorum),
        // Of no block: who is in a set never changes.
        isMember: (signer) => this.contract.isSigner!(signerSet, signer),
      },
    };
  }

  postData({ report, signatures }: SignedReport): string {
    return this.contract.interface.encodeFunctionData("postIfNewer", [report, signatures]);
  }

  close(): void {
    this.provider.destroy();
  }

  /** Of each listed expiry that ever had one: what the last report left out still has the word of an earlier one. */
  async #newestSlices(
    { reportAt }: StoredSurface,
    listed: readonly number[],
    blockTag: number,
  ): Promise<ReportSlice[]> {
    if (reportAt === 0n) return [];
    const slices = await Promise.all(
      listed.map(async (expiryAt): Promise<ReportSlice> => {
        const reading = await this.contract.read!(this.#market, expiryAt, { blockTag });
        if (reading.reportAt !== reportAt) throw new MixedBlocks(reportAt, reading.reportAt);
        return { expiryAt, word: BigInt(reading.current) };
      }),
    );
    return slices.filter(({ word }) => word !== 0n);
  }

  #lastReport({ reportAt, spot }: StoredSurface, newest: readonly ReportSlice[]): EncodedReport | null {
    if (reportAt === 0n) return null;
    const slices = newest
      .filter(({ word }) => reportAtOf(word) === reportAt)
      .map(({ expiryAt, word }) => ({ expiryAt, word: withFlags(word, 0) }));
    return encodeReport({ market: this.#market, reportAt: Number(reportAt), spot, slices });
  }
}

/** Answers that are of two blocks, though all were asked of one. */
class MixedBlocks extends Error {
  constructor(reportAt: bigint, other: bigint) {
    super(
      `the node answers of two reports, of ${reportAt} and of ${other}: give the URL of one that answers of the block that it is asked of`,
    );
  }
}

/** Whether it may pass with the next block, or be another node's next time. */
const isOfLateNode = (error: unknown): boolean =>
  error instanceof MixedBlocks || isError(error, "CALL_EXCEPTION") || isError(error, "BAD_DATA");
