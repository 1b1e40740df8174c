/**
 * The SSVI surface that is always at hand: one smile shape in sd units for all expiries, on levels that rise.
 *
 *   w = theta/2 (1 + rho phi k + sqrt((phi k + rho)^2 + 1 - rho^2)),  phi = eta / sqrt(theta)
 *
 * In eSSVI's terms psi = theta phi = eta sqrt(theta), chi = rho psi. No butterfly: psi (1 + |rho|) < 4 and
 * theta phi^2 (1 + |rho|) = eta^2 (1 + |rho|) <= 4 (Gatheral, Jacquier 2014, theorem 4.2); no calendar: theta rises, and with it
 * psi, while phi falls and rho stays (theorem 4.1; eSSVI: |chi2 - chi1| <= psi2 - psi1, Hendriks and Martini 2019). So only the
 * levels need care, and they are put in order by pooling adjacent violators.
 */
import { fromSvi, SIZE } from "./smile.ts";

export interface SsviShape {
  readonly rho: number;
  readonly eta: number;
}

/** Levels of neighbours grow by at least this share, the room that the margins of the joint fit need. */
const LEAST_GROWTH = 2e-3;

/** Weighted isotonic regression (pool adjacent violators) of positive levels, made strictly rising. */
export function risingLevels(levels: readonly number[], weights: readonly number[]): number[] {
  const pools: { mean: number; weight: number; size: number }[] = [];
  levels.forEach((level, i) => {
    let pool = { mean: level, weight: weights[i]!, size: 1 };
    while (pools.length > 0 && pools.at(-1)!.mean >= pool.mean) {
      const before = pools.pop()!;
      const weight = before.weight + pool.weight;
      const mean = (before.mean * before.weight + pool.mean * pool.weight) / weight;
      pool = { mean, weight, size: before.size + pool.size };
    }
    pools.push(pool);
  });
  const rising: number[] = [];
  for (const { mean, size } of pools) {
    for (let i = 0; i < size; i++) rising.push(Math.max(mean, (rising.at(-1) ?? 0) * (1 + LEAST_GROWTH)));
  }
  return rising;
}

/** The shape with the given skew v'(0) and curvature v''(0) in sd units, moved into the region without butterfly for all levels. */
export function ssviShape(skew: number, curvature: number, largestLevel: number): SsviShape {
  // v'(0) = rho eta / 2 and v''(0) = eta^2 (1 - rho^2) / 2.
  const eta = Math.sqrt(Math.max(2 * curvature + 4 * skew * skew, 0.04));
  const rho = Math.max(-0.9, Math.min(0.9, (2 * skew) / eta));
  const most = Math.min(
    1.9 / Math.sqrt(1 + Math.abs(rho)),
    1.9 / (Math.sqrt(largestLevel) * (1 + Math.abs(rho))),
  );
  return { rho, eta: Math.min(eta, most) };
}

/** Writes the coordinates of the SSVI slice of level theta into `x`. */
export function ssviCoordinates(
  { rho, eta }: SsviShape,
  theta: number,
  scale: number,
  x: Float64Array,
  i: number,
): void {
  const phi = eta / Math.sqrt(theta);
  const root = Math.sqrt(1 - rho * rho);
  const params = {
    a: (theta * (1 - rho * rho)) / 2,
    b: (theta * phi) / 2,
    rho,
    m: -rho / phi,
    sigma: root / phi,
  };
  fromSvi(params, scale, x, i * SIZE);
}
