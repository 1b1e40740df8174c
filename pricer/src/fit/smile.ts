/**
 * The fit's own coordinates of a raw SVI slice, in units of a scale sd0 near the at-the-money sd: z = k / sd0, v = w / sd0^2.
 *
 *   x = (theta, skew, ln c, y, ln s):  theta = v(0), skew = v'(0), c = v''(0), y = -asinh(m/s), s = sigma
 *
 *   v(z) = theta + skew z + c z^2 / (1 + q (mu z + R)),  mu = tanh y, q = 1/(s cosh y), R = sqrt((z - m)^2 + s^2), m = -s sinh y
 *
 * This is SVI with b = c s cosh^3 y and b rho = skew - b mu, written without the differences a - b sigma that cancel on long,
 * near-parabolic smiles. The first three coordinates are what quotes determine well (level, skew, curvature), the last two shape
 * the wings; the Gauss-Newton matrix is then close to diagonal, and SVI's flat valley runs along one axis.
 */
import type { SviParams } from "@meniscus/sdk/svi";

/** Number of coordinates of a slice. */
export const SIZE = 5;

/** Level, skew, curvature and shape: indices into the coordinates. */
export const THETA = 0;
export const SKEW = 1;
export const LOG_CURVATURE = 2;
export const ASYMMETRY = 3;
export const LOG_SIGMA = 4;

/** What every point of one slice shares, computed once per set of coordinates. */
export interface Smile {
  theta: number;
  skew: number;
  curvature: number;
  mu: number;
  sigma: number;
  /** R at z = 0: sigma cosh y. */
  radius: number;
  m: number;
  b: number;
  /** v'(+inf) = skew + b (1 - mu), at least 0 in a valid slice. */
  rightSlope: number;
  /** -v'(-inf) = b (1 + mu) - skew, at least 0 in a valid slice. */
  leftSlope: number;
}

/** Right or left of the money. */
export type Wing = 1 | -1;
export const WINGS: readonly Wing[] = [1, -1];

/** How steeply v rises outwards, far out. */
export const wingSlope = (p: Smile, wing: Wing): number => (wing === 1 ? p.rightSlope : p.leftSlope);

/** Unpacks coordinates `x[offset..offset+4]`. */
export function smileOf(x: Float64Array, offset = 0): Smile {
  const theta = x[offset + THETA]!;
  const skew = x[offset + SKEW]!;
  const curvature = Math.exp(x[offset + LOG_CURVATURE]!);
  const y = x[offset + ASYMMETRY]!;
  const sigma = Math.exp(x[offset + LOG_SIGMA]!);
  const cosh = Math.cosh(y);
  const mu = Math.tanh(y);
  const radius = sigma * cosh;
  const b = curvature * sigma * cosh * cosh * cosh;
  return {
    theta,
    skew,
    curvature,
    mu,
    sigma,
    radius,
    m: -mu * radius,
    b,
    // 1 - tanh y = exp(-y) / cosh y keeps the slopes' accuracy for large |y|.
    rightSlope: skew + (b * Math.exp(-y)) / cosh,
    leftSlope: (b * Math.exp(y)) / cosh - skew,
  };
}

/** v(z). */
export function smileVariance(p: Smile, z: number): number {
  const x = z - p.m;
  const r = Math.sqrt(x * x + p.sigma * p.sigma);
  return p.theta + z * (p.skew + (p.curvature * z * p.radius) / (p.radius + p.mu * z + r));
}

/** v(z), with the gradient by the five coordinates written to `out[at..at+4]`. */
export function smileGradient(p: Smile, z: number, out: Float64Array, at: number): number {
  const x = z - p.m;
  const r = Math.sqrt(x * x + p.sigma * p.sigma);
  const bend = (p.curvature * z * z * p.radius) / (p.radius + p.mu * z + r);
  const sech2 = 1 - p.mu * p.mu;
  out[at + THETA] = 1;
  out[at + SKEW] = z;
  out[at + LOG_CURVATURE] = bend;
  out[at + ASYMMETRY] = 3 * p.mu * bend + p.b * ((x * p.radius) / r + p.m - sech2 * z);
  out[at + LOG_SIGMA] = bend + p.b * ((p.sigma * p.sigma - p.m * x) / r - p.radius);
  return p.theta + p.skew * z + bend;
}

/** Raw SVI parameters of the coordinates, sd0 = scale. */
export function toSvi(x: Float64Array, offset: number, scale: number): SviParams {
  const p = smileOf(x, offset);
  return {
    a: scale * scale * (p.theta - p.b * p.radius + (p.skew - p.b * p.mu) * p.m),
    b: scale * p.b,
    rho: p.skew / p.b - p.mu,
    m: scale * p.m,
    sigma: scale * p.sigma,
  };
}

/** Coordinates of raw SVI parameters (b > 0, sigma > 0) in units of `scale`. */
export function fromSvi(
  { a, b, rho, m, sigma }: SviParams,
  scale: number,
  x: Float64Array,
  offset: number,
): void {
  const radius = Math.sqrt(m * m + sigma * sigma);
  x[offset + THETA] = (a + b * (radius - rho * m)) / (scale * scale);
  x[offset + SKEW] = (b * (rho - m / radius)) / scale;
  x[offset + LOG_CURVATURE] = Math.log((b * sigma * sigma) / (radius * radius * radius));
  x[offset + ASYMMETRY] = -Math.asinh(m / sigma);
  x[offset + LOG_SIGMA] = Math.log(sigma / scale);
}
