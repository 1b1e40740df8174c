import { decodeFunds } from "@meniscus/sdk/pool/bookWords";
import { encodeReport } from "@meniscus/sdk/report";
import { expect } from "chai";
import { Campaign, dollars } from "../../support/pool/campaign.ts";
import { call, leg, MARKET, networkHelpers, put, TERMS } from "../../support/pool/fixture.ts";
import { EDGE, feast, lie } from "../../support/pool/liars.ts";
import { Truth } from "../../support/pool/truth.ts";
import { QUARANTINE, sampleReport } from "../../support/surface.ts";

const TURNS = 6;
const BITES = 4;

describe("Lying signers and their friends", function () {
  this.timeout(0);

  /** The cap of an epoch's outflow, that of what its exits are paid beyond the floor, and what of the outflow is counted: quote assets. */
  async function outflow({ world }: Campaign): Promise<{ cap: bigint; exits: bigint; counted: bigint }> {
    const { funds } = await world.book.read!([]);
    const { equityLow, epochOutflow } = decodeFunds(funds);
    const shareOf = (bps: number) => (equityLow * BigInt(bps)) / 10_000n / 10n ** 12n;
    const [cap, exits] = [TERMS.epochOutflowBps, TERMS.epochExitsBps].map(shareOf) as [bigint, bigint];
    return { cap, exits, counted: epochOutflow / 10n ** 12n };
  }

  it("S7 win no more than the epoch's outflow at the edge of the rate bound, and nothing once they are revoked", async () => {
    const campaign = await Campaign.deploy();
    const { world } = campaign;
    let largest = { won: 0n, cap: 0n };
    for (const seed of campaign.seeds(600_000, 2, 200)) {
      const { sequence, report } = await campaign.begin(seed, 0);
      const truth = new Truth(Number(report.spot / 10n ** 12n) / 1e6, report.vol);
      const { cap } = await outflow(campaign);
      let won = 0n;
      for (let turn = 0; turn < TURNS; turn++) {
        const isBuying = turn % 2 === 0;
        await lie(sequence, truth, isBuying ? 1 / EDGE : EDGE);
        for (let bites = 0; bites < BITES; bites++) won += await feast(sequence, truth, isBuying);
        if (turn % 4 === 3) await campaign.refresh(sequence);
      }
      if (won > largest.won) largest = { won, cap };
      expect(won, `seed ${seed}\n${sequence.log.join("\n")}`).to.be.at.most(cap);
      await world.surface.revokeSigners!(MARKET);
      sequence.now = await networkHelpers.time.latest();
      for (let bites = 0; bites < 2 * BITES; bites++)
        expect(await feast(sequence, truth, bites % 2 === 0), `after the revocation, seed ${seed}`).to.equal(
          0n,
        );
      campaign.counts.sequences += 1;
    }
    campaign.tell(`most that was won: ${dollars(largest.won)} of a cap of ${dollars(largest.cap)}`);
    expect(campaign.counts.reverted / campaign.counts.calls).to.be.below(0.05);
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
    for (const seconds of [20, QUARANTINE + 20, 20, 20]) await lie(sequence, truth, 18, seconds);
    await campaign.refresh(sequence);
    let won = 0n;
    for (let i = 0; i < 6; i++) won += await one([leg(i % 2 === 0 ? put(3200) : call(3200), -20)]);
    for (const series of [call(3000), put(3000)]) {
      const amount = -(sequence.held.get(series) ?? 0n);
      if (amount !== 0n) won += await one([{ series, amount }]);
    }
    const { counted } = await outflow(campaign);
    campaign.tell(`won ${dollars(won)} of a cap of ${dollars(cap + exits)}, counted ${dollars(counted)}`);
    expect(won).to.be.at.most(cap + exits);
  });
});
