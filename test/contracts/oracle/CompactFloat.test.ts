import { expect } from "chai";
import fc from "fast-check";
import { deploy } from "../../support/oracle/fixture.ts";

/** Every length of number, both ends of each, and some between. */
const numbers = fc
  .integer({ min: 0, max: 127 })
  .chain((length) => fc.bigInt({ min: (1n << BigInt(length)) - 1n, max: (2n << BigInt(length)) - 1n }));

describe("CompactFloat", () => {
  for (const bits of [16, 40]) {
    it(`keeps ${bits} bits: the nearest number of so many below, and above; and such a number as it is`, async () => {
      const harness = await deploy("WordsHarness");
      await fc.assert(
        fc.asyncProperty(numbers, async (value) => {
          const [[packedDown, down], [packedUp, up]] = await Promise.all([
            harness.down!(value, bits),
            harness.up!(value, bits),
          ]);
          for (const packed of [packedDown, packedUp]) {
            expect(packed >> 8n < 1n << BigInt(bits), "mantissa").to.equal(true);
            expect(packed < 1n << BigInt(bits + 8), "width").to.equal(true);
          }
          const excess = Math.max(0, value.toString(2).length - bits);
          const step = 1n << BigInt(excess);
          expect(String(down)).to.equal(String((value / step) * step));
          expect(String(up)).to.equal(String(((value + step - 1n) / step) * step));
        }),
        {
          numRuns: 150,
          seed: 20_261_128,
          examples: [[0n], [1n], [65_535n], [65_536n], [65_537n], [131_071n], [(1n << 128n) - 1n]],
        },
      );
    });
  }
});
