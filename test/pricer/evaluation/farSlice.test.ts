import { type FarQuote, reasonOf } from "@meniscus/pricer/evaluation/farSlice";
import { expect } from "chai";
import { quoteAt } from "../../support/cleanChain.ts";

/** Sixteen quotes 2 vp wide about a flat smile of 60 %, some of their mids `off` it, by vol points, and `wide`, each way. */
function slice(off: Record<number, number>, wide: Record<number, number> = {}): FarQuote[] {
  return Array.from({ length: 16 }, (_, i) => ({
    ...quoteAt((i - 7.5) / 10, 0.6 + (off[i] ?? 0.1) / 100, (2 * (wide[i] ?? 1)) / 100),
    strike: 1000 + 100 * i,
    vol: 0.6,
    freeVol: 0.6,
  }));
}

function reason(quotes: readonly FarQuote[], freeRmse = 3, outliers = 0): string {
  return reasonOf({ quotes, rmse: 3, freeRmse, outliers });
}

describe("the reason for a slice far from its mids", () => {
  it("names the quotes that decide, farthest first, by how many half-spreads, and how the slice is quoted", () => {
    const found = reason(slice({ 4: 9, 5: -4, 11: 12 }, { 4: 10, 5: 8, 11: 10 }));
    expect(found).equal(
      "93 % of the squared error in 2 of 16 quotes, scattered; " +
        "farthest 2100 C +12.0 vp (1.20 half-spreads), 1400 P +9.0 vp (0.90 half-spreads); " +
        "10.0 vp wide each way, the others 1.0: their mids say little, and weigh little; " +
        "15 of 16 have the smile inside, median half-spread 1.0 vp; the free SVI fit's error is 100 % of it",
    );
  });

  const places: [Record<number, number>, string][] = [
    [{ 0: 9, 2: -9 }, "in the wing of low strikes"],
    [{ 13: 9, 14: 9, 15: 9 }, "in the wing of high strikes"],
    [{ 0: 9, 15: 9 }, "in both wings"],
    [{ 6: 9, 7: 9, 8: 9 }, "a kink at 1600 to 1800"],
    [{ 6: 9, 7: -9, 8: 9 }, "scattered"],
    [{ 6: 9 }, "alone among its neighbours"],
    [{ 2: 9, 9: 9 }, "scattered"],
  ];
  for (const [off, place] of places)
    it(`says where quotes ${Object.keys(off).join(", ")} of 16, off by ${Object.values(off).join(", ")}, lie: ${place}`, () => {
      expect(reason(slice(off))).contain(` quotes, ${place}; `);
    });

  it("tells wide quotes from a smile that cannot follow tight ones, and from a slice wide throughout", () => {
    const off = { 6: 9, 7: 9, 8: 9 };
    expect(reason(slice(off))).contain(
      "; 1.0 vp wide each way, the others 1.0: no smile of this shape meets them; ",
    );
    expect(reason(slice(off, { 6: 10, 7: 10, 8: 10 }))).contain(
      ": their mids say little, and weigh little; ",
    );
    const all = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [i, 10]));
    expect(reason(slice(off, all))).contain(": mids are known no better anywhere in the slice; ");
  });

  it("tells what constraints cost from what the free fit misses too, and what was left out", () => {
    const free = "; the free SVI fit's error is";
    expect(reason(slice({ 6: 9 }), 2.5)).match(/; the free SVI fit's error is 83 % of it$/);
    expect(reason(slice({ 6: 9 }), 1.5)).contain(`${free} 50 % of it: its quotes contradict the neighbours'`);
    expect(reason(slice({ 6: 9 }), 3, 2)).match(/^2 quotes left out as off the smile, and counted here; /);
  });
});
