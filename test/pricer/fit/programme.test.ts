import { norm, type Programme, solveProgramme } from "@meniscus/pricer/fit/programme";
import { addRow, addTimes, emptyRows, rowTimes } from "@meniscus/pricer/fit/rows";
import { expect } from "chai";
import fc from "fast-check";

const SLICES = 3;
const SIZE = 5 * SLICES;
const entry = fc.double({ min: -1, max: 1, noNaN: true });
const vector = (length: number) => fc.array(entry, { minLength: length, maxLength: length });

/** Entry r of H d. */
function blockTimes(hessian: Float64Array, d: Float64Array, r: number): number {
  const block = Math.floor(r / 5) * 5;
  let sum = 0;
  for (let c = 0; c < 5; c++) sum += hessian[r * 5 + c]! * d[block + c]!;
  return sum;
}

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

/** Cost of a step, the penalty of what rows are short by included. */
function primal({ hessian, gradient, rows, penalty }: Programme, d: Float64Array): number {
  let cost = 0;
  for (let r = 0; r < SIZE; r++) cost += d[r]! * (0.5 * blockTimes(hessian, d, r) + gradient[r]!);
  for (let j = 0; j < rows.count; j++)
    cost += penalty * Math.max(0, -(rowTimes(rows, j, d) + rows.value[j]!));
  return cost;
}

/** No step costs less than this, whatever the multipliers between 0 and the penalty: weak duality. */
function dual({ hessian, gradient, rows, penalty }: Programme, multipliers: Float64Array): number {
  const left = gradient.map((value) => -value);
  let bound = 0;
  for (let j = 0; j < rows.count; j++) {
    const multiplier = Math.min(penalty, Math.max(0, multipliers[j]!));
    addTimes(rows, j, multiplier, left);
    bound -= multiplier * rows.value[j]!;
  }
  // -1/2 left' H^-1 left is the least of 1/2 d'H d - left'd, which a programme without rows finds.
  const free = { hessian, gradient: left.map((value) => -value), rows: emptyRows(SLICES), penalty };
  return bound + primal(free, solveProgramme(free).step);
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
          expect(gradient[r]! + blockTimes(hessian, step, r)).closeTo(0, 1e-7);
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
        const { step, multipliers } = solveProgramme({
          hessian,
          gradient: Float64Array.from(gradient),
          rows,
          penalty,
        });
        fc.pre(norm(multipliers) < 0.5 * penalty);
        const slack = (d: Float64Array) =>
          Math.min(...list.map((_, j) => rowTimes(rows, j, d) + rows.value[j]!));
        const objective = (d: Float64Array) =>
          d.reduce((sum, value, r) => sum + value * (0.5 * blockTimes(hessian, d, r) + gradient[r]!), 0);
        expect(slack(step)).at.least(-1e-6);
        for (const length of [1, 0.1, 0.01, -0.01, -0.1, -1]) {
          const other = step.map((value, r) => value + length * direction[r]!);
          if (slack(other) >= 0) expect(objective(other)).at.least(objective(step) - 1e-6);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("closes the duality gap on rows of any size, and many of them", () => {
    const size = fc.oneof(
      fc.constant(1),
      fc.double({ min: -6, max: 0, noNaN: true }).map((e) => 10 ** e),
    );
    const row = fc.tuple(
      fc.integer({ min: 0, max: SLICES - 1 }),
      vector(10),
      size,
      fc.double({ min: -0.5, max: 0.5, noNaN: true }),
    );
    fc.assert(
      fc.property(
        vector(75),
        vector(SIZE),
        fc.array(row, { maxLength: 40 }),
        fc.double({ min: 1, max: 5, noNaN: true }),
        (entries, gradient, list, exponent) => {
          const rows = emptyRows(SLICES);
          for (const [slice, coefficients, scale, value] of list) {
            const at = addRow(rows, slice, value);
            const end = slice === SLICES - 1 ? 5 : 10;
            for (let a = 0; a < end; a++) rows.gradient[at + a] = scale * coefficients[a]!;
          }
          const programme = {
            hessian: hessianOf(entries),
            gradient: Float64Array.from(gradient),
            rows,
            penalty: 10 ** exponent,
          };
          const { step, multipliers } = solveProgramme(programme);
          const cost = primal(programme, step);
          // Rows that oppose each other exactly leave no room inside, and are met to 1e-9, which costs the penalty.
          const most = 1e-7 * (1 + Math.abs(cost)) + 1e-9 * programme.penalty;
          expect(cost - dual(programme, multipliers)).at.most(most);
        },
      ),
      { numRuns: 500 },
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
