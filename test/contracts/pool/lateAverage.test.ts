import { expect } from "chai";
import fc from "fast-check";
import { deployUptimeFeed } from "../../support/oracle/chainlink.ts";
import { answers } from "../../support/oracle/fixture.ts";
import {
  call,
  leg,
  type Market,
  networkHelpers,
  post,
  put,
  trade,
  USD,
  WAD,
} from "../../support/pool/fixture.ts";

import { referenceOf } from "../../support/pool/onChain.ts";

import { realToWad, referencePrice } from "../../support/pool/reference.ts";
import {
  expectRefused,
  FAR,
  HELD,
  holding,
  quoteAt,
  tradedOf,
  withAverage,
} from "../../support/pool/situations.ts";
import { readBook } from "../../support/pool/words.ts";

describe("OptionPool: exits where the cached average alone is over 2 % from spot, as in a crash", () => {
  let market: Market;
  let setAverage: (dollars: number) => Promise<void>;
  beforeEach(async () => {
    market = await holding();
    setAverage = await withAverage(market);
  });

  /** Feed, report and average in that order, in dollars; the report is six seconds old when it is traded by. */
  async function say(feed: number, reported: number, average: number) {
    await market.baseFeed.transmit(BigInt(feed) * USD);
    await setAverage(average);
    await post(market, { at: (await networkHelpers.time.latest()) + 1, spot: BigInt(reported) * WAD });
  }

  const reasonOf = async () => (await answers(market.spot)).opening.reason;

  for (const { name, series, average } of [
    { name: "put, the average above", series: put(3000), average: 3064 },
    { name: "call, the average below", series: call(3000), average: 2936 },
    { name: "far put", series: put(3000, FAR), average: 3064 },
    { name: "far call", series: call(3000, FAR), average: 2936 },
  ])
    it(`an exit is bought back at the worse spot, displaced to it: a ${name}`, async () => {
      const exit = [leg(series, -3)];
      await say(3000, 3000, 3000);
      const agreed = await quoteAt(market, exit);
      expect([agreed.isFloor, await reasonOf()]).to.deep.equal([false, "None"]);
      await say(3000, 3000, average);
      await expectRefused(market, [leg(series, 1)], {
        refusal: "SpotRefused",
        spotReason: "SourcesDisagree",
      });
      const at = (await networkHelpers.time.latest()) + 1;
      const trade_ = await referenceOf(market, exit, at);
      const { low, high } = (await answers(market.spot)).reducing;
      const reference = referencePrice({ ...trade_, spots: { ...trade_.spots, low, high } });
      await networkHelpers.time.setNextBlockTimestamp(at);
      const sold = tradedOf(market, await trade(market, market.trader, exit));
      expect(sold.isFloor).to.equal(false);
      expect([sold.parts.spotLow, sold.parts.spotHigh]).to.deep.equal([low, high]);
      const [paid, worth] = [-sold.cost * 10n ** 12n, -realToWad(reference.value)];
      expect(-sold.parts.value).to.be.closeTo(worth, 10n ** 10n);
      expect(paid).to.be.closeTo(-realToWad(reference.cost), 2n * 10n ** 12n);
      expect(paid).to.be.within((worth * 9n) / 10n, worth);
      expect(sold.cost).to.be.greaterThan(agreed.cost);
    });

  it("an exit is bought back so in the grace after an outage of the sequencer, however near the average is", async () => {
    const { feed, report: change } = await deployUptimeFeed([market.spot]);
    setAverage = await withAverage(market, { sequencer: feed.target });
    await change(true, await networkHelpers.time.latest());
    await networkHelpers.time.increase(600);
    await change(false, await networkHelpers.time.latest());
    await say(3000, 3000, 3030);
    await expectRefused(market, [leg(put(3000), 1)], {
      refusal: "SpotRefused",
      spotReason: "SequencerGrace",
    });
    const { isFloor, parts } = await quoteAt(market, [leg(put(3000), -3)]);
    const { low, high } = (await answers(market.spot)).reducing;
    expect([isFloor, parts.spotLow, parts.spotHigh]).to.deep.equal([false, low, high]);
    expect(high).to.be.above(3029n * WAD);
  });

  it("an exit pays the floor where the report is off from the feed, too", async () => {
    for (const [feed, reported, average] of [
      [3000, 3030, 3064],
      [3000, 2970, 3064],
      [3000, 3030, 2936],
      // As far as that by which nothing opens, and no further.
      [3000, 3022, 3064],
    ] as const) {
      await say(feed, reported, average);
      expect(await reasonOf()).to.equal("SourcesDisagree");
      const isFar = Math.abs(reported / feed - 1) > 0.0075;
      for (const id of [put(3000), call(3000)])
        expect((await quoteAt(market, [leg(id, -3)])).isFloor, `${reported}`).to.equal(isFar);
    }
  });

  it("S7: an exit pays the floor for a lie of signers, whatever the average says", async () => {
    for (const [reported, average] of [
      [3064, 3000],
      [2936, 3000],
      [3064, 3064],
      [2936, 2936],
      [3064, 2936],
    ] as const) {
      await say(3000, reported, average);
      expect(await reasonOf()).to.equal("SourcesDisagree");
      for (const id of HELD)
        expect((await quoteAt(market, [leg(id, -3)])).isFloor, `${reported}`).to.equal(true);
    }
  });

  /** Does `act` in a block of one and the same time, with a report of as ever, for each average, beginning with one that agrees. */
  async function beside<T>(averages: number[], act: (at: number) => Promise<T>): Promise<T[]> {
    const done: T[] = [];
    for (const average of [3000, ...averages]) {
      const { restore } = await networkHelpers.takeSnapshot();
      const at = (await networkHelpers.time.latest()) + 20;
      await say(3000, 3000, average);
      done.push(await act(at));
      await restore();
    }
    return done;
  }

  it("an exit takes off the book what it would without such an average", async () => {
    const exit = [leg(call(3000), -3), leg(put(2400), -3), leg(call(3000, FAR), -3)];
    const [without, ...others] = await beside([2936, 3064], async (at) => {
      await networkHelpers.time.setNextBlockTimestamp(at);
      const { isFloor, cost } = tradedOf(market, await trade(market, market.trader, exit));
      const { vega, gamma, delta, baseSum, quoteSum, expiries } = await readBook(market);
      return { isFloor, cost, exposures: { vega, gamma, delta, baseSum, quoteSum, expiries } };
    });
    expect(without!.isFloor).to.equal(false);
    for (const { isFloor, cost, exposures } of others) {
      expect(isFloor).to.equal(false);
      expect(cost).to.be.greaterThan(without!.cost);
      expect(exposures).to.deep.equal(without!.exposures);
    }
  });

  it("an exit never pays more than without such an average", async () => {
    const drawn = fc.sample(
      fc.uniqueArray(fc.tuple(fc.constantFrom(...HELD), fc.integer({ min: 1, max: 3 })), {
        minLength: 1,
        maxLength: 5,
        selector: ([id]) => id,
      }),
      { numRuns: 24, seed: 20_260_101 },
    );
    const exits = drawn.map((legs) => legs.map(([id, amount]) => leg(id, -amount)));
    const [without, ...others] = await beside([2936, 3064, 2400, 3800, 90_000], async (at) => {
      const costs: bigint[] = [];
      for (const exit of exits) costs.push((await quoteAt(market, exit, at)).cost);
      return costs;
    });
    for (const costs of others)
      costs.forEach((cost, i) => {
        expect(cost, `exit ${i}`).to.be.at.least(without![i]!);
      });
  });
});
