import { stickinessOf, stickinessPairs } from "@meniscus/pricer/evaluation/stickiness";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import type { Surface } from "@meniscus/pricer/fit/surface";
import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { expect } from "chai";
import { chainOf, expiryAt } from "../../support/cleanChain.ts";

/**
 * `before` a day later, spot `spotMove` higher in logarithm and the smile of each slice moved along k by `shift` times that: the vol at
 * the money becomes what it was at k = shift d ln S, so that R = shift up to the smile's curvature.
 */
function moved(before: Surface, spotMove: number, shift: number): Surface {
  return {
    ...before,
    snapshotAt: before.snapshotAt + SECONDS_PER_DAY,
    spot: before.spot * Math.exp(spotMove),
    slices: before.slices.map((slice) => ({
      ...slice,
      params: { ...slice.params, m: slice.params.m - shift * spotMove },
    })),
  };
}

describe("stickiness", () => {
  const surface = fitSurface(chainOf([7, 45, 120].map((days) => expiryAt(days))));

  for (const [ratio, name] of [
    [0, "the smile moves with spot"],
    [1, "the smile stays at its strikes"],
    [1.4, "vol moves further than its strikes"],
  ] as const)
    it(`finds R = ${ratio} where ${name}`, () => {
      const surfaces = [surface];
      for (const move of [6e-3, -6e-3, 6e-3, -6e-3, 6e-3])
        surfaces.push(moved(surfaces.at(-1)!, move, ratio));
      for (const days of [30, 90]) {
        const estimate = stickinessOf(stickinessPairs(surfaces, days));
        expect(estimate.pairs).equal(5);
        expect(estimate.ratio!).closeTo(ratio, 0.02);
      }
    });

  it("leaves out pairs too far apart, of two currencies, or that do not reach around the maturity", () => {
    const late = { ...moved(surface, 0.01, 1), snapshotAt: surface.snapshotAt + 4 * SECONDS_PER_DAY };
    expect(stickinessPairs([surface, late], 30)).deep.equal([]);
    expect(stickinessPairs([surface, { ...moved(surface, 0.01, 1), currency: "BTC" }], 30)).deep.equal([]);
    expect(stickinessPairs([surface, moved(surface, 0.01, 1)], 180)).deep.equal([]);
  });

  it("estimates nothing from fewer than five pairs, or where spot hardly moved", () => {
    const pairsOf = (move: number) => {
      const surfaces = [surface];
      for (const [i, shift] of [1.2, 1.3, 1.1, 1.25, 1.15].entries())
        surfaces.push(moved(surfaces.at(-1)!, i % 2 === 0 ? move : -move, shift));
      return stickinessPairs(surfaces, 30);
    };
    const pairs = pairsOf(5.1e-3);
    expect(stickinessOf(pairs).ratio!).within(1.1, 1.3);
    expect(stickinessOf(pairs).error!).above(0);
    expect(stickinessOf(pairs.slice(0, 4))).deep.equal({ pairs: 4, ratio: null, error: null });
    for (const move of [4.9e-3, 1e-9, 0])
      expect(stickinessOf(pairsOf(move))).deep.equal({ pairs: 5, ratio: null, error: null });
    expect(stickinessOf([])).deep.equal({ pairs: 0, ratio: null, error: null });
  });
});
