/** All recorded chains, read and cleaned once for all tests of a run. */
import path from "node:path";
import type { Chain, CleanChain } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { recordedSource } from "@meniscus/pricer/source/recorded";
import { recordedChains } from "./data.ts";

export interface Recorded {
  /** Name of the file, without its folder. */
  readonly name: string;
  readonly chain: Chain;
  readonly clean: CleanChain;
}

let all: Promise<Recorded[]> | undefined;

export function cleanRecordedChains(): Promise<Recorded[]> {
  all ??= Promise.all(recordedChains().map(read));
  return all;
}

async function read(file: string): Promise<Recorded> {
  const chain = await recordedSource(file).read();
  return { name: path.basename(file), chain, clean: cleanChain(chain) };
}
