import { expect } from "chai";
import { dailyChains, type Mover, measure, movePrices, moveVols } from "../../../bench/contaminated.ts";
import { quantile } from "../../../bench/statistics.ts";
import { itWithData } from "../../support/data.ts";

/**
 * 8 % of the quotes moved by 20 to 60 %, of every third of the chains that are one a day: a guard of what `npm run bench -- contaminated`
 * measures on all. The goals, 0.25 and 1.5, are of moved vols (docs/FIT.md); moved prices have bounds of their own.
 */
describe("a fit of contaminated quotes", () => {
  const bounds: [string, Mover, { median: number; p99: number }][] = [
    ["vols", moveVols, { median: 0.25, p99: 1.5 }],
    ["prices", movePrices, { median: 0.26, p99: 2 }],
  ];
  for (const [what, mover, { median, p99 }] of bounds)
    itWithData(`stays near the clean mids where ${what} are moved`, async () => {
      const files = dailyChains().filter((_, i) => i % 3 === 0);
      const errors = (await measure(files, mover)).map(({ spoilt }) => spoilt);
      expect(errors).length.greaterThan(500);
      expect(quantile(errors, 0.5)).at.most(median);
      expect(quantile(errors, 0.99)).at.most(p99);
    });
});
