import { rowTimes, solveProgramme } from "@meniscus/pricer/fit/programme";
import { addRow, emptyRows } from "@meniscus/pricer/fit/rows";
import { expect } from "chai";
import fc from "fast-check";

const SLICES = 3;
const SIZE = 5 * SLICES;
const entry = fc.double({ min: -1, max: 1, noNaN: true });
const vector = (length: number) => fc.array(entry, { minLength: length, maxLength: length });

/** Blocks B'B + 0.1, positive definite. */
function hessianOf(entries: readonly number[]): Float64Array {
  const hessian = new Float64Array(SIZE * 5);
  for (let s = 0; s < SLICES; s++) {
    for (let r = 0; r < 5; r++) {
      for (let c = 0; c < 5; c++) {
        let sum = r === c ? 0.1 : 0;
        for (let k = 0; k < 5; k++) sum += entries[s * 25 + k * 5 + r]! * entries[s * 25 + k * 5 + c]!;
        hessian[(s * 5 + r) * 5 + c] = sum;
      }
    }
  }
  return hessian;
}

describe("quadratic programme", () => {
  it("reaches the unconstrained minimum when no row binds", () => {
    fc.assert(
      fc.property(vector(75), vector(SIZE), (entries, gradient) => {
        const hessian = hessianOf(entries);
        const { step } = solveProgramme({
          hessian,
          gradient: Float64Array.from(gradient),
          rows: emptyRows(SLICES),
          penalty: 100,
        });
        for (let r = 0; r < SIZE; r++) {
          const block = Math.floor(r / 5) * 5;
          let residual = gradient[r]!;
          for (let c = 0; c < 5; c++) residual += hessian[r * 5 + c]! * step[block + c]!;
          expect(residual).closeTo(0, 1e-7);
        }
      }),
    );
  });

  it("satisfies the rows it can satisfy, and no feasible point nearby is cheaper", () => {
    const row = fc.tuple(
      fc.integer({ min: 0, max: SLICES - 2 }),
      vector(10),
      fc.double({ min: -0.2, max: 0.3, noNaN: true }),
    );
    const rowsOf = fc.array(row, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(vector(75), vector(SIZE), rowsOf, vector(SIZE), (entries, gradient, list, direction) => {
        const hessian = hessianOf(entries);
        const rows = emptyRows(SLICES);
        for (const [slice, coefficients, value] of list)
          rows.gradient.set(coefficients, addRow(rows, slice, value));
        const penalty = 1e4;
        const { step, largestMultiplier } = solveProgramme({
          hessian,
          gradient: Float64Array.from(gradient),
          rows,
          penalty,
        });
        fc.pre(largestMultiplier < 0.5 * penalty);
        const slack = (d: Float64Array) =>
          Math.min(...list.map((_, j) => rowTimes(rows, j, d) + rows.value[j]!));
        const objective = (d: Float64Array) =>
          d.reduce((sum, value, r) => {
            const block = Math.floor(r / 5) * 5;
            let product = 0;
            for (let c = 0; c < 5; c++) product += hessian[r * 5 + c]! * d[block + c]!;
            return sum + value * (0.5 * product + gradient[r]!);
          }, 0);
        expect(slack(step)).at.least(-1e-6);
        for (const length of [1, 0.1, 0.01, -0.01, -0.1, -1]) {
          const other = step.map((value, r) => value + length * direction[r]!);
          if (slack(other) >= 0) expect(objective(other)).at.least(objective(step) - 1e-6);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("gives way elastically where rows contradict each other", () => {
    const rows = emptyRows(1);
    rows.gradient[addRow(rows, 0, -1)] = 1;
    rows.gradient[addRow(rows, 0, -1)] = -1;
    const hessian = new Float64Array(25);
    for (let a = 0; a < 5; a++) hessian[a * 6] = 1;
    const { step } = solveProgramme({ hessian, gradient: new Float64Array(5), rows, penalty: 100 });
    expect(step.every(Number.isFinite)).equal(true);
    expect(step[0]).closeTo(0, 1e-6);
  });
});
