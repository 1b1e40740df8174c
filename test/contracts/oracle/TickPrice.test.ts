import { expect } from "chai";
import { deploy } from "../../support/oracle/fixture.ts";

/** 1.0001^tick in Q128 to 60 further bits, by exact integers: (10001^n 2^188) / 10000^n. */
function exactX128(tick: number): bigint {
  const n = BigInt(Math.abs(tick));
  const [over, under] = [10_001n ** n, 10_000n ** n];
  return tick >= 0 ? (over << 188n) / under : (under << 188n) / over;
}

describe("TickPrice", () => {
  it("is 1.0001^tick within a relative 2^-58, at both ends, at zero and at every power of two", async () => {
    const harness = await deploy("TickPriceHarness");
    const powers = Array.from({ length: 15 }, (_, i) => 2 ** i).flatMap((tick) => [tick, -tick, tick - 1]);
    for (const tick of [0, 443_636, -443_636, 80_067, -196_256, ...powers]) {
      const price: bigint = await harness.priceX128!(tick);
      const exact = exactX128(tick);
      const error = (price << 60n) - exact;
      expect((error < 0n ? -error : error) << 58n <= exact, `tick ${tick}`).to.equal(true);
    }
  });

  it("is its own reciprocal at the ends of its domain", async () => {
    const harness = await deploy("TickPriceHarness");
    const [up, down] = [await harness.priceX128!(443_636), await harness.priceX128!(-443_636)];
    const product = Number(up) * Number(down);
    expect(Math.abs(product / 2 ** 256 - 1) < 1e-12).to.equal(true);
    expect(down >= 1n << 64n && up <= 1n << 192n).to.equal(true);
  });

  it("rounds the mean tick to minus infinity", async () => {
    const harness = await deploy("TickPriceHarness");
    for (const [before, now, window, tick] of [
      [0, 7, 2, 3],
      [0, -7, 2, -4],
      [0, -8, 2, -4],
      [-5, -5, 9, 0],
    ] as const) {
      expect(await harness.meanTick!(before, now, window)).to.equal(tick);
    }
  });
});
