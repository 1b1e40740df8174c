/** What goes wrong, and what must be true afterwards: one shape for faults of the chain, of venues and of signers. */

export interface Outcome {
  /** Worth that is gone and that no rule explains, in the smallest unit of what is counted. */
  fundsLost: bigint;
  /** Hedges beyond the one that the delta asked for. */
  doubleHedges: number;
  /** Surfaces that the contracts took and should not have taken. */
  outOfBoundsAccepted: number;
  /** Times that somebody would have had to see to it. */
  manualRestarts: number;
  /** Until nothing is open and the delta is inside its band, by the chain's clock where possible. */
  msToSafeState: number;
}

export interface Fault {
  readonly name: string;
  /** The same seed does the same. */
  run(seed: number): Promise<Outcome>;
}

/** One row of the table: a fault under many seeds, the worst of each column. */
export interface Row extends Outcome {
  name: string;
  seeds: number;
}

export async function runFault(fault: Fault, seeds: number): Promise<Row> {
  const outcomes: Outcome[] = [];
  for (let seed = 1; seed <= seeds; seed++) outcomes.push(await fault.run(seed));
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, one) => total + of(one), 0);
  return {
    name: fault.name,
    seeds,
    fundsLost: outcomes.reduce((total, { fundsLost }) => total + fundsLost, 0n),
    doubleHedges: sum(({ doubleHedges }) => doubleHedges),
    outOfBoundsAccepted: sum(({ outOfBoundsAccepted }) => outOfBoundsAccepted),
    manualRestarts: sum(({ manualRestarts }) => manualRestarts),
    msToSafeState: Math.max(...outcomes.map(({ msToSafeState }) => msToSafeState)),
  };
}

/** Whether nothing went wrong that must not. */
export const isSafe = ({ fundsLost, doubleHedges, outOfBoundsAccepted, manualRestarts }: Outcome): boolean =>
  fundsLost === 0n && doubleHedges === 0 && outOfBoundsAccepted === 0 && manualRestarts === 0;

/** The seed of a run of the tests: MENISCUS_SEED, as in `test/support/seed.ts`. */
export const TEST_SEED = Number(process.env.MENISCUS_SEED ?? 7);

/** Which of the faults the tests run: so many, others under another seed, and all in the long campaigns. */
export function partOf(faults: readonly Fault[], size: number, seed = TEST_SEED): readonly Fault[] {
  if (process.env.MENISCUS_DEEP === "1") return faults;
  const parts = Math.ceil(faults.length / size);
  return faults.filter((_, index) => index % parts === seed % parts);
}
