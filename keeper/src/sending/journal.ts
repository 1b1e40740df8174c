/**
 * The intent log: a file of JSON lines to which every transaction is written, and forced to the disk, before it is sent. A keeper that is
 * killed at any moment finds there all that it may have sent, signed, and so never uses a nonce for a second deed.
 *
 * Its first line says whose it is: nonces mean nothing to another account, or on another chain.
 *
 * A line that was cut off by a full disk or a lost machine was never sent: it is passed over.
 */
import { closeSync, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { ConfigError } from "../config.ts";
import type { Deed } from "../deed.ts";

/** The account whose nonces are logged, and its chain. */
interface Owner {
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
  /** What was mined; null where the node has no receipt of ours. */
  hash: string | null;
  /** Wei; the most that one of its versions could cost where there is no receipt. */
  cost: string;
  at: number;
}

export type Entry = Intent | Final;

export class Journal {
  readonly #file: number;
  /** What comes before the next line: an end for one that was cut off, and whose log it is, until they are written. */
  #head = "";
  #length: number;
  readonly entries: Entry[];

  /** Opens or makes it, and writes nothing yet. @throws ConfigError where the file is no log, or not this owner's */
  constructor(path: string, owner: Owner) {
    this.#file = openSync(path, "a+", 0o600);
    const bytes = readFileSync(path);
    const texts = bytes.toString("utf8").split("\n");
    const mistake = mistakeIn(texts, owner);
    if (mistake !== null) {
      this.close();
      throw new ConfigError(
        `${path} ${mistake}. Give "journal" the path of this keeper's own log, or of a file that is not there yet.`,
      );
    }
    const lines = texts.flatMap(lineOf);
    this.entries = lines.filter((line) => line.type !== "owner");
    this.#length = bytes.length;
    if (texts.at(-1) !== "") this.#head = "\n";
    if (lines.length === 0) this.#head += `${ownerLine(owner)}\n`;
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

const ownerLine = ({ account, chainId }: Owner): string =>
  JSON.stringify({ type: "owner", account, chainId });

/** Why these are not the lines of this owner's log; null where they are. */
function mistakeIn(texts: string[], owner: Owner): string | null {
  const start = texts.findIndex((text) => lineOf(text).length > 0);
  const [first = null] = start === -1 ? [] : lineOf(texts[start]!);
  if (first !== null && !isOf(first, owner)) {
    const whose = first.type === "owner" ? `${first.account} on chain ${first.chainId}` : "nobody it names";
    return `is the intent log of ${whose}, not of ${owner.account} on chain ${owner.chainId}`;
  }
  // Before its owner a log has nothing but what was cut off of that line.
  const before = start === -1 ? texts : texts.slice(0, start);
  const isLog = before.every((text) => ownerLine(owner).startsWith(text));
  return isLog ? null : "is no intent log of a keeper, and was left as it is";
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
