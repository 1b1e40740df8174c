/** The roles of contracts/control/Control.sol and the functions that need them: the source of docs/ROLES.md and of the deployment. */
export const ROLES = { admin: 0n, governor: 1n, council: 2n, guardian: 3n, lister: 4n } as const;

export type Role = keyof typeof ROLES;

/** Contract -> role -> functions that only this role may call. Every other function is open to all. */
export const RESTRICTED: Readonly<Record<string, Partial<Record<Role, readonly string[]>>>> = {
  VolSurface: {
    governor: ["setSigners", "setBounds"],
    council: ["tightenBounds"],
    guardian: ["revokeSigners"],
    lister: ["listExpiry"],
  },
  SpotOracle: {
    governor: ["setSources", "setLimits"],
    council: ["tightenLimits"],
  },
  SettlementOracle: {
    governor: ["setFeeds"],
  },
  Clearinghouse: {
    governor: ["registerMarket", "unpause"],
    council: ["listReserved"],
    guardian: ["pause"],
  },
  Book: {
    governor: ["setTerms"],
    council: ["tightenTerms"],
  },
  OptionPool: {
    governor: ["setParameters", "unpause"],
    council: ["tightenParameters"],
    guardian: ["pause"],
  },
  Tranche: {
    governor: ["setTerms", "unpause"],
    council: ["tightenTerms"],
    guardian: ["pause"],
  },
  LiquidityVault: {
    governor: ["seed", "windDown", "setTerms"],
  },
  DeltaHedger: {
    governor: ["setParameters"],
    council: ["tightenParameters"],
  },
};
