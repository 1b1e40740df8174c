/** The two tokens of a local chain's market. */
import type { Side } from "@meniscus/sdk/sides";
import type { Contract } from "ethers";

export interface Token {
  contract: Contract;
  symbol: string;
  decimals: number;
}

export type Tokens = Record<Side, Token>;
