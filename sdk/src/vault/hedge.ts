/** What DeltaHedger is told at its deployment, in the contract's units, and the names of what it answers. */

/** IDeltaHedger.Parameters; reasons in docs/PARAMETERS.md. */
export const HEDGER_PARAMETERS = {
  startPpm: 500,
  boundPpm: 1300,
  duration: 300,
  minimumFillBps: 1000,
  lossCapPpm: 1000,
  wideningBps: 20_000,
};

/** In the order of IDeltaHedger.Obstacle. */
export const HEDGE_OBSTACLES = [
  "None",
  "ExposuresOld",
  "NotRealized",
  "TradedInBlock",
  "SpotOld",
  "SpotSilent",
  "SpotsDisagree",
  "InsideBand",
  "NoFreeBase",
  "NoFreeQuote",
] as const;

export type HedgeObstacle = (typeof HEDGE_OBSTACLES)[number];
