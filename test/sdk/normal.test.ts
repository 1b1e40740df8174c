import { erfc, erfcx, millsRatio, normalCdf, normalDensity } from "@meniscus/sdk/normal";
import { expect } from "chai";
import fc from "fast-check";

/** z, Phi(z), from 60-digit arithmetic. */
const CDF: [number, number][] = [
  [-37.5, 4.605353009581955e-308],
  [-30, 4.906713927148187e-198],
  [-20, 2.7536241186062337e-89],
  [-10, 7.619853024160525e-24],
  [-6, 9.86587645037698e-10],
  [-3, 0.0013498980316300946],
  [-1, 0.15865525393145705],
  [-0.7, 0.24196365222307303],
  [-0.1, 0.460172162722971],
  [0, 0.5],
  [0.5, 0.6914624612740131],
  [1, 0.8413447460685429],
  [3, 0.9986501019683699],
  [8, 0.9999999999999993],
];

/** z, Phi(z)/phi(z). */
const MILLS: [number, number][] = [
  [-1e9, 1e-9],
  [-1e4, 9.999999900000004e-5],
  [-100, 0.009999000299850106],
  [-8, 0.1231319632579323],
  [-5.6, 0.17335028501302024],
  [-3, 0.3045902987101033],
  [-1, 0.6556795424187984],
  [-0.3, 1.0018374009921558],
  [0, 1.2533141373155003],
  [0.3, 1.6201656087067893],
  [3, 225.33489622034912],
  [30, 6.785889613061118e195],
];

describe("normal distribution", () => {
  it("is relatively accurate to 2e-15 from -37.5 to 8", () => {
    for (const [z, expected] of CDF) expect(Math.abs(normalCdf(z) / expected - 1), `z = ${z}`).below(2e-15);
  });

  it("has a Mills ratio accurate to 2e-15 over its whole range", () => {
    for (const [z, expected] of MILLS)
      expect(Math.abs(millsRatio(z) / expected - 1), `z = ${z}`).below(2e-15);
  });

  it("adds up to one and is symmetric", () => {
    fc.assert(
      fc.property(fc.double({ min: -8, max: 8, noNaN: true }), (z) => {
        expect(normalCdf(z) + normalCdf(-z)).closeTo(1, 4e-16);
        expect(normalDensity(z)).equal(normalDensity(-z));
      }),
    );
  });

  it("has its cdf equal to Mills ratio times density where neither underflows", () => {
    fc.assert(
      fc.property(fc.double({ min: -37, max: 5, noNaN: true }), (z) => {
        expect((millsRatio(z) * normalDensity(z)) / normalCdf(z)).closeTo(1, 4e-15);
      }),
    );
  });

  it("meets itself where one approximation hands over to the next", () => {
    for (const x of [0.46875, 4]) {
      const after = x * (1 + Number.EPSILON);
      for (const f of [erfc, erfcx]) expect(f(after) / f(x)).closeTo(1, 1.5e-14);
    }
  });
});
