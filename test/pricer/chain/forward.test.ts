import { fitCarryCurve } from "@meniscus/pricer/chain/forward";
import { lowerMedian } from "@meniscus/pricer/median";
import { calendarYears } from "@meniscus/sdk/clock";
import { expect } from "chai";
import fc from "fast-check";
import { itWithData } from "../../support/data.ts";
import { cleanRecordedChains } from "../../support/recorded.ts";

const TIMES = [1, 2, 3, 10, 17, 24, 45, 80, 170, 260, 350].map((days) => days / 365);

function pointsOf(spot: number, carry: number, bend: number, times: readonly number[] = TIMES) {
  return times.map((years) => ({ years, forward: spot * Math.exp(carry * years + bend * years * years) }));
}

function spotOf(points: { years: number; forward: number }[], index: number | null = null): number {
  return fitCarryCurve(points, index)!.spot;
}

describe("fitCarryCurve", () => {
  it("recovers spot and forwards of any quadratic carry exactly", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 1e6, noNaN: true }),
        fc.double({ min: -0.3, max: 0.3, noNaN: true }),
        fc.double({ min: -0.1, max: 0.1, noNaN: true }),
        fc.integer({ min: 4, max: TIMES.length }),
        (spot, carry, bend, count) => {
          const points = pointsOf(spot, carry, bend, TIMES.slice(0, count));
          const curve = fitCarryCurve(points, null)!;
          expect(curve.spot / spot).to.be.closeTo(1, 1e-11);
          for (const { years, forward } of points)
            expect(curve.forwardAt(years) / forward).to.be.closeTo(1, 1e-11);
          expect(curve.residuals).to.have.length(count);
          for (const residual of curve.residuals) expect(residual).to.be.closeTo(0, 1e-11);
        },
      ),
    );
  });

  it("is not bent by one wrong expiry: a forward 5 % off moves the spot by less than three basis points", () => {
    for (let wrong = 0; wrong < TIMES.length; wrong++) {
      for (const factor of [0.95, 1.05]) {
        const points = pointsOf(2000, 0.05, -0.01);
        points[wrong]!.forward *= factor;
        const curve = fitCarryCurve(points, null)!;
        expect(Math.abs(Math.log(curve.spot / 2000)), `expiry ${wrong}`).to.be.below(3e-4);
        expect(curve.canOutvote).to.equal(true);
        // The last expiry can bend the end of a parabola towards itself; none of the others can.
        if (wrong < TIMES.length - 1) expect(curve.residuals[wrong]!).to.be.closeTo(Math.log(factor), 0.02);
      }
    }
  });

  it("is not bent by three wrong expiries of eleven", () => {
    const points = pointsOf(2000, 0.05, 0);
    for (const [wrong, factor] of [
      [1, 1.02],
      [4, 0.97],
      [7, 1.04],
    ] as const)
      points[wrong]!.forward *= factor;
    expect(Math.abs(Math.log(spotOf(points) / 2000))).to.be.below(1e-4);
  });

  it("does not claim to know which of four forwards is wrong", () => {
    expect(fitCarryCurve(pointsOf(2000, 0.05, 0, TIMES.slice(0, 4)), null)!.canOutvote).to.equal(false);
    expect(fitCarryCurve(pointsOf(2000, 0.05, 0, TIMES.slice(0, 5)), null)!.canOutvote).to.equal(true);
    expect(fitCarryCurve(pointsOf(2000, 0.05, 0), 2100)!.canOutvote).to.equal(false);
  });

  it("is a line through two or three points", () => {
    expect(spotOf(pointsOf(2000, 0.1, 0, TIMES.slice(3, 5)))).to.be.closeTo(2000, 1e-8);
    expect(spotOf(pointsOf(2000, 0.1, 0, TIMES.slice(3, 6)))).to.be.closeTo(2000, 1e-8);
    const bent = fitCarryCurve(pointsOf(2000, 0.1, 0.5, [0.1, 0.2, 0.3]), null)!;
    expect(Math.max(...bent.residuals.map(Math.abs))).to.be.greaterThan(1e-3);
  });

  it("takes the index as spot beside a single forward, and the forward itself without one", () => {
    const [point] = pointsOf(2000, 0.1, 0, [0.5]);
    expect(spotOf([point!], 1990)).to.be.closeTo(1990, 1e-9);
    expect(spotOf([point!])).to.be.closeTo(point!.forward, 1e-9);
    expect(fitCarryCurve([point!], 1990)!.forwardAt(0.7)).to.be.closeTo(1990, 1e-9);
  });

  it("takes the index where there are no forwards, and tells nothing where there is nothing", () => {
    expect(spotOf([], 1990)).to.be.closeTo(1990, 1e-9);
    expect(fitCarryCurve([], null)).to.equal(null);
  });

  it("falls back on the index when the intercept contradicts it", () => {
    expect(spotOf(pointsOf(2000, 0.05, 0), 2010)).to.be.closeTo(2000, 1e-8);
    expect(spotOf(pointsOf(2000, 0.05, 0), 2100)).to.be.closeTo(2100, 1e-8);
  });

  it("keeps the spot at the index where one of two to five forwards is wrong by one or two percent", () => {
    for (const count of [2, 3, 4, 5])
      for (let wrong = 0; wrong < count; wrong++)
        for (const factor of [0.982, 0.99, 1.01, 1.018]) {
          const points = pointsOf(
            2000,
            0.05,
            0,
            [3, 10, 45, 80, 170].slice(0, count).map((days) => days / 365),
          );
          points[wrong]!.forward *= factor;
          const off = Math.log(spotOf(points, 2000) / 2000);
          expect(Math.abs(off), `${wrong} of ${count} times ${factor}`).to.be.below(5e-3);
        }
  });

  it("takes the index where the curve of five forwards misses it by one that is wrong, for only four lie on it", () => {
    for (const [days, wrong] of [
      [[1, 2, 3, 10, 17], 3],
      [[10, 45, 80, 170, 260], 0],
    ] as const)
      for (const factor of [0.99, 1.01]) {
        const points = days.map((day, i) => {
          const noise = 1 + 2e-4 * Math.sin(7 * i + 3 * wrong);
          return { years: day / 365, forward: 2000 * noise * (i === wrong ? factor : 1) };
        });
        const off = Math.log(spotOf(points, 2000) / 2000);
        expect(Math.abs(off), `${days} days, ${wrong} times ${factor}`).to.be.below(5e-3);
      }
  });

  it("keeps the curve, and the spot within 0.6 % of the index, where five or more forwards are up to 2 % from it", () => {
    for (const factor of [0.981, 0.99, 0.9935, 1.0065, 1.01, 1.019])
      for (const points of [pointsOf(2000, 0.05, 0), pointsOf(2000, 0.05, 0, TIMES.slice(0, 5))]) {
        const curve = fitCarryCurve(points, 2000 * factor)!;
        expect(curve.canOutvote).to.equal(true);
        for (const { years, forward } of points)
          expect(curve.forwardAt(years) / forward).to.be.closeTo(1, 1e-11);
        const nearest = 2000 * factor * Math.exp(factor > 1 ? -6e-3 : 6e-3);
        if (Math.abs(factor - 1) < 0.014) expect(curve.spot).to.be.closeTo(nearest, 1e-8);
        expect(Math.abs(Math.log(curve.spot / (2000 * factor)))).to.be.below(6e-3 + 1e-12);
      }
  });

  it("moves the spot by no more than twice what the index moves, wherever that stands", () => {
    const points = pointsOf(2000, 0.05, 0);
    const spots = Array.from({ length: 401 }, (_, i) => spotOf(points, 2000 * Math.exp((i - 200) * 2e-4)));
    spots.slice(1).forEach((spot, i) => {
      expect(Math.abs(Math.log(spot / spots[i]!)), `index ${2 * i - 400} bp off`).to.be.below(4e-4 + 1e-12);
    });
  });

  it("takes the index as spot, but no forward from it, where the first expiry is farther than all are apart", () => {
    const noisy = pointsOf(3000, 0.04, 0, [0.745, 0.822]);
    noisy[0]!.forward *= 1.0005;
    const curve = fitCarryCurve(noisy, 3001)!;
    expect(curve.spot).to.be.closeTo(3001, 1e-9);
    expect(curve.forwardAt(0.8) / (3000 * Math.exp(0.04 * 0.8))).to.be.closeTo(1, 5e-4);
    expect(spotOf(pointsOf(3000, 0.04, 0, [0.3, 0.7]), 3001)).to.be.closeTo(3000, 1e-8);
  });

  it("gives up a carry beyond 100 % a year for the nearest forward", () => {
    const points = [
      { years: 0.1, forward: 2000 },
      { years: 0.1001, forward: 2100 },
    ];
    expect(spotOf(points)).to.be.closeTo(2000, 1e-8);
  });

  it("gives up expiries that coincide in time", () => {
    const points = [
      { years: 0.1, forward: 2000 },
      { years: 0.1, forward: 2001 },
    ];
    expect(spotOf(points)).to.be.closeTo(2000, 1e-8);
  });

  it("goes on at the average carry beyond its last point instead of following the parabola", () => {
    const curve = fitCarryCurve(pointsOf(2000, 0.05, -0.05), null)!;
    const last = TIMES.at(-1)!;
    const average = Math.log(curve.forwardAt(last) / 2000) / last;
    expect(Math.log(curve.forwardAt(3) / 2000)).to.be.closeTo(3 * average, 1e-9);
  });

  it("stays quick on more expiries than it tries subsets of", function quick() {
    this.timeout(2000);
    const times = Array.from({ length: 300 }, (_, i) => (i + 1) / 365);
    const points = pointsOf(2000, 0.05, 0, times);
    points[30]!.forward *= 1.05;
    expect(spotOf(points)).to.be.closeTo(2000, 0.01);
  });

  itWithData(
    "leaves 1.7 bp in the median and misses the index by less than 50 bp on every recorded chain",
    async () => {
      const residuals: number[] = [];
      for (const { name: file, chain, clean } of await cleanRecordedChains()) {
        const points = clean.expiries.map(({ expiryAt, forward }) => ({
          years: calendarYears(expiryAt, chain.snapshotAt),
          forward,
        }));
        const indices = chain.quotes.flatMap((quote) => (quote.index === null ? [] : [quote.index]));
        if (indices.length > 0)
          expect(Math.abs(Math.log(clean.spot / lowerMedian(indices))), file).to.be.below(5e-3);
        residuals.push(...fitCarryCurve(points, null)!.residuals.map(Math.abs));
      }
      expect(lowerMedian(residuals)).to.be.below(1.7e-4);
    },
  );
});
