import { fromSvi, SIZE, smileGradient, smileOf, smileVariance, toSvi } from "@meniscus/pricer/fit/smile";
import { totalVariance } from "@meniscus/sdk/svi";
import { expect } from "chai";
import fc from "fast-check";

const coordinates = fc.tuple(
  fc.double({ min: 0.5, max: 1.5, noNaN: true }),
  fc.double({ min: -0.4, max: 0.4, noNaN: true }),
  fc.double({ min: -4, max: 0, noNaN: true }),
  fc.double({ min: -2, max: 2, noNaN: true }),
  fc.double({ min: -2, max: 2.4, noNaN: true }),
);
const abscissa = fc.double({ min: -20, max: 20, noNaN: true });

describe("smile coordinates", () => {
  it("describe the raw SVI slice that toSvi returns", () => {
    fc.assert(
      fc.property(coordinates, abscissa, fc.double({ min: 0.01, max: 1, noNaN: true }), (x, z, scale) => {
        const point = Float64Array.from(x);
        const expected = scale * scale * smileVariance(smileOf(point), z);
        const size = scale * scale * (1 + Math.abs(z)) * (1 + smileOf(point).b * smileOf(point).radius);
        expect(totalVariance(toSvi(point, 0, scale), z * scale)).closeTo(expected, 1e-12 * size);
      }),
    );
  });

  it("come back from raw SVI parameters", () => {
    fc.assert(
      fc.property(coordinates, fc.double({ min: 0.01, max: 1, noNaN: true }), (x, scale) => {
        const back = new Float64Array(SIZE);
        fromSvi(toSvi(Float64Array.from(x), 0, scale), scale, back, 0);
        for (let a = 0; a < SIZE; a++) expect(back[a]).closeTo(x[a]!, 1e-6);
      }),
    );
  });

  it("have the gradient that central differences give", () => {
    fc.assert(
      fc.property(coordinates, abscissa, (x, z) => {
        const gradient = new Float64Array(SIZE);
        smileGradient(smileOf(Float64Array.from(x)), z, gradient, 0);
        const size = gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
        for (let a = 0; a < SIZE; a++) {
          const at = (h: number) => {
            const moved = Float64Array.from(x);
            moved[a]! += h;
            return smileVariance(smileOf(moved), z);
          };
          expect((at(1e-5) - at(-1e-5)) / 2e-5).closeTo(gradient[a]!, 1e-5 * size);
        }
      }),
    );
  });
});
