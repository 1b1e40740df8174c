/** How many transactions of the account the chain has. A node may be wrong for once, and what is signed at a wrong nonce stays: a count that is far off is not believed. */
import type { Provider } from "ethers";
import type { Head } from "../view.ts";
import type { Entry } from "./journal.ts";

/** Nonces that others with the same key may have used between two looks. */
const MOST_AHEAD = 16;
/** Counts one after another that are as far off, after which they are believed: the log is of another machine, or the chain lost more than is final. */
const PATIENCE = 20;

export class Counts {
  readonly #provider: Provider;
  readonly #account: string;
  readonly #entries: readonly Entry[];
  #last: { hash: string; next: number } | null = null;
  #doubted: { next: number; times: number } = { next: 0, times: 0 };

  constructor(provider: Provider, account: string, entries: readonly Entry[]) {
    [this.#provider, this.#account, this.#entries] = [provider, account, entries];
  }

  /** The next nonce by this head. @throws where it is not believed */
  async ask(head: Head): Promise<number> {
    const next = await this.#asked(head);
    const doubt = await this.#doubtOf(next, head);
    if (doubt === null) this.#doubted.times = 0;
    else if (!this.#isLasting(next)) throw new Error(doubt);
    this.#last = { hash: head.hash, next };
    return next;
  }

  /** The same, as it was believed at this head. */
  async at(head: Head): Promise<number> {
    return this.#last?.hash === head.hash ? this.#last.next : this.ask(head);
  }

  #asked({ number }: Head): Promise<number> {
    return this.#provider.getTransactionCount(this.#account, number);
  }

  async #doubtOf(next: number, head: Head): Promise<string | null> {
    const counts = `the node counts ${next} transactions of the account`;
    if (this.#last === null && this.#entries.length === 0) {
      // Nothing to hold it against but itself.
      const again = await this.#asked(head);
      return again === next ? null : `${counts}, and then ${again}`;
    }
    // One by one: a log of months has more entries than a call may have arguments.
    let [seen, final] = [this.#last?.next ?? 0, 0];
    for (const { type, nonce } of this.#entries) {
      seen = Math.max(seen, nonce + 1);
      if (type === "final") final = Math.max(final, nonce + 1);
    }
    if (next < final) return `${counts}, and ${final} of them are final`;
    if (next <= seen + MOST_AHEAD) return null;
    return `${counts}, and the log and looks before know of ${seen}: name another node, or begin a new log if the key is used elsewhere`;
  }

  #isLasting(next: number): boolean {
    const isSame = Math.abs(next - this.#doubted.next) <= MOST_AHEAD;
    this.#doubted = { next, times: isSame ? this.#doubted.times + 1 : 1 };
    return this.#doubted.times >= PATIENCE;
  }
}
