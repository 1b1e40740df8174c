import { smileButterfly } from "@meniscus/pricer/fit/butterflyRows";
import { iterateOf, scan } from "@meniscus/pricer/fit/constraints";
import { MARGINS } from "@meniscus/pricer/fit/margins";
import { emptyRows } from "@meniscus/pricer/fit/rows";
import { emptyMemory } from "@meniscus/pricer/fit/scanGrid";
import { smileOf, toSvi } from "@meniscus/pricer/fit/smile";
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

  it("carry the gradients that small steps show", () => {
    fc.assert(
      fc.property(coordinates, coordinates, (first, second) => {
        const x = Float64Array.of(...first, ...second);
        const rows = emptyRows(2);
        scan(iterateOf(x, SCALES), MARGINS, emptyMemory(2), rows);
        for (let a = 0; a < 10; a++) {
          const h = 1e-6;
          const up = Float64Array.from(x);
          up[a]! += h;
          const moved = emptyRows(2);
          // The same abscissae: a memory of them, and of nothing else, would shift; so rows are compared where both scans agree.
          scan(iterateOf(up, SCALES), MARGINS, emptyMemory(2), moved);
          if (moved.count !== rows.count) continue;
          for (let j = 0; j < rows.count; j++) {
            const change = (moved.value[j]! - rows.value[j]!) / h;
            const offset = rows.slice[j]! * 5;
            const inside = a >= offset && a < offset + 10;
            const slope = inside ? rows.gradient[j * 10 + a - offset]! : 0;
            // A minimum's own shift costs nothing to first order; grid points do not shift, but bends' points do.
            expect(Math.abs(change - slope), `row ${j}, coordinate ${a}`).below(0.05 * (1 + Math.abs(slope)));
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it("find no violation in an SSVI pair and one in the pair turned round", () => {
    const flat = [1, -0.1, -1.6, 0, 1];
    const rising = Float64Array.of(...flat, ...flat);
    expect(scan(iterateOf(rising, SCALES), MARGINS)).equal(0);
    expect(scan(iterateOf(rising, Float64Array.of(0.14, 0.1)), MARGINS)).greaterThan(0.1);
  });
});
