/**
 * Raw SVI in float64: total implied variance w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)), k = ln(K/F)
 * (Gatheral, Jacquier, "Arbitrage-free SVI volatility surfaces", Quantitative Finance 14(1), 2014).
 *
 * Its right wing has slope b (1 + rho), its left wing slope b (rho - 1); it is convex for b >= 0 and has its minimum
 * a + b sigma sqrt(1 - rho^2).
 */
export interface SviParams {
  readonly a: number;
  readonly b: number;
  readonly rho: number;
  readonly m: number;
  readonly sigma: number;
}

/** Total variance w(k). */
export function totalVariance({ a, b, rho, m, sigma }: SviParams, k: number): number {
  const x = k - m;
  return a + b * (rho * x + Math.sqrt(x * x + sigma * sigma));
}

/**
 * The same from w(0) in place of a: w(k) = w(0) + b (rho k + k (k - 2m) / (R(k) + R(0))), R(k) = sqrt((k - m)^2 + sigma^2). Long
 * smiles are near-parabolas, in which a and b sigma are large and cancel; here nothing does.
 */
export function totalVarianceFromLevel(level: number, { b, rho, m, sigma }: SviParams, k: number): number {
  const roots = Math.hypot(k - m, sigma) + Math.hypot(m, sigma);
  return level + b * (rho * k + (k * (k - 2 * m)) / roots);
}

/** w'(k) = b (rho + (k - m) / R), R = sqrt((k - m)^2 + sigma^2). */
export function totalVarianceSlope({ b, rho, m, sigma }: SviParams, k: number): number {
  const x = k - m;
  return b * (rho + x / Math.sqrt(x * x + sigma * sigma));
}

/** w''(k) = b sigma^2 / R^3. */
function totalVarianceCurvature({ b, m, sigma }: SviParams, k: number): number {
  const x = k - m;
  const squared = x * x + sigma * sigma;
  return (b * sigma * sigma) / (squared * Math.sqrt(squared));
}

/**
 * Gatheral's butterfly function g(k) = (1 - k w'/(2w))^2 - (w'^2/4)(1/w + 1/4) + w''/2: the risk-neutral density has its sign,
 * so a slice is free of butterfly arbitrage if and only if g >= 0 everywhere and calls vanish as k -> infinity.
 */
export function butterfly(params: SviParams, k: number): number {
  const w = totalVariance(params, k);
  const slope = totalVarianceSlope(params, k);
  const ratio = 1 - (k * slope) / (2 * w);
  return ratio * ratio - slope * slope * (0.25 / w + 0.0625) + 0.5 * totalVarianceCurvature(params, k);
}
