/** How far inside the no-arbitrage conditions the fit stays. */

/** What is kept from the strict inequality, so that quantisation and rounding cannot cross it. */
export interface Margins {
  /** Least butterfly value g. */
  readonly butterfly: number;
  /** Least (w2 - w1) / (1 + |u|/10), in units of the product of the two scales; u = k over their geometric mean. */
  readonly calendar: number;
  /** Least growth of wing slopes with expiry, of itself and relative, and least share of b in either wing (1 - |rho|). */
  readonly slope: number;
  /** Wing slopes of w stay below 2 (1 - wing). */
  readonly wing: number;
  /** Least minimum of v over v(0). */
  readonly variance: number;
}

export const MARGINS: Margins = {
  butterfly: 5e-4,
  calendar: 1e-5,
  slope: 1e-5,
  wing: 0.005,
  variance: 1e-3,
};
