/**
 * Which trial points are progress. Far from feasible: those that lower the violation. Near it: those that, against every point left
 * behind, lower the violation or the cost (Fletcher, Leyffer 2002); unlike a penalty, that lets a full step pass that leaves the
 * feasible set a little, as steps along curved bounds do.
 */

/** A point as the filter sees it. */
export interface Merit {
  readonly cost: number;
  readonly violation: number;
}

/** Violations up to here are near feasible. */
const NEAR = 0.2;
const COST_PER_VIOLATION = 0.5;

export class Filter {
  readonly #left: Merit[] = [];

  /** Whether to go from the current point to the trial point. */
  accepts(current: Merit, trial: Merit): boolean {
    if (!(trial.cost < Number.POSITIVE_INFINITY)) return false;
    if (current.violation > NEAR) return trial.violation <= 0.95 * current.violation;
    return (
      trial.violation <= NEAR &&
      isBetter(trial, current) &&
      this.#left.every((point) => isBetter(trial, point))
    );
  }

  /** Remembers a point that the search goes on from. */
  leave(point: Merit): void {
    if (point.violation <= NEAR) this.#left.push(point);
  }
}

function isBetter(trial: Merit, point: Merit): boolean {
  return (
    trial.violation < 0.9 * point.violation ||
    trial.cost < point.cost - COST_PER_VIOLATION * trial.violation - 1e-9 * point.cost
  );
}
