import { expect } from "chai";
import { Campaign, dollars, isDeep } from "../../support/pool/campaign.ts";
import { closestOf } from "../../support/pool/combinations.ts";
import { look } from "../../support/pool/informed.ts";
import { block, goHome } from "../../support/pool/moves.ts";
import { Truth } from "../../support/pool/truth.ts";

const BLOCKS = 10;
const LOOKS = 5;
/** Of each of two moves since a report, so that together they are within the two that the spread charges for. */
const MOST_SDS = Math.SQRT2;

describe("A coalition against the pool", function () {
  this.timeout(0);

  it("P3 P7 wins nothing between two reports, by no way over no blocks, and no combination wins with certainty", async () => {
    const campaign = await Campaign.deploy();
    let [closest, leastLost, quotes] = [-(10n ** 30n), -Infinity, 0];
    let certain = { gap: Infinity, name: "none" };
    for (const seed of campaign.seeds(0, 10, 500)) {
      const { sequence, report } = await campaign.begin(seed, 0.25);
      const told = () => `seed ${seed}\n${sequence.log.join("\n")}`;
      const epochs = { marks: 0, report };
      for (let blocks = 0; blocks < BLOCKS; blocks++) {
        await block(sequence, epochs, sequence.between(1, 8));
        const { gap, name, tried } = await closestOf(sequence, isDeep ? 1 : 0.05);
        quotes += tried;
        if (gap < certain.gap) certain = { gap, name };
        expect(gap, `${name} ${told()}`).to.be.above(0);
      }
      await goHome(sequence);
      campaign.counts.sequences += 1;
      if (sequence.fees === 0n) continue;
      const result = await sequence.result();
      if (result > closest) closest = result;
      leastLost = Math.max(leastLost, (Number(result) * 1e12) / Number(sequence.fees));
      expect(result, told()).to.be.at.most(0n);
    }
    campaign.tell(
      `closest to a win: ${dollars(closest)}, and ${leastLost.toFixed(3)} of fee and spread; of ${quotes} combinations ` +
        `${certain.gap.toFixed(6)} USD, ${certain.name}`,
    );
    expect(campaign.counts.reverted / campaign.counts.calls).to.be.below(0.05);
  });

  it("P3 wins nothing by choosing with hindsight between two signed reports that are off by no more than spread pays for", async () => {
    const campaign = await Campaign.deploy();
    let [closest, leastLost] = [-(10n ** 30n), -Infinity];
    for (const seed of campaign.seeds(300_000, 4, 500)) {
      const { sequence, report } = await campaign.begin(seed, 0);
      const truth = new Truth(Number(report.spot / 10n ** 12n) / 1e6, report.vol);
      for (let looks = 0; looks < LOOKS; looks++) {
        const before = sequence.fees;
        const won = await look(sequence, truth, MOST_SDS);
        if (won === undefined || sequence.fees === before) continue;
        if (won > closest) closest = won;
        leastLost = Math.max(leastLost, (Number(won) * 1e12) / Number(sequence.fees - before));
        expect(won, `seed ${seed}\n${sequence.log.join("\n")}`).to.be.at.most(0n);
      }
      campaign.counts.sequences += 1;
    }
    campaign.tell(
      `closest to a win by the truth, rewards apart: ${dollars(closest)}, and ${leastLost.toFixed(3)} of fee and spread`,
    );
    expect(campaign.counts.reverted / campaign.counts.calls).to.be.below(0.05);
  });
});
