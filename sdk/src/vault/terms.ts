/** What a Tranche is told at its deployment, in the units of its asset. */
export interface TrancheTerms {
  cap: bigint;
  minimumAssets: bigint;
  minimumShares: bigint;
}

/** ITranche.Terms by default: docs/PARAMETERS.md has the reasons. */
export function trancheTerms(side: "base" | "quote", decimals: number): TrancheTerms {
  const unit = 10n ** BigInt(decimals);
  return side === "base"
    ? { cap: 5_000n * unit, minimumAssets: unit / 100n, minimumShares: unit / 100n }
    : { cap: 15_000_000n * unit, minimumAssets: 25n * unit, minimumShares: 25n * unit };
}
