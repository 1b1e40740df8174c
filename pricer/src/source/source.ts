/** Where a chain comes from: a file, a venue, a simulated market. */
import type { Chain } from "../chain.ts";

export interface Source {
  /** The chain of now; throws `ChainError` when there is none to be had. */
  read(signal?: AbortSignal): Promise<Chain>;
}
