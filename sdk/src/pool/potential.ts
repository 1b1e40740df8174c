/**
 * The potential of the book's risk, convex and of bounded slope; impact is its difference.
 *
 *   Phi = f(X; lambda/E, slopeLow, slopeHigh) + f(delta; kappa S / H, -+ kappa S)
 *       + sum_e [ f(vega_e; mu/E, -m/5, m) + f(skew_e; mu/E, -m/5, m) + f(G_e; theta/E, -g/5, g) ]     m = mu vegaHigh, g = theta gammaLimit
 *
 * with f(x; a, lo, hi) = a x^2 / 2 while lo <= a x <= hi, and the tangent beyond.
 */
import type { Book, ExpiryExposure } from "./book.ts";
import type { PoolParameters, PotentialParameters } from "./parameters.ts";

/** Coefficients of f. */
export interface BoundedQuadratic {
  readonly curvature: number;
  readonly low: number;
  readonly high: number;
}

export function slopeAt(x: number, { curvature, low, high }: BoundedQuadratic): number {
  return Math.min(Math.max(curvature * x, low), high);
}

export function valueAt(x: number, f: BoundedQuadratic): number {
  const slope = slopeAt(x, f);
  return slope * x - (slope * slope) / (2 * f.curvature);
}

/** What a trade adds to the book; vegas of the expiries weighted, as the book's. */
export interface ExposureChange {
  readonly vega: number;
  readonly gamma: number;
  readonly optionsDelta: number;
  readonly expiries: ReadonlyMap<number, ExpiryExposure>;
}

/** One term along a trade: f at x + t dx. */
export interface Term {
  readonly x: number;
  readonly dx: number;
  readonly f: BoundedQuadratic;
}

/** By how much the lower slopes of gamma and of the expiries' terms are flatter: what lowers an ask must leave it far above zero. */
const FLATTER = 5;

const flatterBelow = (curvature: number, high: number): BoundedQuadratic => ({
  curvature,
  low: -high / FLATTER,
  high,
});

/** The terms that `change` moves, at one equity. */
export function termsOf(
  book: Book,
  change: ExposureChange,
  equity: number,
  spot: number,
  { potential, limits }: PoolParameters,
): Term[] {
  const { lambda, slopeLow, slopeHigh, mu, theta, kappa } = potential;
  const perExpiry = flatterBelow(mu / equity, mu * limits.vegaHigh);
  const perGamma = flatterBelow(theta / equity, theta * limits.gamma);
  const ofExpiries = [...change.expiries].flatMap(([expiryAt, { vega, vegaSkew, gamma }]): Term[] => {
    const held = book.expiries.get(expiryAt);
    return [
      { x: held?.vega ?? 0, dx: vega, f: perExpiry },
      { x: held?.vegaSkew ?? 0, dx: vegaSkew, f: perExpiry },
      { x: held?.gamma ?? 0, dx: gamma, f: perGamma },
    ];
  });
  return [
    { x: book.vega, dx: change.vega, f: { curvature: lambda / equity, low: slopeLow, high: slopeHigh } },
    ...ofExpiries,
    {
      x: book.optionsDelta + book.base - book.claimBase,
      dx: change.optionsDelta,
      f: { curvature: (kappa * spot) / book.band, low: -kappa * spot, high: kappa * spot },
    },
  ].filter(({ f }) => f.curvature > 0);
}

/** Phi(x + t dx) - Phi(x). */
export function difference(terms: readonly Term[], t: number): number {
  return terms.reduce((sum, { x, dx, f }) => sum + valueAt(x + t * dx, f) - valueAt(x, f), 0);
}

/** Its derivative in t. */
export function slopeAlong(terms: readonly Term[], t: number): number {
  return terms.reduce((sum, { x, dx, f }) => sum + slopeAt(x + t * dx, f) * dx, 0);
}

/** Impact and its slope for t times a trade: the dearer of both equities, rewards out of the reserve alone. */
export type Impact = (t: number) => { readonly impact: number; readonly slope: number };

export function impactOf(
  book: Book,
  change: ExposureChange,
  spot: number,
  parameters: PoolParameters,
): Impact {
  const candidates = [...new Set([book.equityLow, book.equityHigh])].map((equity) =>
    termsOf(book, change, equity, spot, parameters),
  );
  return (t) => {
    const dearest = candidates
      .map((terms) => ({ impact: difference(terms, t), slope: slopeAlong(terms, t) }))
      .reduce((one, other) => (other.impact > one.impact ? other : one));
    return dearest.impact >= -book.reserve ? dearest : { impact: -book.reserve, slope: 0 };
  };
}

/**
 * H = (1.5 c S Gamma^2 E / gamma_R)^(1/3) within its shares of E / S, base units. S^2 Gamma is `convexity`, in money, but at least `gamma`,
 * which is damped, and no more than makes H twice what it is by that.
 */
export function hedgingBand(
  gamma: number,
  convexity: number,
  equity: number,
  spot: number,
  { hedgeCost, riskAversion, bandFloor, bandCap }: PotentialParameters,
): number {
  const damped = Math.abs(gamma);
  const perSpot = Math.max(damped, Math.min(Math.abs(convexity), 2 ** 1.5 * damped)) / spot / spot;
  const band = Math.cbrt((1.5 * hedgeCost * spot * perSpot * perSpot * equity) / riskAversion);
  return Math.min(Math.max(band, (bandFloor * equity) / spot), (bandCap * equity) / spot);
}
