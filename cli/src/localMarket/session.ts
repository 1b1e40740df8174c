/** A market on a local chain with those who trade in it. */
import type { JsonRpcSigner } from "ethers";
import type { LocalChain } from "../hardhat/localChain.ts";
import type { Stage } from "./stages/clearingStage.ts";
import type { PoolStage } from "./stages/poolStage.ts";
import type { SurfaceOnChain } from "./surfaceOnChain.ts";

/** Accounts of the development chain. */
export const ACCOUNTS = { trader: 4, insurer: 8, fund: 9, writer: 18 };
export type Who = keyof typeof ACCOUNTS;

export interface Session {
  chain: LocalChain;
  surface: SurfaceOnChain;
  stage: Stage;
  pool: PoolStage;
  accounts: Record<Who, JsonRpcSigner>;
  currency: string;
  /** Options in one unit of the orders of a script, WAD: a round number of them; 0 without a script. */
  unit: bigint;
}
