import { LEVEL_GROWTH } from "./essvi.ts";

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
    for (let i = 0; i < size; i++) rising.push(Math.max(mean, (rising.at(-1) ?? 0) * (1 + LEVEL_GROWTH)));
  }
  return rising;
}
