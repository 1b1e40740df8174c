/** Gatheral's butterfly function in the coordinates of `smile.ts`, with its gradient. */
import {
  ASYMMETRY,
  LOG_CURVATURE,
  LOG_SIGMA,
  SIZE,
  SKEW,
  type Smile,
  smileGradient,
  THETA,
} from "./smile.ts";

/** Butterfly value g(z) of a slice whose w = scale^2 v. */
export function smileButterfly(p: Smile, z: number, scale: number): number {
  const x = z - p.m;
  const r2 = x * x + p.sigma * p.sigma;
  const r = Math.sqrt(r2);
  const v = p.theta + z * (p.skew + (p.curvature * z * p.radius) / (p.radius + p.mu * z + r));
  if (!(v > 1e-6)) return -10 + Math.min(v, 0);
  const slope = p.skew + p.b * (x / r - p.mu);
  const h = 1 - (z * slope) / (2 * v);
  return (
    h * h - 0.25 * slope * slope * (1 / v + 0.25 * scale * scale) + (0.5 * p.b * p.sigma * p.sigma) / (r2 * r)
  );
}

const dv = new Float64Array(SIZE);

/** g(z) with its gradient at `out[at..]`. */
export function butterflyGradient(p: Smile, z: number, scale: number, out: Float64Array, at: number): number {
  const v = smileGradient(p, z, dv, 0);
  const x = z - p.m;
  const r2 = x * x + p.sigma * p.sigma;
  const r = Math.sqrt(r2);
  const s2 = p.sigma * p.sigma;
  const cube = s2 / (r2 * r);
  const lean = p.b * (x / r - p.mu);
  const slope = p.skew + lean;
  const curvature = p.b * cube;
  const h = 1 - (z * slope) / (2 * v);
  const quarter = 0.25 * scale * scale;
  const byValue = (h * z * slope) / (v * v) + (0.25 * slope * slope) / (v * v);
  const bySlope = (-h * z) / v - 0.5 * slope * (1 / v + quarter);
  out[at + THETA] = byValue;
  out[at + SKEW] = byValue * dv[SKEW]! + bySlope;
  out[at + LOG_CURVATURE] = byValue * dv[LOG_CURVATURE]! + bySlope * lean + 0.5 * curvature;
  const leanByY = 3 * p.mu * lean + p.b * (p.radius * cube - (1 - p.mu * p.mu));
  out[at + ASYMMETRY] =
    byValue * dv[ASYMMETRY]! + bySlope * leanByY + 1.5 * curvature * (p.mu - (x * p.radius) / r2);
  out[at + LOG_SIGMA] =
    byValue * dv[LOG_SIGMA]! +
    bySlope * (lean - p.b * z * cube) +
    1.5 * curvature * (1 - (s2 - p.m * x) / r2);
  return h * h - 0.25 * slope * slope * (1 / v + quarter) + 0.5 * curvature;
}
