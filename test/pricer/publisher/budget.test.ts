import { overBudget } from "@meniscus/pricer/publisher/budget";
import type { Reason } from "@meniscus/pricer/publisher/rules";
import type { Cost } from "@meniscus/pricer/store/store";
import { expect } from "chai";

describe("the budget of a day", () => {
  const cost = (nonce: number, state: Cost["state"], wei: bigint): Cost => ({ nonce, state, wei });
  const isWithin = (wei: bigint, nonce: number, costs: readonly Cost[], budget: bigint) =>
    overBudget({ nonce, wei, why: "mark" }, costs, budget) === null;

  it("counts what was paid, and of what is open or lost the most that it can cost", () => {
    const costs = [
      cost(1, "mined", 10n),
      cost(2, "outrun", 20n),
      cost(3, "reverted", 30n),
      cost(4, "open", 40n),
      cost(5, "lost", 50n),
      cost(6, "refused", 1000n),
    ];
    expect(isWithin(5n, 7, costs, 155n)).to.equal(true);
    expect(isWithin(6n, 7, costs, 155n)).to.equal(false);
  });

  it("counts a nonce once: the dearest of what may be mined at it, and once one is, that", () => {
    const lost = [cost(1, "lost", 50n), cost(1, "lost", 40n)];
    expect(isWithin(45n, 1, lost, 50n)).to.equal(true);
    expect(isWithin(51n, 1, lost, 50n)).to.equal(false);
    expect(isWithin(1n, 2, lost, 50n)).to.equal(false);
    expect(isWithin(40n, 2, [...lost, cost(1, "mined", 10n)], 50n)).to.equal(true);
    expect(isWithin(41n, 2, [...lost, cost(1, "mined", 10n)], 50n)).to.equal(false);
  });

  it("says what is left, what is needed and what to do", () => {
    const [spent, budget, wei] = [9n * 10n ** 17n, 10n ** 18n, 2n * 10n ** 17n];
    expect(overBudget({ nonce: 2, wei, why: "mark" }, [cost(1, "mined", spent)], budget)).to.equal(
      "over the day's gas budget: 0.1 of 1.0 ether left, at most 0.2 needed. Wait, or raise dailyBudgetEther and restart",
    );
    expect(overBudget({ nonce: 2, wei, why: "mark" }, [cost(1, "mined", 2n * budget)], budget)).to.match(
      /: 0.0 of 1.0 /,
    );
  });

  it("keeps the last tenth for a mark or a first report", () => {
    const costs = [cost(1, "mined", 880n)];
    const over = (why: Reason, wei: bigint) => overBudget({ nonce: 2, wei, why }, costs, 1000n);
    for (const why of ["heartbeat", "price", "spot", "expiries"] as const) {
      expect(over(why, 20n), why).to.equal(null);
      expect(over(why, 21n), why).to.match(/: 0\.0+2 of 0\.0+9 ether left for all but the mark, at most /);
    }
    for (const why of ["mark", "first"] as const) {
      expect(over(why, 120n), why).to.equal(null);
      expect(over(why, 121n), why).to.match(/: 0\.0+12 of 0\.0+1 ether left, at most /);
    }
  });
});
