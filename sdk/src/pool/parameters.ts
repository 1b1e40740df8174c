/**
 * What governs the pool's price and the book's limits, named as in IBook and IOptionPool; shares and vols are decimals. docs/POOL.md
 * says what each means in vol points.
 */

import { BOOK_TERMS, POOL_PARAMETERS } from "./terms.ts";

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

const BPS = 1e4;
const PPM = 1e6;

/** The defaults of an ETH market: what the contracts are told, in decimals, and what is constant in them (HedgeBand). */
export const DEFAULT_PARAMETERS: PoolParameters = {
  potential: {
    lambda: BOOK_TERMS.lambdaBps / BPS,
    slopeLow: -BOOK_TERMS.slopeLowPpm / PPM,
    slopeHigh: BOOK_TERMS.slopeHighPpm / PPM,
    mu: BOOK_TERMS.muBps / BPS,
    theta: BOOK_TERMS.thetaPpm / PPM,
    kappa: BOOK_TERMS.kappaPpm / PPM,
    stickiness: BOOK_TERMS.stickinessBps / BPS,
    riskAversion: 10,
    hedgeCost: 9e-4,
    bandFloor: 0.005,
    bandCap: 0.05,
  },
  charges: {
    feeVol: POOL_PARAMETERS.feeVolPpm / PPM,
    feeNotional: POOL_PARAMETERS.feeNotionalPpm / PPM,
    feeOfValue: POOL_PARAMETERS.feeOfValueBps / BPS,
    ageSds: POOL_PARAMETERS.ageSdsBps / BPS,
    volOfVol: POOL_PARAMETERS.volOfVolBps / BPS,
    displacement: POOL_PARAMETERS.displacementBps / BPS,
    rentBelow: POOL_PARAMETERS.rentBelowPpm / PPM,
    rentAtKink: POOL_PARAMETERS.rentAtKinkPpm / PPM,
    rentFull: POOL_PARAMETERS.rentFullPpm / PPM,
  },
  limits: {
    vegaLow: -BOOK_TERMS.vegaLowBps / BPS,
    vegaHigh: BOOK_TERMS.vegaHighBps / BPS,
    gamma: BOOK_TERMS.gammaBps / BPS,
    reportMaxAge: POOL_PARAMETERS.reportMaxAge,
    spotMaxMove: POOL_PARAMETERS.spotMaxMoveBps / BPS,
    outflowOfBlock: BOOK_TERMS.blockOutflowBps / BPS,
    outflowOfEpoch: BOOK_TERMS.epochOutflowBps / BPS,
  },
};
