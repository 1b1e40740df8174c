/** Transactions at told times: no block's time may hang on how fast the machine is, or the same seed would not give the same result. */
import type { BaseContract, JsonRpcSigner, Log } from "ethers";
import type { LocalChain } from "../../hardhat/localChain.ts";

/** Below the most that a transaction may take. */
const GAS = "0xf00000";

export interface Receipt {
  readonly logs: readonly Log[];
  readonly blockNumber: number;
}

export interface Clockwork {
  /** The last block's time. */
  now(): number;
  /** The next one's. */
  next(): number;
  /** Puts the next block at `seconds` (unix) or, where that is past, a second after the last one. */
  at(seconds: number): void;
  /** Sends one transaction, in a block of its own a second after the last one or where {@link at} put it. */
  send(contract: BaseContract, from: JsonRpcSigner, method: string, ...values: unknown[]): Promise<Receipt>;
  /** The same of a call that is encoded already. */
  sendData(to: BaseContract, from: JsonRpcSigner, data: string): Promise<Receipt>;
  /** What a view answers in a block of that time, after the last one: no block is mined. */
  callAt<Answer>(seconds: number, to: BaseContract, method: string, ...values: unknown[]): Promise<Answer>;
  /** For a transaction that other code sends next. */
  tick(): Promise<void>;
}

export async function startClockwork(chain: LocalChain): Promise<Clockwork> {
  let now = (await chain.provider.getBlock("latest"))!.timestamp;
  let next = now + 1;
  const tick = async () => {
    await chain.setNextBlockAt(next);
    now = next;
    next = now + 1;
  };
  const sendData: Clockwork["sendData"] = async (to, from, data) => {
    const { provider } = chain;
    await tick();
    const hash = await provider.send("eth_sendTransaction", [
      { from: from.address, to: to.target, data, gas: GAS },
    ]);
    const { logs, blockNumber } = (await provider.getTransactionReceipt(hash))!;
    return { logs, blockNumber };
  };
  return {
    now: () => now,
    next: () => next,
    tick,
    at: (seconds) => {
      next = Math.max(next, seconds);
    },
    send: (contract, from, method, ...values) =>
      sendData(contract, from, contract.interface.encodeFunctionData(method, values.map(addressOf))),
    sendData,
    callAt: async (seconds, to, method, ...values) => {
      await chain.setNextBlockAt(seconds);
      return to.getFunction(method).staticCall(...values, { blockTag: "pending" });
    },
  };
}

/** A contract or an account as its address; everything else as it is. */
const addressOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "target" in value
    ? value.target
    : typeof value === "object" && value !== null && "address" in value
      ? value.address
      : value;
