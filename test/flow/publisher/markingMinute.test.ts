import { draftReport } from "@meniscus/pricer/publisher/draft";
import type { Result } from "@meniscus/pricer/publisher/publisher";
import { servePricer } from "@meniscus/pricer/publisher/serve";
import { askSigner, proposalOf } from "@meniscus/pricer/publisher/signers";
import { markSlotOf, systemClock } from "@meniscus/pricer/service/clock";
import { MarketView } from "@meniscus/pricer/service/view";
import { deribitSource } from "@meniscus/pricer/source/deribit";
import { cutOffOf, epochDayOf, isoDay } from "@meniscus/sdk/clock";
import { expect } from "chai";
import { pino } from "pino";
import { startProxy } from "../../support/keeper/proxy.ts";
import { draftOf } from "../../support/pricer/draft.ts";
import { POSTER_KEY } from "../../support/pricer/localChain.ts";
import { FULL, NOT_FULL, publisherFixture } from "../../support/pricer/publisherFixture.ts";
import { nextSecond, type Stage, stepUntil, untilResults } from "../../support/pricer/stage.ts";

describe("a publisher in the marking minute", function () {
  this.timeout(300_000);
  const fixture = publisherFixture();
  // Only what follows another day's report is a mark.
  before(async () => {
    const stage = await fixture.open(4);
    const [first] = (await stepUntil(stage, "published")).slice(-1);
    expect(first).to.deep.include({ kind: "published" });
    await fixture.reset();
  });

  it("posts, once it can, the report that a quorum signed, for signers sign no other, though it sees nothing by then", async () => {
    const { stage, proxy } = await fixture.openProxied(4);
    await fixture.toTheMark();
    proxy.treat = ({ method }) => (method === "eth_estimateGas" ? { error: "out of order" } : undefined);
    const [hindered] = (await stepUntil(stage, "stuck")).slice(-1);
    expect(hindered).to.deep.include({ kind: "stuck", at: "post" });
    const { reportAt } = (await stage.publisher.lastSigned())!.report;
    proxy.treat = () => undefined;
    stage.venue.mood = "stale";
    await nextSecond();
    expect(await stage.publisher.step()).to.deep.include({ kind: "published", why: "mark", reportAt });
  });

  it("sends again, once there are funds, what the node refused for want of them", async () => {
    const { stage, proxy } = await fixture.openProxied(4);
    await fixture.toTheMark();
    const poor = "insufficient funds for gas * price + value";
    proxy.treat = ({ method }) => (method === "eth_sendRawTransaction" ? { error: poor } : undefined);
    const [refused] = (await stepUntil(stage, "stuck")).slice(-1);
    expect(refused).to.deep.include({ kind: "stuck", at: "post" });
    const { reportAt } = (await stage.publisher.lastSigned())!.report;
    // The same bytes, be it the same price of gas.
    expect(await stage.publisher.step()).to.deep.equal(refused);
    proxy.treat = () => undefined;
    expect(await stage.publisher.step()).to.deep.include({ kind: "published", why: "mark", reportAt });
  });

  it("proposes again what one of its signers has signed, when the others can sign again", async () => {
    const stage = await fixture.open(5);
    await fixture.toTheMark();
    // Who is asked before would sign; when it comes to that two have no place for it.
    const others = stage.signers.slice(1).map(({ database }) => database);
    for (const database of others) await database.query(FULL);
    const [short] = (await stepUntil(stage, "unsigned")).slice(-1);
    expect(short).to.deep.include({ kind: "unsigned", signed: 1 });
    const given = (await (await fixture.signerStore(0)).lastGiven())!;
    // That it refuses the next time, blind now itself, takes nothing back.
    stage.signers[0]!.venue.mood = "stale";
    await nextSecond();
    expect(await stage.publisher.step()).to.deep.include({ kind: "unsigned", signed: 0 });
    stage.signers[0]!.venue.mood = "honest";
    for (const database of others) await database.query(NOT_FULL);
    await nextSecond();
    const { reportAt } = given;
    expect(await stage.publisher.step()).to.deep.include({ kind: "published", why: "mark", reportAt });
  });

  it("spends no signature of the marking minute on a whole that gets no quorum, and marks without it a minute later", async () => {
    const stage = await fixture.open(3);
    await fixture.afterTheMark();
    await stepUntil(stage, "published");
    expect(await fixture.isLastExpiryPosted()).to.equal(true);
    await fixture.toTheMark();
    const day = epochDayOf(await fixture.blockTime());
    await fixture.setLastExpiry(false, 1, 2);
    for (let times = 0; times < 2; times++) {
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.include({ kind: "unsigned", signed: 0 });
    }
    for (const index of stage.signers.keys()) {
      const store = await fixture.signerStore(index);
      expect((await store.lastGiven())?.reportAt ?? 0).to.be.below(cutOffOf(day));
    }
    await fixture.shiftTo(cutOffOf(day) + 60);
    await nextSecond();
    const [mark] = (await stepUntil(stage, "published")).slice(-1);
    expect(mark).to.deep.include({ kind: "published", why: "mark" });
    expect(await fixture.isLastExpiryPosted()).to.equal(false);
  });

  it("waits for what its own source lacks and the last report had, until 09:01 at most", async () => {
    const stage = await fixture.open(3);
    const last = Math.max(...(await stage.chain.read()).listed);
    const lacking = async () => {
      await fixture.afterTheMark();
      await stepUntil(stage, "published");
      expect(await fixture.isLastExpiryPosted()).to.equal(true);
      await fixture.toTheMark();
      stage.venue.missing = last;
      await nextSecond();
      const waits = await stage.publisher.step();
      expect(waits).to.deep.include({ kind: "unsigned", signed: 0, declined: [] });
      expect(waits.kind === "unsigned" && waits.reason).to.equal(
        `the mark waits until 09:01 UTC for what the last report had: ${isoDay(last)}, the source has no sound quotes of it`,
      );
    };
    await lacking();
    stage.venue.missing = null;
    await nextSecond();
    const whole = await stage.publisher.step();
    expect(whole).to.deep.include({ kind: "published", why: "mark", leftOut: [] });
    expect(await fixture.isLastExpiryPosted()).to.equal(true);
    await lacking();
    await fixture.shiftTo(cutOffOf(epochDayOf(await fixture.blockTime())) + 60);
    await nextSecond();
    const [mark] = (await stepUntil(stage, "published")).slice(-1);
    expect(mark).to.deep.include({ kind: "published", why: "mark" });
    expect(mark!.kind === "published" && mark!.leftOut.map(({ expiryAt }) => expiryAt)).to.deep.equal([last]);
    expect(await fixture.isLastExpiryPosted()).to.equal(false);
  });

  it("marks at once with the whole where they can judge it within the minute, and without it where it was left out before", async () => {
    const stage = await fixture.open(3);
    await fixture.afterTheMark();
    await stepUntil(stage, "published");
    expect(await fixture.isLastExpiryPosted()).to.equal(true);
    await fixture.toTheMark();
    await fixture.setLastExpiry(false, 1, 2);
    await nextSecond();
    expect(await stage.publisher.step()).to.deep.include({ kind: "unsigned", signed: 0 });
    await fixture.setLastExpiry(true, 1, 2);
    await nextSecond();
    expect(await stage.publisher.step()).to.deep.include({ kind: "published", why: "mark" });
    expect(await fixture.isLastExpiryPosted()).to.equal(true);
    await fixture.afterTheMark();
    await fixture.setLastExpiry(false, 1, 2);
    await nextSecond();
    await stepUntil(stage, "unsigned");
    await nextSecond();
    expect(await stage.publisher.step()).to.deep.include({ kind: "published" });
    expect(await fixture.isLastExpiryPosted()).to.equal(false);
    await fixture.toTheMark();
    await nextSecond();
    const [mark] = (await stepUntil(stage, "published")).slice(-1);
    expect(mark).to.deep.include({ kind: "published", why: "mark" });
    expect(await fixture.isLastExpiryPosted()).to.equal(false);
    const { reportAt } = mark as { reportAt: number };
    expect(reportAt).to.be.below(cutOffOf(epochDayOf(reportAt)) + 60);
  });

  /** A stage in a minute of which the signers have signed a report that nobody has. */
  async function openSpent(): Promise<{ stage: Stage; day: number }> {
    const stage = await fixture.open(5);
    await fixture.toTheMark();
    const day = epochDayOf(await fixture.blockTime());
    const { spot } = (await draftOf(5)).report;
    for (const index of stage.signers.keys()) {
      const store = await fixture.signerStore(index);
      const given = { reportAt: cutOffOf(day), digest: "0x01", spot };
      expect(await store.give(given, markSlotOf(given.reportAt))).to.equal(null);
    }
    return { stage, day };
  }

  it("is quiet while its signers have signed another's report of the minute, and has the next minute's", async () => {
    const { stage, day } = await openSpent();
    expect(await stage.publisher.step()).to.deep.include({ kind: "unsigned", signed: 0 });
    await nextSecond();
    expect(await stage.publisher.step()).to.deep.equal({ kind: "quiet", why: "slot spent" });
    await fixture.shiftTo(cutOffOf(day) + 61);
    await nextSecond();
    const [posted] = (await stepUntil(stage, "published")).slice(-1);
    expect(posted).to.deep.include({ kind: "published", why: "mark" });
    expect(markSlotOf((posted as { reportAt: number }).reportAt)).to.equal(markSlotOf(cutOffOf(day) + 60));
    await nextSecond();
    expect(await stage.publisher.step()).to.deep.equal({ kind: "quiet", why: "slot signed" });
  });

  it("says in health and log that it is quiet because no quorum is left, until there is a mark", async () => {
    const { stage, day } = await openSpent();
    const lines: string[] = [];
    const results: Result[] = [];
    const endpoint = await servePricer({
      ...{ config: stage.config, wallet: POSTER_KEY, interval: 0.2 },
      clock: () => systemClock() + stage.offset,
      source: deribitSource({ currency: "ETH", api: stage.venue.api, timeoutMs: 4000 }),
      log: pino({}, { write: (line) => lines.push(line) }),
      onResult: (result) => results.push(result),
    });
    const health = async () => {
      const answer = await fetch(`${endpoint.url}/health`);
      return `${answer.status} ${await answer.text()}`;
    };
    try {
      await untilResults(results, 3, (result) => result.kind === "quiet" && result.why === "slot spent");
      expect(await health()).to.match(/^503 .*slot spent/);
      expect(lines.filter((line) => /"level":40.*slot spent/.test(line))).to.have.length.of.at.least(3);
      await fixture.shiftTo(cutOffOf(day) + 61);
      await untilResults(results, 1, ({ kind }) => kind === "published");
      expect(await health()).to.match(/^200 /);
    } finally {
      await endpoint.close();
    }
  });

  it("posts what its signers have signed for another who does not post it", async () => {
    const stage = await fixture.open(5);
    await fixture.toTheMark();
    const clock = () => systemClock() + stage.offset;
    const source = deribitSource({ currency: "ETH", api: stage.venue.api, timeoutMs: 4000 });
    const look = await new MarketView({ source, clock, maxAge: 15 }).look();
    if (look.kind === "blind") throw new Error(look.reason);
    const { listed } = await stage.chain.read();
    const withheld = draftReport({ ...look.surface, spot: look.surface.spot * 1.0001 }, 1, listed);
    if (typeof withheld === "string") throw new Error(withheld);
    const body = proposalOf(withheld, fixture.market);
    for (const { endpoint } of stage.signers)
      expect(await askSigner(endpoint.url, "/sign", body, 8)).to.have.property("signature");
    await nextSecond();
    const { reportAt, spot } = withheld.report;
    expect(await stage.publisher.step()).to.deep.include({ kind: "published", why: "mark", reportAt });
    expect((await stage.chain.read()).last).to.deep.include({ reportAt, spot });
  });

  it("proposes again what its signers may have signed, whose answers came too late", async () => {
    const stage = await fixture.open(6, { signerSeconds: 3 });
    await fixture.toTheMark();
    const late = await Promise.all(stage.signers.map(({ endpoint }) => startProxy(`${endpoint.url}/sign`)));
    const said: Promise<void>[] = late.map((each) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      each.treat = () => ({
        after: () => {
          resolve();
          return new Promise(() => {});
        },
      });
      return promise;
    });
    const urls = stage.config.signers.splice(0, 3, ...late.map(({ url }) => url));
    const [short] = (await stepUntil(stage, "unsigned")).slice(-1);
    expect(short).to.deep.include({ kind: "unsigned", signed: 0 });
    await Promise.all(said);
    for (const each of late) each.close();
    const { reportAt } = (await (await fixture.signerStore(0)).lastGiven())!;
    stage.config.signers.splice(0, 3, ...urls);
    expect(await stage.publisher.step()).to.deep.include({ kind: "published", why: "mark", reportAt });
  });
});
