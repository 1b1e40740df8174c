import {
  butterflyViolations,
  calendarViolations,
  countArbitrage,
} from "@meniscus/pricer/evaluation/arbitrage";
import { butterfly } from "@meniscus/sdk/svi";
import { expect } from "chai";
import { GUARANTEED, OPTIMAL, VOGT } from "../../support/gatheralJacquier.ts";

describe("arbitrage count", () => {
  it("finds the butterfly of the Vogt slice, worst near k = 0.879", () => {
    expect(butterflyViolations(VOGT)).greaterThan(0);
    expect(butterfly(VOGT, 0.879)).closeTo(-0.0328635, 1e-6);
  });

  it("finds none in its two published repairs", () => {
    expect(butterflyViolations(GUARANTEED)).equal(0);
    expect(butterflyViolations(OPTIMAL)).equal(0);
  });

  it("finds a wing of slope 2", () => {
    expect(butterflyViolations({ ...OPTIMAL, b: 2 / (1 + OPTIMAL.rho) })).greaterThan(0);
  });

  it("finds a longer expiry below a shorter one, and a steeper wing of the shorter one alone", () => {
    expect(calendarViolations(OPTIMAL, OPTIMAL)).equal(0);
    expect(calendarViolations(OPTIMAL, { ...OPTIMAL, a: OPTIMAL.a - 1e-6 })).greaterThan(1000);
    const flatter = { ...OPTIMAL, a: OPTIMAL.a + 100, b: OPTIMAL.b * (1 - 1e-9) };
    expect(calendarViolations(OPTIMAL, flatter)).equal(2);
  });

  it("counts over all slices and neighbours", () => {
    expect(countArbitrage([])).deep.equal({ butterfly: 0, calendar: 0 });
    const { butterfly: butterflies, calendar } = countArbitrage([OPTIMAL, VOGT, GUARANTEED]);
    expect(butterflies).equal(butterflyViolations(VOGT));
    expect(calendar).equal(calendarViolations(OPTIMAL, VOGT) + calendarViolations(VOGT, GUARANTEED));
  });
});
