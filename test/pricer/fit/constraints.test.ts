import { butterflyGradient, smileButterfly } from "@meniscus/pricer/fit/butterflyRows";
import { iterateOf, scan } from "@meniscus/pricer/fit/constraints";
import { MARGINS } from "@meniscus/pricer/fit/margins";
import { emptyRows, type Rows } from "@meniscus/pricer/fit/rows";
import { flattestRow, steepestRow, varianceRow, wordRows } from "@meniscus/pricer/fit/shapeRows";
import { type Smile, smileOf, smileVariance, toSvi } from "@meniscus/pricer/fit/smile";
import { butterfly } from "@meniscus/sdk/svi";
import { expect } from "chai";
import fc from "fast-check";

const coordinates = fc.tuple(
  fc.double({ min: 0.8, max: 1.2, noNaN: true }),
  fc.double({ min: -0.3, max: 0.3, noNaN: true }),
  fc.double({ min: -3, max: -0.5, noNaN: true }),
  fc.double({ min: -1, max: 1, noNaN: true }),
  fc.double({ min: -0.5, max: 2.3, noNaN: true }),
);
const SCALES = Float64Array.of(0.1, 0.14);

describe("no-arbitrage rows", () => {
  it("measure the butterfly function of the raw slice", () => {
    fc.assert(
      fc.property(coordinates, fc.double({ min: -6, max: 6, noNaN: true }), (x, z) => {
        const point = Float64Array.from(x);
        const smile = smileOf(point);
        fc.pre(smileButterfly(smile, z, 0.1) > -5);
        expect(smileButterfly(smile, z, 0.1)).closeTo(butterfly(toSvi(point, 0, 0.1), z * 0.1), 1e-8);
      }),
    );
  });

  /** Central difference of `value` along coordinate a. */
  function slopeOf(x: readonly number[], a: number, value: (point: Float64Array) => number): number {
    const at = (h: number) => {
      const point = Float64Array.from(x);
      point[a]! += h;
      return value(point);
    };
    return (at(1e-6) - at(-1e-6)) / 2e-6;
  }

  it("carry the gradient of the butterfly function", () => {
    fc.assert(
      fc.property(coordinates, fc.double({ min: -8, max: 8, noNaN: true }), (x, z) => {
        const smile = smileOf(Float64Array.from(x));
        fc.pre(smileVariance(smile, z) > 0.2);
        const gradient = new Float64Array(5);
        const value = butterflyGradient(smile, z, 0.1, gradient, 0);
        expect(value).closeTo(smileButterfly(smile, z, 0.1), 1e-9);
        const size = gradient.reduce((most, each) => Math.max(most, Math.abs(each)), 1);
        for (let a = 0; a < 5; a++) {
          const slope = slopeOf(x, a, (point) => smileButterfly(smileOf(point), z, 0.1));
          expect(Math.abs(slope - gradient[a]!) / size, `coordinate ${a}`).below(1e-5);
        }
      }),
    );
  });

  it("carry the gradients of the wing slopes, of what the word holds, and of the least variance", () => {
    const builders: ((rows: Rows, smile: Smile) => void)[] = [
      (rows, smile) => steepestRow(rows, 0, smile, 1, 1),
      (rows, smile) => flattestRow(rows, 0, smile, -1, 3),
      (rows, smile) => wordRows(rows, 0, smile),
      (rows, smile) => varianceRow(rows, 0, smile, MARGINS),
    ];
    let seen = 0;
    fc.assert(
      fc.property(coordinates, (x) => {
        for (const build of builders) {
          const rowsAt = (point: Float64Array) => {
            const rows = emptyRows(1);
            build(rows, smileOf(point));
            return rows;
          };
          const rows = rowsAt(Float64Array.from(x));
          for (let j = 0; j < rows.count; j++) {
            const gradient = rows.gradient.subarray(j * 10, j * 10 + 5);
            const size = gradient.reduce((most, each) => Math.max(most, Math.abs(each)), 1);
            for (let a = 0; a < 5; a++) {
              const slope = slopeOf(x, a, (point) => rowsAt(point).value[j]!);
              expect(Math.abs(slope - gradient[a]!) / size, `coordinate ${a}`).below(1e-5);
            }
            seen++;
          }
        }
      }),
    );
    expect(seen).greaterThan(100);
  });

  it("carry the gradient of the calendar distance", () => {
    fc.assert(
      fc.property(coordinates, (x) => {
        const pair = [...x, x[0] * 0.98, ...x.slice(1)];
        const build = (point: Float64Array) => {
          const rows = emptyRows(2);
          scan(iterateOf(point, SCALES), MARGINS, undefined, rows);
          return rows;
        };
        const rows = build(Float64Array.from(pair));
        // The last two rows are the wings of the pair: no abscissa of theirs moves.
        for (const j of [rows.count - 2, rows.count - 1]) {
          if (rows.slice[j] !== 0) continue;
          for (let a = 0; a < 10; a++) {
            const moved = Float64Array.from(pair);
            moved[a]! += 1e-7;
            const after = build(moved);
            if (after.count !== rows.count) continue;
            const slope = (after.value[j]! - rows.value[j]!) / 1e-7;
            expect(slope).closeTo(rows.gradient[j * 10 + a]!, 1e-4 * (1 + Math.abs(slope)));
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  it("find no violation in an SSVI pair and one in the pair turned round", () => {
    const flat = [1, -0.1, -1.6, 0, 1];
    const rising = Float64Array.of(...flat, ...flat);
    expect(scan(iterateOf(rising, SCALES), MARGINS)).equal(0);
    expect(scan(iterateOf(rising, Float64Array.of(0.14, 0.1)), MARGINS)).greaterThan(0.1);
  });
});
