import { encodeReport } from "@meniscus/sdk/report";
import { expect } from "chai";
import {
  type Fixture,
  networkHelpers,
  provenSurface,
  refusalOf,
  START,
  sampleReport,
  signed,
  signers,
} from "../../support/surface.ts";

const NEXT = START + 120;

/**
 * The data of a post of two slices that the next block would accept, with as many signatures as the quorum needs: a surplus one may
 * be left out by anybody, and the report is as good.
 */
async function goodPost(): Promise<{ fixture: Fixture; data: string }> {
  const fixture = await provenSurface();
  const report = encodeReport(sampleReport({ at: NEXT, tenors: [11, 88] }));
  const signatures = await signed(fixture, report, signers.slice(0, 2));
  await networkHelpers.time.increaseTo(NEXT + 5);
  return { fixture, data: fixture.surface.interface.encodeFunctionData("post", [report, signatures]) };
}

const SELECTOR_BITS = 32;

/**
 * Whether a bit of the arguments is one of a field, not of an offset, a length or the padding. Words: 0, 1 offsets of report and
 * signatures, 2 market, 3 time, 4 spot, 5 expiries, 6 offset and 7 number of the slices, 8, 9 slices, 10 length, 11 to 14 signatures.
 */
function isData(bit: number): boolean {
  const [word, fromTop] = [Math.floor(bit / 256), bit % 256];
  const width = { 2: 32, 3: 32, 4: 96, 5: 256, 8: 256, 9: 256 }[word] ?? (word > 10 ? 256 : 0);
  return fromTop >= 256 - width;
}

function flipBit(data: string, bit: number): string {
  const at = 2 + Math.floor(bit / 4);
  const digit = (Number.parseInt(data[at]!, 16) ^ (8 >> (bit % 4))).toString(16);
  return data.slice(0, at) + digit + data.slice(at + 1);
}

describe("VolSurface: every bit of a posted report", () => {
  it("refuses the report when any one bit of payload or signatures is flipped: S3", async () => {
    const { fixture, data } = await goodPost();
    expect(await refusalOf(fixture, data)).to.equal(null);
    for (let bit = SELECTOR_BITS; bit < (data.length - 2) * 4; bit++) {
      const reason = await refusalOf(fixture, flipBit(data, bit));
      expect(reason, `bit ${bit} flipped`).to.not.equal(null);
      // What the ABI itself refuses, such as a bit above the 32 of a time, reverts without a reason; all else says why.
      if (isData(bit - SELECTOR_BITS))
        expect(reason, `bit ${bit} flipped`).to.match(/^(VolSurface|CompactSignatures)_/);
    }
  });

  it("refuses the report when it is cut short at any byte: S3", async () => {
    const { fixture, data } = await goodPost();
    for (let end = 10; end < data.length; end += 2) {
      expect(await refusalOf(fixture, data.slice(0, end)), `${end / 2 - 1} bytes`).to.not.equal(null);
    }
  });
});
