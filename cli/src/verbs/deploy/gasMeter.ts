/** What each step of a rehearsal costs: the gas of every block that it was mined in, on a chain of which nobody else makes use. */
import type { Provider } from "ethers";

export interface GasStep {
  step: string;
  transactions: number;
  gas: number;
  /** Of the dearest block: a node that mines at once puts one transaction in each. */
  largest: number;
}

export class GasMeter {
  readonly steps: GasStep[] = [];
  readonly #provider: Provider;

  constructor(provider: Provider) {
    this.#provider = provider;
  }

  async around<T>(step: string, work: () => Promise<T>): Promise<T> {
    const before = await this.#provider.getBlockNumber();
    const result = await work();
    const after = await this.#provider.getBlockNumber();
    const spent: GasStep = { step, transactions: 0, gas: 0, largest: 0 };
    for (let number = before + 1; number <= after; number++) {
      const block = (await this.#provider.getBlock(number))!;
      spent.transactions += block.transactions.length;
      spent.gas += Number(block.gasUsed);
      spent.largest = Math.max(spent.largest, Number(block.gasUsed));
    }
    this.steps.push(spent);
    return result;
  }
}
