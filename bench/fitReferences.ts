/** Other fitters on the slices of the fit bench: ml-levenberg-marquardt, and by fitReference.py scipy and QuantLib. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import type { QuoteSet } from "@meniscus/pricer/fit/quotes";

export interface Reference {
  readonly milliseconds?: number;
  /** Pooled, in vol points. */
  readonly rmse?: number;
  readonly timesOurs?: number;
  readonly error?: string;
}

/**
 * A quantile of the processor milliseconds of each work, the lower quartile unless another `share` is asked for, after a fifth of the rounds
 * to warm up. A round runs all of them one after the other, about as long each (`times` a work), so that load and clock reach both sides of a
 * ratio alike.
 */
export function interleavedMs(
  rounds: number,
  works: readonly { times: number; work: () => void }[],
  share = 0.25,
): number[] {
  const taken = works.map((): number[] => []);
  for (let round = -Math.ceil(rounds / 5); round < rounds; round++) {
    works.forEach(({ times, work }, i) => {
      const before = process.cpuUsage();
      for (let call = 0; call < times; call++) work();
      const { user, system } = process.cpuUsage(before);
      if (round >= 0) taken[i]!.push((user + system) / 1000 / times);
    });
  }
  return taken.map((all) => all.sort((left, right) => left - right)[Math.floor(rounds * share)]!);
}

export function pooledRmse(
  data: readonly QuoteSet[],
  variance: (slice: number, z: number) => number,
): number {
  let squares = 0;
  let count = 0;
  data.forEach((set, slice) => {
    for (let i = 0; i < set.count; i++) {
      squares += (set.volPoints * (Math.sqrt(variance(slice, set.z[i]!)) - set.target[i]!)) ** 2;
    }
    count += set.count;
  });
  return Math.sqrt(squares / count);
}

export const LIBRARY = "ml-levenberg-marquardt";

type Levenberg = (
  data: { x: number[]; y: number[] },
  model: (parameters: number[]) => (x: number) => number,
  options: Record<string, unknown>,
) => { parameterValues: number[] };

/** The library at the fewest iterations that reach our RMSE to 1 %, or at the most tried. */
export async function libraryReference(data: readonly QuoteSet[], ourRmse: number): Promise<Reference> {
  let levenbergMarquardt: Levenberg;
  try {
    ({ levenbergMarquardt } = (await import(LIBRARY)) as { levenbergMarquardt: Levenberg });
  } catch {
    return { error: "not installed" };
  }
  const model =
    ([a, b, rho, m, sigma]: number[]) =>
    (z: number) =>
      Math.sqrt(Math.max(a! + b! * (rho! * (z - m!) + Math.hypot(z - m!, sigma!)), 1e-9));
  let result: Reference = {};
  for (const maxIterations of [10, 20, 40, 80, 160, 320]) {
    const fits: number[][] = [];
    const work = () => {
      data.forEach((set, slice) => {
        fits[slice] = levenbergMarquardt({ x: [...set.z], y: [...set.target] }, model, {
          initialValues: [0.5, 0.5, -0.1, 0, 1],
          minValues: [-2, 1e-3, -0.99, -3, 0.01],
          maxValues: [2, 5, 0.99, 3, 10],
          // The library takes standard deviations; its damping is absolute, so they are scaled to be about one.
          weights: Array.from(set.weight, (weight) => set.weight[0]! / weight),
          damping: 1,
          gradientDifference: 1e-6,
          centralDifference: true,
          errorTolerance: 1e-12,
          maxIterations,
        }).parameterValues;
      });
    };
    const milliseconds = interleavedMs(3, [{ times: 1, work }])[0]!;
    const rmse = pooledRmse(data, (slice, z) => model(fits[slice]!)(z) ** 2);
    result = { milliseconds, rmse };
    if (rmse <= 1.01 * ourRmse) break;
  }
  return result;
}

/** The first python3 of the path, and the one for which distributions install their packages. */
const INTERPRETERS = ["python3", "/usr/bin/python3"];

/** scipy and QuantLib, each by the first interpreter that has it; those that none has are said to be not installed. */
export function pythonReferences(
  data: readonly QuoteSet[],
  taus: readonly number[],
): Record<string, Reference> {
  const slices = data.map((set, i) => {
    const toVol = set.volPoints / 100;
    return {
      k: Array.from(set.z, (z) => z * set.scale),
      vol: Array.from(set.target, (target) => target * toVol),
      weight: [...set.weight],
      tau: taus[i],
      forward: 2000,
    };
  });
  const script = path.join(import.meta.dirname, "fitReference.py");
  const results = INTERPRETERS.flatMap((interpreter) => {
    const run = spawnSync(interpreter, [script], { input: JSON.stringify({ slices }), encoding: "utf8" });
    return run.status === 0 ? [JSON.parse(run.stdout) as Record<string, Reference>] : [];
  });
  return Object.fromEntries(
    ["scipy least_squares", "QuantLib SviInterpolation"].map((name) => {
      const answers = results.flatMap((result) => result[name] ?? []);
      return [name, answers[0] ?? { error: "not installed" }];
    }),
  );
}
