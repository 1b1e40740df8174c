import { fromWad, toWad, wadScale } from "@meniscus/sdk/wad";
import { expect } from "chai";

describe("toWad", () => {
  it("spells a number by its shortest decimal form, in 18 decimals", () => {
    const spelt: [number, bigint][] = [
      [4000, 4000n * 10n ** 18n],
      [0, 0n],
      [0.1, 10n ** 17n],
      [-0.1, -(10n ** 17n)],
      [1882.37, 1_882_370_000_000_000_000_000n],
      [0.625, 625_000_000_000_000_000n],
      [1e8, 10n ** 26n],
      // Twenty decimals, of which the last two do not count.
      [0.0012345678901234567, 1_234_567_890_123_456n],
    ];
    for (const [value, wad] of spelt) expect(toWad(value), String(value)).to.equal(wad);
  });

  it("refuses what is no number, and what is spelt with an exponent", () => {
    for (const value of [1e-7, 1.5e-7, 1e21, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => toWad(value), String(value)).to.throw(RangeError, `${value} has no decimal form`);
  });
});

describe("wadScale", () => {
  it("is what a token's smallest part is in WAD, for up to 18 decimals", () => {
    expect([0, 6, 18].map(wadScale)).to.deep.equal([10n ** 18n, 10n ** 12n, 1n]);
    expect(() => wadScale(19)).to.throw(RangeError);
  });
});

describe("fromWad", () => {
  it("gives back what toWad spells", () => {
    for (const value of [4000, 0, 0.1, -0.1, 1882.37, 0.625, 1e8])
      expect(fromWad(toWad(value))).to.equal(value);
  });
});
