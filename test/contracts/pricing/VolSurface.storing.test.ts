import { storingGas } from "@meniscus/pricer/publisher/surfaceChain";
import { encodeReport, joinSignatures, signReport } from "@meniscus/sdk/report";
import { expect } from "chai";
import { Wallet } from "ethers";
import {
  ethers,
  expiryIn,
  freshSurface,
  MARKET,
  networkHelpers,
  START,
  sampleReport,
  TENORS,
} from "../../support/surface.ts";

describe("the gas that a publisher gives a report to be stored", () => {
  /** In four lanes beyond those of `TENORS`. */
  const MORE = [5, 6, 7, 8];
  const ALL = [...TENORS, ...MORE].sort((one, other) => one - other);
  /** A lane of each of the four words of anchors. */
  const SPREAD = [TENORS[3]!, MORE[0]!, TENORS[4]!, TENORS[8]!];
  const KEYS = Array.from({ length: 16 }, (_, index) => new Wallet(ethers.toBeHex(index + 0x999, 32)));

  for (const [what, tenors, size] of [
    ["one slice", [326], 1],
    ["four slices that write all words of anchors", SPREAD, 2],
    ["twelve slices", TENORS, 3],
    ["sixteen slices", ALL, 3],
    ["sixteen slices by sixteen signers", ALL, 16],
  ] as const)
    it(`is enough beyond that of a skipped one for ${what}, every word written first`, async () => {
      const { surface, domain } = await freshSurface();
      const keys = KEYS.slice(0, size).sort((one, other) =>
        BigInt(one.address) < BigInt(other.address) ? -1 : 1,
      );
      const addresses = keys.map(({ address }) => address);
      await surface.setSigners!(MARKET, addresses, size);
      for (const days of MORE) await surface.listExpiry!(MARKET, expiryIn(days));
      // The epoch's first report, and too late to settle by: a word for that too.
      const at = START + 11 * 3600;
      const report = encodeReport(sampleReport({ at, tenors: [...tenors] }));
      const signatures = joinSignatures(
        await Promise.all(keys.map((key) => signReport(report, domain, key))),
      );
      await networkHelpers.time.setNextBlockTimestamp(at + 5);
      const gasOf = async (): Promise<bigint> =>
        (await (await surface.postIfNewer!(report, signatures, { gasLimit: 3_000_000 })).wait()).gasUsed;
      const stored = await gasOf();
      const skipped = await gasOf();
      expect(Number(stored - skipped)).to.be.below(Number(storingGas({ report, signatures })));
      // Were it far too much, more ether would have to lie there for nothing.
      expect(Number(stored - skipped) * 2).to.be.above(Number(storingGas({ report, signatures })));
    });
});
