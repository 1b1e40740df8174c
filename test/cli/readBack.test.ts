import { expect } from "chai";
import { toWad } from "../../cli/src/start/surface/readBack.ts";

describe("toWad", () => {
  it("spells a price by its shortest decimal form, in 18 decimals", () => {
    const spelt: [number, bigint][] = [
      [4000, 4000n * 10n ** 18n],
      [0.1, 10n ** 17n],
      [1882.37, 1_882_370_000_000_000_000_000n],
      [0.625, 625_000_000_000_000_000n],
      [1e8, 10n ** 26n],
      // Twenty decimals, of which the last two do not count.
      [0.0012345678901234567, 1_234_567_890_123_456n],
    ];
    for (const [value, wad] of spelt) expect(toWad(value), String(value)).to.equal(wad);
  });
});
