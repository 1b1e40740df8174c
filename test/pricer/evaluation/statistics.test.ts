import { fitStatistics, insidePct } from "@meniscus/pricer/evaluation/statistics";
import { expect } from "chai";

const MARKET = { bidVol: 0.5, askVol: 0.54, midVol: 0.52 };

describe("fitStatistics", () => {
  it("takes the root mean square to mid in vol points, and counts the bounds as inside", () => {
    const judged = [0.5, 0.54, 0.55].map((vol) => ({ ...MARKET, vol }));
    const statistics = fitStatistics(judged);
    expect(statistics.rmse).to.be.closeTo(Math.sqrt((4 + 4 + 9) / 3), 1e-12);
    expect(statistics).to.include({ quotes: 3, inside: 2 });
    expect(insidePct(statistics)).to.be.closeTo(200 / 3, 1e-12);
  });

  it("has no figure where there is no quote to judge by", () => {
    expect(fitStatistics([])).to.deep.equal({ quotes: 0, rmse: null, inside: 0 });
    expect(insidePct(fitStatistics([]))).to.equal(null);
  });
});
