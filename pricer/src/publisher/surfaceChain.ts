/** VolSurface as the pricer reads it. */
import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { type EncodedReport, encodeReport, type ReportSlice, unpackDays } from "@meniscus/sdk/report";
import { expiryOfDay } from "@meniscus/sdk/series";
import { reportAt as reportAtOf, withFlags } from "@meniscus/sdk/slice";
import { Contract, type JsonRpcProvider } from "ethers";
import { ConfigError, type MarketConfig } from "../service/config.ts";
import { assertChain, openNode } from "../service/node.ts";
import { isUnknownView } from "../service/refusedCall.ts";
import type { SignedReport } from "../store/store.ts";
import type { Quorum } from "./signers.ts";

export interface ChainState {
  /** The report that the contract holds; null before the first. */
  readonly last: EncodedReport | null;
  readonly listed: ReadonlySet<number>;
  readonly quorum: Quorum;
}

export class SurfaceChain {
  readonly provider: JsonRpcProvider;
  readonly contract: Contract;
  readonly #market: number;
  readonly #rpc: string;
  readonly #chainId: number;
  #isFound = false;

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

  /** @throws ConfigError as {@link assertMarket}, and what fails */
  async read(): Promise<ChainState> {
    await this.assertMarket();
    const [surface, expiries, { signerSet, quorum }] = await Promise.all([
      this.contract.surface!(this.#market),
      this.contract.expiries!(this.#market),
      this.contract.terms!(this.#market),
    ]);
    const listed = unpackDays(BigInt(expiries))
      .filter((day) => day !== 0)
      .map(expiryOfDay);
    return {
      last: await this.#lastReport(surface, listed),
      listed: new Set(listed),
      quorum: {
        size: Number(quorum),
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

  async #lastReport(
    { reportAt, spot }: { reportAt: bigint; spot: bigint },
    listed: readonly number[],
  ): Promise<EncodedReport | null> {
    if (reportAt === 0n) return null;
    const readings = await Promise.all(
      listed.map(async (expiryAt): Promise<ReportSlice> => {
        const { current } = await this.contract.read!(this.#market, expiryAt);
        return { expiryAt, word: BigInt(current) };
      }),
    );
    // What the last report left out still has the word of an earlier one.
    const slices = readings
      .filter(({ word }) => word !== 0n && reportAtOf(word) === reportAt)
      .map(({ expiryAt, word }) => ({ expiryAt, word: withFlags(word, 0) }));
    return encodeReport({ market: this.#market, reportAt: Number(reportAt), spot, slices });
  }
}
