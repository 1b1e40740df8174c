import { laterReport } from "@meniscus/cli/localMarket/laterReport";
import { fitChain } from "@meniscus/cli/market/fitChain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { simulatedSource } from "@meniscus/pricer/source/simulated";
import { SETTLEMENT_WINDOW_SECONDS } from "@meniscus/sdk/clock";
import { toWad } from "@meniscus/sdk/wad";
import { expect } from "chai";

/** Seconds before an expiry: down to a minute before nothing of it is reported any more. */
const BEFORE = [24, 12, 8, 6, 4, 3, 2, 1].map((hours) => hours * 3600);
BEFORE.push(SETTLEMENT_WINDOW_SECONDS + 60);

describe("a surface a while later", () => {
  for (const currency of ["ETH", "BTC"])
    it(`is reported of ${currency} until its last expiry, whichever slices have ceased to fit`, async () => {
      const clean = cleanChain(await simulatedSource({ currency }).read());
      const { slices } = fitChain(clean);
      const report = { market: 1, reportAt: clean.snapshotAt, spot: toWad(clean.spot), slices };
      const expiries = slices.map(({ expiryAt }) => expiryAt);
      for (const [index, expiryAt] of expiries.entries())
        for (const seconds of BEFORE) {
          const at = expiryAt - seconds;
          if (at <= report.reportAt) continue;
          const moment = `expiry ${index}, ${seconds} s before it`;
          const later = laterReport(report, at, report.spot).slices.map((slice) => slice.expiryAt);
          expect(
            later.every((each) => expiries.includes(each) && each > at),
            moment,
          ).to.equal(true);
          // What is about to end may be left out; all else is not.
          const rest = expiries.slice(index + 1);
          expect(
            later.filter((each) => each > expiryAt),
            moment,
          ).to.deep.equal(rest);
        }
    });
});
