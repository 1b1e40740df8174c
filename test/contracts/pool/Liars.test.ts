import { decodeFunds } from "@meniscus/sdk/pool/bookWords";
import { encodeReport } from "@meniscus/sdk/report";
import { expect } from "chai";
import { Campaign, dollars } from "../../support/pool/campaign.ts";
import { call, leg, MARKET, networkHelpers, put, TERMS } from "../../support/pool/fixture.ts";
import { atEdge, DRAWN, feast, lie } from "../../support/pool/liars.ts";
import { Truth } from "../../support/pool/truth.ts";
import { QUARANTINE, sampleReport } from "../../support/surface.ts";

const TURNS = 6;
const BITES = 4;

describe("Lying signers and their friends", function () {
  this.timeout(0);

  /** The cap of an epoch's outflow, that of what its exits are paid beyond the floor, and what of the outflow is counted: quote assets. */
  async function outflow(
    { world }: Campaign,
    epochOutflowBps = TERMS.epochOutflowBps,
  ): Promise<{ cap: bigint; exits: bigint; counted: bigint }> {
    const { funds } = await world.book.read!([]);
    const { equityLow, epochOutflow } = decodeFunds(funds);
    const shareOf = (bps: number) => (equityLow * BigInt(bps)) / 10_000n / 10n ** 12n;
    const [cap, exits] = [epochOutflowBps, TERMS.epochExitsBps].map(shareOf) as [bigint, bigint];
    return { cap, exits, counted: epochOutflow / 10n ** 12n };
  }

  /** The epoch's cap as it is meant, and so near that it binds, where the smallest trades are as much smaller. */
  const CAPS = [
    { epochOutflowBps: TERMS.epochOutflowBps, least: 1 },
    { epochOutflowBps: 75, least: 1 / 64 },
  ];

  for (const { epochOutflowBps, least } of CAPS)
    it(`S7 win no more than the epoch's outflow of ${epochOutflowBps} bp at the edge of the rate bound, and nothing once they are revoked`, async () => {
      const campaign = await Campaign.deploy();
      const { world, counts } = campaign;
      let largest = { won: 0n, counted: 0n, cap: 0n };
      for (const seed of campaign.seeds(
        epochOutflowBps === TERMS.epochOutflowBps ? 600_000 : 700_000,
        2,
        200,
      )) {
        const { sequence, report } = await campaign.begin(seed, 0);
        const told = () => `seed ${seed}\n${sequence.log.join("\n")}`;
        const truth = new Truth(Number(report.spot / 10n ** 12n) / 1e6, report.vol);
        await sequence.open(1);
        await sequence.send("terms", world.owner, world.book, "setTerms", [{ ...TERMS, epochOutflowBps }]);
        await sequence.close();
        let won = 0n;
        for (let turn = 0; turn < TURNS; turn++) {
          const isBuying = turn % 2 === 0;
          await lie(sequence, truth, atEdge(report.vol, isBuying));
          for (let bites = 0; bites < BITES; bites++) won += await feast(sequence, truth, isBuying, least);
          if (turn % 4 === 3) await campaign.refresh(sequence);
        }
        const { cap, counted } = await outflow(campaign, epochOutflowBps);
        if (won > largest.won) largest = { won, counted, cap };
        expect(won, told()).to.be.greaterThan(0n);
        // Whatever the cap: an opening counts with all that it can win, what is bought with all that it can pay.
        expect(won, told()).to.be.at.most(counted);
        expect(sequence.atStake / 10n ** 12n, told()).to.be.within(1n, counted);
        expect(counted, told()).to.be.at.most(cap);
        await world.surface.revokeSigners!(MARKET);
        sequence.now = await networkHelpers.time.latest();
        const closedBefore = counts.refused.SliceClosed ?? 0;
        for (let bites = 0; bites < 2 * BITES; bites++)
          expect(
            await feast(sequence, truth, bites % 2 === 0, least),
            `after the revocation, ${told()}`,
          ).to.equal(0n);
        // What is sold may be an exit, at its floor; what is bought is refused, all of it.
        expect((counts.refused.SliceClosed ?? 0) - closedBefore, told()).to.be.at.least(BITES * DRAWN);
        counts.sequences += 1;
      }
      const { won, counted, cap } = largest;
      campaign.tell(
        `most that was won: ${dollars(won)}, of ${dollars(counted)} counted and a cap of ${dollars(cap)}`,
      );
      expect(counts.reverted / counts.calls).to.be.below(0.05);
      if (least !== 1) expect(counts.refused.OutflowOfEpoch ?? 0, "refused by the cap").to.be.greaterThan(0);
    });

  it("S7 win no more than the epoch's outflow and exits with options from an earlier epoch", async () => {
    const campaign = await Campaign.deploy();
    const { world } = campaign;
    const { sequence } = await campaign.begin(1n, 0, 0);
    const truth = new Truth(3000, 0.6);
    const by = world.accounts[1]!;
    const one = async (legs: ReturnType<typeof leg>[]) => {
      await sequence.open(1);
      const [paid, base] = [sequence.paid, sequence.baseGot];
      await sequence.trade(by, legs);
      await sequence.close();
      if (paid === sequence.paid && base === sequence.baseGot) return 0n;
      const inBase = ((sequence.baseGot - base) * 3000n) / 10n ** 12n;
      return paid - sequence.paid + inBase + (await truth.valueOf(world, legs, sequence.now));
    };

    // Bought honestly until the cover ends, then an epoch's end.
    await lie(sequence, truth, 1, 60);
    await campaign.refresh(sequence);
    for (let i = 0; i < 16; i++) await one([leg(call(3000), 5), leg(put(3000), 5)]);
    await sequence.open(1);
    const marked = encodeReport(sampleReport(truth.report(sequence.now - 5)));
    await sequence.send("mark", world.owner, world.vault, "mark", [marked]);
    await sequence.close();
    const { cap, exits } = await outflow(campaign);

    // A breach, and the two reports that prove any level a quarantine later.
    for (const seconds of [20, 20, QUARANTINE + 20, 20]) await lie(sequence, truth, 18, seconds);
    await campaign.refresh(sequence);
    let won = 0n;
    for (let i = 0; i < 6; i++) won += await one([leg(i % 2 === 0 ? put(3200) : call(3200), -20)]);
    for (const series of [call(3000), put(3000)]) {
      const amount = -(sequence.held.get(series) ?? 0n);
      if (amount !== 0n) won += await one([{ series, amount }]);
    }
    const { counted } = await outflow(campaign);
    campaign.tell(`won ${dollars(won)} of a cap of ${dollars(cap + exits)}, counted ${dollars(counted)}`);
    expect(won).to.be.greaterThan(0n);
    // Whatever the caps: an opening counts with all that it can win, and of exits no more is paid beyond the floor.
    expect(won).to.be.at.most(counted + exits);
    expect(counted).to.be.at.most(cap);
  });
});
