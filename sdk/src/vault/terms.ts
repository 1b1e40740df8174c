/** What vault and tranches are told at their deployment, in the contracts' units, and the names of what the vault answers. */
import type { Side } from "../sides.ts";

/** In the units of the asset. */
export interface TrancheTerms {
  cap: bigint;
  minimumAssets: bigint;
  minimumShares: bigint;
}

/** ITranche.Terms by default: docs/PARAMETERS.md has the reasons. */
export function trancheTerms(side: Side, decimals: number): TrancheTerms {
  const unit = 10n ** BigInt(decimals);
  return side === "base"
    ? { cap: 5_000n * unit, minimumAssets: unit / 100n, minimumShares: unit / 100n }
    : { cap: 15_000_000n * unit, minimumAssets: 25n * unit, minimumShares: 25n * unit };
}

/** ILiquidityVault.Terms: half a vol point, five basis points of notional and nine of what is hedged; no fees. */
export const VAULT_TERMS = {
  unwindVolBps: 50,
  unwindNotionalBps: 5,
  hedgeBps: 9,
  managementBps: 0,
  performanceBps: 0,
  feeReceiver: "0x0000000000000000000000000000000000000000",
};

/** In the order of ILiquidityVault.Obstacle. */
export const VAULT_OBSTACLES = [
  "None",
  "NotSeeded",
  "BeforeCutOff",
  "NoReportYet",
  "WrongReport",
  "ExpiryNotSettled",
  "ExpiryNotRealized",
  "SpotUnconfirmed",
] as const;

/** In the order of ILiquidityVault.Doubt: why an epoch ends without a mark. */
export const VAULT_DOUBTS = ["None", "Slices", "Spot"] as const;

/** In the order of ILiquidityVault.Phase. */
export const VAULT_PHASES = ["Seeding", "Running", "WindingDown"] as const;
