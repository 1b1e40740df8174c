import { calendarYears, SECONDS_PER_YEAR, tauAt } from "@meniscus/sdk/clock";
import { expect } from "chai";

const EXPIRY = Date.UTC(2026, 11, 25, 8) / 1000;

describe("the variance clock", () => {
  it("runs 20 minutes before the calendar's and counts years of 365 days", () => {
    expect(tauAt(EXPIRY, EXPIRY - 1200)).to.equal(0);
    expect(tauAt(EXPIRY, EXPIRY - 1200 - 365 * 86_400)).to.equal(1);
    expect(calendarYears(EXPIRY, EXPIRY - 3600)).to.equal(3600 / SECONDS_PER_YEAR);
    expect(tauAt(EXPIRY, EXPIRY)).to.be.below(0);
  });

  it("gives a 30-minute average, seen from before its window, the variance it has", () => {
    // Var of the mean of n equal steps of the window: the step j from its end counts j/n.
    const steps = 3000;
    let variance = 0;
    for (let j = 1; j <= steps; j++) variance += (j / steps) ** 2 / steps;
    const before = 3600;
    const whole = (before - 1800 + 1800 * variance) / SECONDS_PER_YEAR;
    expect(tauAt(EXPIRY, EXPIRY - before)).to.be.closeTo(whole, 1e-3 * whole);
  });
});
