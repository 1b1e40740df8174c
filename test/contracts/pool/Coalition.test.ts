import { expect } from "chai";
import { Campaign, dollars, isDeep } from "../../support/pool/campaign.ts";
import { closestOf } from "../../support/pool/combinations.ts";
import type { AnyContract } from "../../support/pool/fixture.ts";
import { look } from "../../support/pool/informed.ts";
import { deployFiller, hedge, hedgedMinutes, throughWindow } from "../../support/pool/minutes.ts";
import { block, crowd, goHome, moveOn, straddleAndBack } from "../../support/pool/moves.ts";
import { Truth } from "../../support/pool/truth.ts";

const BLOCKS = 10;
const LOOKS = 5;
const HOUR = 3600;
/** Of the combinations over the listed chain, after each trade; deep in one sequence of eight all, which takes a minute or two. */
const shareQuoted = (seed: bigint): number => (isDeep && seed % 8n === 0n ? 1 : 0.02);
/** Of each of two moves since a report, so that together they are within the two that the spread charges for. */
const MOST_SDS = Math.SQRT2;

describe("A coalition against the pool", function () {
  this.timeout(0);

  it("P3 P7 wins nothing between two reports, by no way over no blocks, and no combination wins with certainty", async () => {
    const campaign = await Campaign.deploy();
    const { counts } = campaign;
    let [closest, leastLost, charged] = [-(10n ** 30n), -Infinity, 0];
    let [checks, quotes, inListed] = [0, 0, 0];
    let certain = { gap: Infinity, name: "none" };
    for (const seed of campaign.seeds(0, 10, 500)) {
      const { sequence, report } = await campaign.begin(seed, 0.25);
      const told = () => `seed ${seed}\n${sequence.log.join("\n")}`;
      const epochs = { marks: 0, report };
      sequence.onTrade = async () => {
        const { gap, name, tried } = await closestOf(sequence, shareQuoted(seed));
        checks += 1;
        quotes += tried;
        if (gap < certain.gap) certain = { gap, name };
        expect(gap, `${name} ${told()}`).to.be.above(0);
      };
      for (let blocks = 0; blocks < BLOCKS; blocks++) await block(sequence, epochs, sequence.between(1, 8));
      await goHome(sequence);
      counts.sequences += 1;
      inListed += sequence.listed.filter((series) => sequence.held.has(series)).length;
      if (sequence.trades === 0) continue;
      const result = await sequence.result();
      expect(result, told()).to.be.at.most(0n);
      // Who only gave options away was charged nothing.
      if (sequence.fees === 0n) continue;
      charged += 1;
      if (result > closest) closest = result;
      leastLost = Math.max(leastLost, (Number(result) * 1e12) / Number(sequence.fees));
    }
    campaign.tell(
      `closest to a win: ${dollars(closest)}, and ${leastLost.toFixed(3)} of fee and spread; of ${quotes} combinations after ${checks} ` +
        `trades, ${inListed} series of them listed on the way, ${certain.gap.toFixed(6)} USD, ${certain.name}`,
    );
    expect(counts.reverted / counts.calls).to.be.below(0.05);
    // Nothing is won where nothing is tried.
    expect(charged, "sequences charged fee or spread").to.be.at.least(0.9 * counts.sequences);
    expect(checks, "trades after which combinations are quoted").to.be.at.least(10 * counts.sequences);
    expect(quotes, "combinations quoted").to.be.at.least(50 * counts.sequences);
    expect(inListed, "series traded that were listed on the way").to.be.at.least(
      Math.floor(0.2 * counts.sequences),
    );
    for (const kind of ["trade", "best", "home"])
      expect(counts.byKind[kind] ?? 0, kind).to.be.at.least(counts.sequences);
  });

  it("P3 P11 wins nothing over minutes of reports that say the same, with fills of the hedge between its trades", async () => {
    let filler!: AnyContract;
    const campaign = await Campaign.deploy(async (world) => {
      filler = await deployFiller(world);
    });
    const { counts } = campaign;
    let closest = -(10n ** 30n);
    for (const seed of campaign.seeds(800_000, 3, 300)) {
      const { sequence, report } = await campaign.begin(seed, 0);
      await hedgedMinutes(sequence, filler, report, BLOCKS / 2);
      await goHome(sequence);
      await hedge(sequence, filler, report);
      counts.sequences += 1;
      if (sequence.trades === 0) continue;
      const result = await sequence.result();
      expect(result, `seed ${seed}\n${sequence.log.join("\n")}`).to.be.at.most(0n);
      if (result > closest) closest = result;
    }
    campaign.tell(`closest to a win: ${dollars(closest)}`);
    expect(counts.reverted / counts.calls).to.be.below(0.05);
    for (const kind of ["fill", "home"])
      expect(counts.byKind[kind] ?? 0, kind).to.be.at.least(Math.ceil(counts.sequences / 2));
  });

  it("P3 wins nothing there and back by exposures of as long ago, and of a spot as far away, as openings may rest on", async () => {
    const campaign = await Campaign.deploy();
    const { counts } = campaign;
    let [closest, closed] = [-(10n ** 30n), 0];
    for (const seed of campaign.seeds(400_000, 10, 500)) {
      const { sequence, report, feed } = await campaign.begin(seed, 0.9, 0, [60, 4 * HOUR], [0.25, 0.65]);
      await crowd(sequence);
      await campaign.refresh(sequence);
      await moveOn(sequence, report, feed);
      await straddleAndBack(sequence);
      counts.sequences += 1;
      // Who has risk left is paid for it: that is no win.
      if (sequence.trades === 0 || [...sequence.held.values()].some((amount) => amount !== 0n)) continue;
      closed += 1;
      const result = await sequence.result();
      expect(result, `seed ${seed}\n${sequence.log.join("\n")}`).to.be.at.most(0n);
      if (result > closest) closest = result;
    }
    campaign.tell(`closest to a win: ${dollars(closest)}, of ${closed}`);
    expect(counts.reverted / counts.calls).to.be.below(0.05);
    expect(closed).to.be.at.least(0.3 * counts.sequences);
  });

  it("P3 wins nothing from an expiry's last openings into its settlement window and beyond its end", async () => {
    const campaign = await Campaign.deploy();
    const { counts } = campaign;
    let [closest, inWindow] = [-(10n ** 30n), 0];
    for (const seed of campaign.seeds(900_000, 6, 500)) {
      const { sequence, report, feed } = await campaign.begin(seed, 1);
      inWindow += await throughWindow(sequence, report, feed, BLOCKS);
      await goHome(sequence);
      counts.sequences += 1;
      if (sequence.trades === 0) continue;
      const result = await sequence.result();
      expect(result, `seed ${seed}\n${sequence.log.join("\n")}`).to.be.at.most(0n);
      if (result > closest) closest = result;
    }
    campaign.tell(
      `closest to a win: ${dollars(closest)}; ${inWindow} trades in the window or beyond its end`,
    );
    expect(counts.reverted / counts.calls).to.be.below(0.05);
    expect(inWindow, "trades in the window").to.be.at.least(counts.sequences);
    for (const kind of ["turn", "walk", "near home", "realize"])
      expect(counts.byKind[kind] ?? 0, kind).to.be.at.least(Math.ceil(counts.sequences / 6));
  });

  it("P3 wins nothing by choosing with hindsight between two signed reports that are off by no more than spread pays for", async () => {
    const campaign = await Campaign.deploy();
    const { counts } = campaign;
    let [closest, leastLost, charged] = [-(10n ** 30n), -Infinity, 0];
    for (const seed of campaign.seeds(300_000, 4, 500)) {
      const { sequence, report } = await campaign.begin(seed, 0);
      const truth = new Truth(Number(report.spot / 10n ** 12n) / 1e6, report.vol);
      for (let looks = 0; looks < LOOKS; looks++) {
        const before = sequence.fees;
        const won = await look(sequence, truth, MOST_SDS);
        if (won === undefined) continue;
        expect(won, `seed ${seed}\n${sequence.log.join("\n")}`).to.be.at.most(0n);
        // Who only gave options away was charged nothing.
        if (sequence.fees === before) continue;
        charged += 1;
        if (won > closest) closest = won;
        leastLost = Math.max(leastLost, (Number(won) * 1e12) / Number(sequence.fees - before));
      }
      counts.sequences += 1;
    }
    campaign.tell(
      `closest to a win by the truth, rewards apart: ${dollars(closest)}, and ${leastLost.toFixed(3)} of fee and spread`,
    );
    expect(counts.reverted / counts.calls).to.be.below(0.05);
    const looks = LOOKS * counts.sequences;
    expect(counts.byKind.informed ?? 0, "looks that end in a trade").to.be.at.least(0.8 * looks);
    expect(charged, "looks charged fee or spread").to.be.at.least(0.6 * looks);
  });
});
