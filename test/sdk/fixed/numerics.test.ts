/** The errors that contracts/pricing/Numerics.sol claims, measured on its twin against 50 digits. */

import { density, discount, halfLogRatio, mills, ONE, sqrt, twiceSqrt } from "@meniscus/sdk/fixed/numerics";
import { expect } from "chai";
import fc from "fast-check";
import * as real from "../../../scripts/coefficients/real.ts";
import { density as exactDensity } from "../../support/reference.ts";

/** A real from a count of 2^-bits. */
const scaled = (count: bigint, bits: bigint): bigint =>
  bits <= real.BITS ? count << (real.BITS - bits) : count >> (bits - real.BITS);
const distance = (one: bigint, other: bigint): number => real.toNumber(real.absolute(one - other));

const between = (low: bigint, high: bigint): fc.Arbitrary<bigint> => fc.bigInt({ min: low, max: high });

describe("the kernel's numerics", () => {
  it("halfLogRatio is within 1e-17 for ratios from 1 to 16, both ends included", () => {
    const check = (low: bigint, high: bigint): void => {
      const exact = real.ln(real.fromRatio(high, low)) / 2n;
      expect(distance(scaled(halfLogRatio(low, high), 192n), exact)).to.be.below(1e-17);
    };
    for (const low of [1n, 3n, 10n ** 18n, (1n << 124n) - 1n]) {
      check(low, low);
      check(low, 4n * low);
      check(low, 16n * low);
    }
    fc.assert(
      fc.property(between(1n, 1n << 120n), between(0n, 15n * 10n ** 18n), (low, extra) => {
        check(low, low + (low * extra) / 10n ** 18n);
      }),
      { numRuns: 500 },
    );
  });

  it("sqrt is never below the floor, and above it by less than 1e-24 of itself and one unit", () => {
    const check = (x: bigint): void => {
      const floor = real.integerSqrt(x);
      const above = sqrt(x) - floor;
      expect(above >= 0n && above <= 1n + floor / 10n ** 24n, `sqrt(${x})`).to.equal(true);
    };
    check(0n);
    for (let bits = 17n; bits < 256n; bits++) {
      for (const x of [(1n << bits) - 1n, 1n << bits, (3n << bits) >> 1n]) check(x);
    }
    fc.assert(
      fc.property(between(0n, (1n << 256n) - 1n), between(0n, 239n), (x, shift) => {
        check(x >> shift < 1n << 16n ? 1n << 16n : x >> shift);
      }),
      { numRuns: 2000 },
    );
  });

  it("sqrt of anything below 2^16 stays below 2^9, so that nothing tiny passes for a standard deviation", () => {
    for (let x = 0n; x < 1n << 16n; x++) expect(sqrt(x) < 1n << 9n).to.equal(true);
  });

  it("twiceSqrt is twice the root, to 1e-24", () => {
    fc.assert(
      fc.property(between(1n << 160n, 1n << 200n), (x) => {
        const exact = real.integerSqrt(4n * x);
        expect(real.absolute(twiceSqrt(x) - exact) <= 2n + exact / 10n ** 24n).to.equal(true);
      }),
    );
  });

  it("density is within 6e-20 and 2e-18 of itself anywhere, and vanishes far out", () => {
    fc.assert(
      fc.property(between(-12n * ONE, 12n * ONE), (z) => {
        const exact = exactDensity(scaled(z, 96n));
        expect(distance(scaled(density(z), 64n), exact)).to.be.below(6e-20 + 2e-18 * real.toNumber(exact));
      }),
      { numRuns: 500 },
    );
    expect(distance(scaled(density(0n), 64n), exactDensity(0n))).to.be.below(1e-18);
    expect(density(10n * ONE)).to.equal(density(-10n * ONE));
    for (const z of [14n, 100n, 2778n, 1n << 30n]) expect(density(z * ONE)).to.equal(0n);
  });

  it("mills is within 4e-19 up to 5, and within 3e-19 exp((z - 5)^2 / 2) up to 9", () => {
    for (let i = 0n; i <= 900n; i++) {
      const z = (i * ONE) / 100n;
      const beyond = Math.max(0, Number(i) / 100 - 5);
      const error = distance(scaled(mills(z), 64n), real.mills(scaled(z, 96n)));
      expect(error, `at ${Number(i) / 100}`).to.be.below(1e-19 + 3e-19 * Math.exp((beyond * beyond) / 2));
    }
  });

  it("mills times the density six lower stays below 4e-18, far beyond the fit's interval", () => {
    for (let i = 600n; i <= 1600n; i++) {
      const z = (i * ONE) / 100n;
      const weight = real.toNumber(exactDensity(scaled(z - 6n * ONE, 96n)));
      expect(weight * distance(scaled(mills(z), 64n), real.mills(scaled(z, 96n)))).to.be.below(4e-18);
    }
  });

  it("mills falls strictly over any step of the least standard deviation, up to the greatest argument", () => {
    const step = ONE / 1000n;
    for (let z = 0n; z < 2800n * ONE; z += z / 200n + step) expect(mills(z) > mills(z + step)).to.equal(true);
  });

  it("discount is within 3e-20 for rates from -1 to 1, rounded down", () => {
    const amount = 1n << 127n;
    fc.assert(
      fc.property(between(-ONE, ONE), (x) => {
        const exact = real.exp(-scaled(x, 96n));
        expect(distance(scaled(discount(amount, x), 127n), exact) / real.toNumber(exact)).to.be.below(3e-20);
      }),
      { numRuns: 500 },
    );
    for (const amount of [0n, 1n, 10n ** 18n]) expect(discount(amount, 0n)).to.equal(amount);
  });
});
