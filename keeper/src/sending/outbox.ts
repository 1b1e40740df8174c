/** Signs, logs and sends, in this order: nothing is sent that is not on the disk. */
import type { Fees } from "@meniscus/pricer/service/fees";
import { firstLine } from "@meniscus/pricer/service/firstLine";
import { type JsonRpcProvider, keccak256, type Wallet } from "ethers";
import type { Deed } from "../deed.ts";
import type { Event } from "../event.ts";
import type { Head } from "../view.ts";
import type { Intent, Journal } from "./journal.ts";

export interface OutboxParts {
  wallet: Wallet;
  provider: JsonRpcProvider;
  journal: Journal;
  chainId: number;
  notify: (event: Event) => void;
}

export class Outbox {
  readonly #parts: OutboxParts;

  constructor(parts: OutboxParts) {
    this.#parts = parts;
  }

  /** Signs a version for a nonce and logs it. @throws where it is not on the disk */
  async intend(deed: Deed, nonce: number, gasLimit: bigint, fees: Fees, head: Head): Promise<Intent> {
    const { wallet, journal, chainId } = this.#parts;
    const { to, data } = deed;
    const raw = await wallet.signTransaction({ type: 2, chainId, nonce, to, data, gasLimit, ...fees });
    const intent: Intent = {
      type: "intent",
      nonce,
      deed,
      hash: keccak256(raw),
      raw,
      gasLimit: String(gasLimit),
      maxFeePerGas: String(fees.maxFeePerGas),
      maxPriorityFeePerGas: String(fees.maxPriorityFeePerGas),
      block: head.number,
      at: head.timestamp,
    };
    journal.append(intent);
    return intent;
  }

  /** What the node says matters little: the log has it, and the next look finds out. */
  async broadcast(intent: Intent, kind: "sent" | "resent" | "replaced" | "cancelled"): Promise<void> {
    const { provider, notify } = this.#parts;
    try {
      await provider.broadcastTransaction(intent.raw);
      notify({ kind, intent });
    } catch (error) {
      notify({
        kind: "unsent",
        nonce: intent.nonce,
        reason: `the node did not take it: ${firstLine(error)}`,
      });
    }
  }
}
