/** The two tokens of the local chain's market. */
import type { Contract } from "ethers";

export interface Token {
  contract: Contract;
  symbol: string;
  decimals: number;
}

export interface Tokens {
  base: Token;
  quote: Token;
}
