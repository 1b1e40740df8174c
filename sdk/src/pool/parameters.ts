/**
 * What governs the pool's price and the book's limits, named as in IBook and IOptionPool; shares and vols are decimals. docs/POOL.md
 * says what each means in vol points.
 */

/** The potential and the hedging band. */
export interface PotentialParameters {
  /** Curvature in the weighted vega X. */
  readonly lambda: number;
  /** Lowest vol shift, <= 0; the potential is linear beyond. */
  readonly slopeLow: number;
  /** Highest vol shift. */
  readonly slopeHigh: number;
  /** Curvature per expiry, in vega and in skew. */
  readonly mu: number;
  /** Curvature in gamma. */
  readonly theta: number;
  /** Cost of delta beyond the band, of spot. */
  readonly kappa: number;
  /** R of the skew-aware delta. */
  readonly stickiness: number;
  /** Relative risk aversion behind the band. */
  readonly riskAversion: number;
  /** Cost of a hedge, of spot. */
  readonly hedgeCost: number;
  /** Least and largest band, as shares of E / S. */
  readonly bandFloor: number;
  readonly bandCap: number;
}

/** Spread, fee and rent. */
export interface ChargeParameters {
  /** The fee in vol, of vega, or of notional, the larger; of a sale at most a share of its value. */
  readonly feeVol: number;
  readonly feeNotional: number;
  readonly feeOfValue: number;
  /** m: standard deviations in both age spreads. */
  readonly ageSds: number;
  /** nu: relative move of vol per sqrt(year). */
  readonly volOfVol: number;
  /** beta: vol per relative move of spot since the report. */
  readonly displacement: number;
  /** Yearly rent of capacity at no use, at 80 % and at full use. */
  readonly rentBelow: number;
  readonly rentAtKink: number;
  readonly rentFull: number;
}

/** What openings must keep. */
export interface LimitParameters {
  /** X / E. */
  readonly vegaLow: number;
  readonly vegaHigh: number;
  /** |G| / E. */
  readonly gamma: number;
  /** Oldest report, seconds. */
  readonly reportMaxAge: number;
  /** Floor of the largest move of spot since the report. */
  readonly spotMaxMove: number;
  /** Shares of E. */
  readonly outflowOfBlock: number;
  readonly outflowOfEpoch: number;
}

export interface PoolParameters {
  readonly potential: PotentialParameters;
  readonly charges: ChargeParameters;
  readonly limits: LimitParameters;
}

/** The defaults of an ETH market. */
export const DEFAULT_PARAMETERS: PoolParameters = {
  potential: {
    lambda: 0.4,
    slopeLow: -0.012,
    slopeHigh: 0.04,
    mu: 0.08,
    theta: 5e-5,
    kappa: 8e-4,
    stickiness: 1.2,
    riskAversion: 10,
    hedgeCost: 9e-4,
    bandFloor: 0.005,
    bandCap: 0.05,
  },
  charges: {
    feeVol: 0.005,
    feeNotional: 5e-4,
    feeOfValue: 0.125,
    ageSds: 2,
    volOfVol: 0.6,
    displacement: 1.5,
    rentBelow: 0.001,
    rentAtKink: 0.005,
    rentFull: 0.05,
  },
  limits: {
    vegaLow: -0.03,
    vegaHigh: 0.1,
    gamma: 3,
    reportMaxAge: 120,
    spotMaxMove: 0.0075,
    outflowOfBlock: 0.25,
    outflowOfEpoch: 0.5,
  },
};
