/**
 * The intent log: a file of JSON lines to which every transaction is written, and forced to the disk, before it is sent. A keeper that is
 * killed at any moment finds there all that it may have sent, signed, and so never uses a nonce for a second deed.
 *
 * A line that was cut off by a full disk or a lost machine was never sent: it is passed over.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import type { Deed } from "./deed.ts";

/** One signed version of the transaction at a nonce; the last of a nonce is the one that stands. */
export interface Intent {
  type: "intent";
  nonce: number;
  /** Null: nothing is done, the nonce is only used up. */
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
  #length: number;
  readonly entries: Entry[];

  constructor(path: string) {
    this.#file = openSync(path, "a+", 0o600);
    const text = readFileSync(path, "utf8");
    this.entries = text.split("\n").flatMap(entryOf);
    this.#length = Buffer.byteLength(text);
    if (text !== "" && !text.endsWith("\n")) this.#write("\n");
  }

  /** Writes an entry and returns once it is on the disk. @throws when it is not: then nothing may be sent. */
  append(entry: Entry): void {
    this.#write(`${JSON.stringify(entry)}\n`);
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

function entryOf(line: string): Entry[] {
  try {
    const entry = JSON.parse(line);
    return entry?.type === "intent" || entry?.type === "final" ? [entry] : [];
  } catch {
    return [];
  }
}
