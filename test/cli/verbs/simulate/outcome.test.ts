import type { SimulationSample } from "@meniscus/cli/json/simulation";
import type { AttributionSummary } from "@meniscus/cli/json/summary";
import type { Trade } from "@meniscus/cli/verbs/simulate/flow";
import { outcomeOf } from "@meniscus/cli/verbs/simulate/outcome";
import type { Played } from "@meniscus/cli/verbs/simulate/record";
import type { Variant } from "@meniscus/cli/verbs/simulate/variants";
import { expect } from "chai";

const nav = { entry: 1, exit: 1 };
const epoch = {
  at: "2026-06-03T09:00:05.000Z",
  spot: 2000,
  equity: 1000,
  navBase: 1,
  navQuote: 1,
  attribution: { fees: 10, rent: 0, impact: 0, total: 10 } as AttributionSummary,
  navs: { base: nav, quote: nav },
};
const played: Played = {
  variant: { name: "reference" } as Variant,
  seed: { base: 0.25, quote: 500 },
  trades: [{ by: "buyer", amount: 1, notional: 500, charges: 10, edge: 1 } as unknown as Trade],
  refused: [],
  looks: 0,
  hedges: [],
  samples: [{ equity: 1000, spot: 2000, gapDown: 0, gapUp: 0 } as SimulationSample],
  days: 2,
  epochs: [epoch],
};

describe("outcome of a variant", () => {
  it("counts the day of an end without a mark, whose result is in the next epoch's", () => {
    const { turnover, profit } = outcomeOf(played);
    expect(turnover.perDay).to.equal(500 / 1000 / 2);
    expect(profit).to.equal(10);
  });

  it("says that it has none where no epoch ended with a mark", () => {
    expect(() => outcomeOf({ ...played, epochs: [] })).to.throw(
      'variant "reference": every epoch ended without a mark',
    );
  });
});
