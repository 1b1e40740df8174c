/** Where a chain comes from: a file, a venue, a simulated market. */
import type { Chain } from "../chain/chain.ts";

export interface Source {
  /** The chain of now; throws `ChainError` when there is none to be had. */
  read(signal?: AbortSignal): Promise<Chain>;
  /** Lets go of a connection, where it holds one between two reads: until then the process does not end. */
  close?(): void;
}
