/**
 * The intent log: a file of JSON lines to which every transaction is written, and forced to the disk, before it is sent. A keeper that is
 * killed at any moment finds there all that it may have sent, signed, and so never uses a nonce for a second deed.
 *
 * Its first line says whose it is: nonces mean nothing to another account, or on another chain.
 *
 * A line that was cut off by a full disk or a lost machine was never sent: it is passed over.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { ConfigError } from "./config.ts";
import type { Deed } from "./deed.ts";

/** The account whose nonces are logged, and its chain. */
export interface Owner {
  account: string;
  chainId: number;
}

/** One signed version of the transaction at a nonce; the last of a nonce is the one that stands. */
export interface Intent {
  type: "intent";
  nonce: number;
  deed: Deed;
  hash: string;
  raw: string;
  gasLimit: string;
  maxFeePerGas: string;
  maxPriorityFeePerGas: string;
  /** The block after which it was sent. */
  block: number;
  /** Time of that block, unix seconds: days are counted by the chain's clock. */
  at: number;
}

/** A nonce is used up, in a block that no longer goes away. */
export interface Final {
  type: "final";
  nonce: number;
  /** What was mined; null where it was none of ours. */
  hash: string | null;
  cost: string;
  at: number;
}

export type Entry = Intent | Final;

export class Journal {
  readonly #file: number;
  /** What says whose it is, until that is written. */
  #head = "";
  #length: number;
  readonly entries: Entry[];

  /** @throws ConfigError where the log is not of this owner */
  constructor(path: string, { account, chainId }: Owner) {
    this.#file = openSync(path, "a+", 0o600);
    const text = readFileSync(path, "utf8");
    const lines = text.split("\n").flatMap(lineOf);
    this.entries = lines.filter((line) => line.type !== "owner");
    this.#length = Buffer.byteLength(text);
    const [first = null] = lines;
    if (first !== null && !isOf(first, { account, chainId })) {
      this.close();
      const whose = first.type === "owner" ? `${first.account} on chain ${first.chainId}` : "nobody it names";
      throw new ConfigError(`The intent log ${path} is of ${whose}, not of ${account} on chain ${chainId}.`);
    }
    if (text !== "" && !text.endsWith("\n")) this.#write("\n");
    if (first === null) this.#head = `${JSON.stringify({ type: "owner", account, chainId })}\n`;
  }

  /** Writes an entry and returns once it is on the disk. @throws when it is not: then nothing may be sent. */
  append(entry: Entry): void {
    this.#write(`${this.#head}${JSON.stringify(entry)}\n`);
    this.#head = "";
    this.entries.push(entry);
  }

  close(): void {
    closeSync(this.#file);
  }

  #write(text: string): void {
    const bytes = Buffer.from(text);
    try {
      let written = 0;
      while (written < bytes.length) written += writeSync(this.#file, bytes, written);
      fsyncSync(this.#file);
    } catch (error) {
      // A half line would swallow the next one.
      ftruncateSync(this.#file, this.#length);
      throw error;
    }
    this.#length += bytes.length;
  }
}

const isOf = (line: Line, { account, chainId }: Owner): boolean =>
  line.type === "owner" && line.account === account && line.chainId === chainId;

type Line = Entry | ({ type: "owner" } & Owner);

function lineOf(text: string): Line[] {
  try {
    const line = JSON.parse(text);
    return ["owner", "intent", "final"].includes(line?.type) ? [line] : [];
  } catch {
    return [];
  }
}
