import {
  add,
  divide,
  type Interval,
  interval,
  multiply,
  point,
  scale,
  square,
  squareRoot,
  subtract,
} from "@meniscus/pricer/certificate/interval";
import { expect } from "chai";
import fc from "fast-check";

/** A float as an exact fraction: numerator and power of two of the denominator. */
function exact(x: number): { n: bigint; shift: bigint } {
  let shift = 0n;
  let scaled = x;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    shift++;
  }
  return { n: BigInt(scaled), shift };
}

/** Sign of p/q compared with the float y, exactly; q > 0 carries its own shift. */
function compare(p: bigint, pShift: bigint, y: number): number {
  const { n, shift } = exact(y);
  const difference = (p << shift) - (n << pShift);
  return difference > 0n ? 1 : difference < 0n ? -1 : 0;
}

function expectHolds(result: Interval, n: bigint, shift: bigint): void {
  expect(compare(n, shift, result.lo)).at.least(0);
  expect(compare(n, shift, result.hi)).at.most(0);
}

const float = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => Math.fround(x) + x * 1e-9);
const moderate = float.filter((x) => x === 0 || Math.abs(x) > 1e-12);

describe("interval arithmetic", () => {
  it("holds the exact sum, difference, product and square of any floats", () => {
    fc.assert(
      fc.property(moderate, moderate, (x, y) => {
        const [a, b] = [exact(x), exact(y)];
        const shift = a.shift + b.shift;
        expectHolds(add(point(x), point(y)), (a.n << b.shift) + (b.n << a.shift), shift);
        expectHolds(subtract(point(x), point(y)), (a.n << b.shift) - (b.n << a.shift), shift);
        expectHolds(multiply(point(x), point(y)), a.n * b.n, shift);
        expectHolds(square(point(x)), a.n * a.n, 2n * a.shift);
        expectHolds(scale(point(x), -0.5), -a.n, a.shift + 1n);
      }),
      { numRuns: 1000 },
    );
  });

  it("holds the exact quotient and square root", () => {
    fc.assert(
      fc.property(moderate, moderate, (x, y) => {
        fc.pre(x !== 0 && y !== 0);
        // x = q y exactly, for the q that the interval must hold: q.lo y <= x <= q.hi y for y > 0.
        const q = divide(point(x), point(y));
        const low = multiplyExact(q.lo, y);
        const high = multiplyExact(q.hi, y);
        const side = y > 0 ? 1 : -1;
        expect(side * compare(low.n, low.shift, x)).at.most(0);
        expect(side * compare(high.n, high.shift, x)).at.least(0);
        const root = squareRoot(point(Math.abs(x)));
        const [under, over] = [multiplyExact(root.lo, root.lo), multiplyExact(root.hi, root.hi)];
        expect(compare(under.n, under.shift, Math.abs(x))).at.most(0);
        expect(compare(over.n, over.shift, Math.abs(x))).at.least(0);
      }),
      { numRuns: 1000 },
    );
  });

  it("holds every member's image when the operands are wide", () => {
    const pair = fc.tuple(moderate, moderate).map(([x, y]) => interval(Math.min(x, y), Math.max(x, y)));
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(pair, pair, share, share, (x, y, s, t) => {
        const a = Math.min(x.hi, x.lo + s * (x.hi - x.lo));
        const b = Math.min(y.hi, y.lo + t * (y.hi - y.lo));
        const images: [Interval, number][] = [
          [add(x, y), a + b],
          [subtract(x, y), a - b],
          [multiply(x, y), a * b],
          [square(x), a * a],
          [divide(x, y), b === 0 ? 0 : a / b],
        ];
        for (const [result, image] of images) expect(image).within(result.lo, result.hi);
      }),
      { numRuns: 1000 },
    );
  });

  it("says nothing where a divisor may be zero", () => {
    expect(divide(point(1), interval(-1, 1))).deep.equal(interval(-Infinity, Infinity));
  });
});

function multiplyExact(x: number, y: number): { n: bigint; shift: bigint } {
  const [a, b] = [exact(x), exact(y)];
  return { n: a.n * b.n, shift: a.shift + b.shift };
}
