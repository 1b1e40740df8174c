/** The two tokens of a local chain's market. */
import type { Contract } from "ethers";

export const SIDES = ["base", "quote"] as const;
export type Side = (typeof SIDES)[number];

export interface Token {
  contract: Contract;
  symbol: string;
  decimals: number;
}

export type Tokens = Record<Side, Token>;
