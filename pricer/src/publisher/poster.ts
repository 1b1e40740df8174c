/**
 * Sends signed reports. What must hold: no transaction is sent that is not an intent on the disk; after a crash the chain says what became
 * of it. A report that was lost is not sent again, for a minute later nobody would take it: the next one has its nonce, and outbids it.
 */
import { formatUnits, isError, keccak256, parseUnits, type TransactionReceipt, type Wallet } from "ethers";
import type { Clock } from "../service/clock.ts";
import { raised } from "../service/fees.ts";
import { firstLine } from "../service/firstLine.ts";
import type { Intent, SignedReport, Store } from "../store/store.ts";
import type { SurfaceChain } from "./surfaceChain.ts";

export interface PosterParts {
  readonly chain: SurfaceChain;
  readonly wallet: Wallet;
  readonly store: Store;
  readonly clock: Clock;
  readonly chainId: number;
  readonly feeCapGwei: number;
  /** Told at each step, before the next. */
  readonly onStep?: (step: PostStep) => void;
}

export type PostStep = "intended" | "sent" | "mined";

export type Posted =
  | { readonly kind: "mined" | "outrun" | "reverted"; readonly intent: Intent; readonly gas: number }
  | { readonly kind: "pending"; readonly intent: Intent }
  | { readonly kind: "unsent"; readonly reason: string };

/** The contract takes no report older than this. */
export const REPORT_AGE_MAX = 60;
const WAIT_MS = 10_000;
const POLL_MS = 150;
const EARLY_MS = 400;
const EARLY_TRIES = 6;
const GWEI = 10n ** 9n;

export class Poster {
  readonly #parts: PosterParts;

  constructor(parts: PosterParts) {
    this.#parts = parts;
  }

  /** Asks the chain about every open intent; gives those that it has decided, and whether one is still on its way. */
  async settle(): Promise<{ closed: Posted[]; isBusy: boolean }> {
    const { store, clock, chain } = this.#parts;
    const closed: Posted[] = [];
    let isBusy = false;
    for (const intent of await store.openIntents()) {
      const posted = await this.#decided(intent);
      if (posted !== null) closed.push(posted);
      else if (clock() > intent.signed.report.reportAt + REPORT_AGE_MAX)
        await store.closeIntent(intent.hash, "lost");
      else {
        isBusy = true;
        // The crash may have come before the sending; a node that has it already says so, and nothing else happens.
        await chain.provider.broadcastTransaction(intent.raw).catch(() => {});
      }
    }
    return { closed, isBusy };
  }

  async post(signed: SignedReport): Promise<Posted> {
    let intent: Intent | string;
    try {
      intent = await this.#prepare(signed);
    } catch (error) {
      return { kind: "unsent", reason: this.#reasonOf(error) };
    }
    if (typeof intent === "string") return { kind: "unsent", reason: intent };
    const { store, chain, onStep } = this.#parts;
    try {
      await store.intend(intent);
    } catch (error) {
      return { kind: "unsent", reason: `the intent cannot be recorded: ${firstLine(error)}` };
    }
    onStep?.("intended");
    // Whatever the node answers, the intent stands: the chain is asked.
    await chain.provider.broadcastTransaction(intent.raw).catch(() => {});
    onStep?.("sent");
    for (const end = Date.now() + WAIT_MS; Date.now() < end; ) {
      const posted = await this.#decided(intent).catch(() => null);
      if (posted !== null) return posted;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    return { kind: "pending", intent };
  }

  /** The signed transaction, or why it should not be. */
  async #prepare(signed: SignedReport): Promise<Intent | string> {
    const { chain, wallet, store, chainId, feeCapGwei } = this.#parts;
    const { provider } = chain;
    const to = await chain.contract.getAddress();
    const data = chain.postData(signed);
    const [estimate, nonce, fees] = await Promise.all([
      this.#estimate({ from: wallet.address, to, data }),
      provider.getTransactionCount(wallet.address, "latest"),
      provider.getFeeData(),
    ]);
    const earlier = await store.offersAt(nonce);
    const maxFeePerGas = outbid(
      fees.maxFeePerGas ?? fees.gasPrice ?? GWEI,
      earlier.map((offer) => offer.maxFeePerGas),
    );
    const maxPriorityFeePerGas = outbid(
      fees.maxPriorityFeePerGas ?? 0n,
      earlier.map((offer) => offer.maxPriorityFeePerGas),
    );
    if (maxFeePerGas > parseUnits(feeCapGwei.toFixed(9), "gwei"))
      return `gas is dearer than the cap: ${formatUnits(maxFeePerGas, "gwei")} gwei of ${feeCapGwei}`;
    const gasLimit = (estimate * 13n) / 10n;
    const raw = await wallet.signTransaction({
      ...{ type: 2, chainId, nonce, to, data, gasLimit },
      ...{ maxFeePerGas, maxPriorityFeePerGas },
    });
    return { hash: keccak256(raw), nonce, raw, maxFeePerGas, maxPriorityFeePerGas, signed, state: "open" };
  }

  /** A chain whose clock is late by a second or two refuses at first what it takes when that has passed. */
  async #estimate(call: { from: string; to: string; data: string }): Promise<bigint> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#parts.chain.provider.estimateGas(call);
      } catch (error) {
        if (tries === EARLY_TRIES || !/VolSurface_FromTheFuture/.test(this.#reasonOf(error))) throw error;
        await new Promise((resolve) => setTimeout(resolve, EARLY_MS));
      }
    }
  }

  /** What the chain has decided of an intent; null while it has not. */
  async #decided(intent: Intent): Promise<Posted | null> {
    const { chain, store, onStep } = this.#parts;
    const receipt = await chain.provider.getTransactionReceipt(intent.hash);
    if (receipt === null) return null;
    onStep?.("mined");
    const kind = receipt.status !== 1 ? "reverted" : this.#hasStored(receipt) ? "mined" : "outrun";
    await store.closeIntent(intent.hash, kind);
    return { kind, intent, gas: Number(receipt.gasUsed) };
  }

  /** `postIfNewer` goes through, and stores nothing, where a newer report was there first. */
  #hasStored({ logs }: TransactionReceipt): boolean {
    const { topicHash } = this.#parts.chain.contract.interface.getEvent("ReportPosted")!;
    return logs.some(({ topics }) => topics[0] === topicHash);
  }

  #reasonOf(error: unknown): string {
    if (!isError(error, "CALL_EXCEPTION") || error.data === null) return firstLine(error);
    const revert = this.#parts.chain.contract.interface.parseError(error.data);
    return revert === null
      ? firstLine(error)
      : `the contract refuses it: ${revert.name}(${revert.args.join(", ")})`;
  }
}

/** What a node takes in place of every earlier offer for the same nonce. */
const outbid = (fee: bigint, earlier: readonly bigint[]): bigint =>
  earlier.map(raised).reduce((most, offer) => (offer > most ? offer : most), fee);
