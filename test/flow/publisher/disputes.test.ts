import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { expect } from "chai";
import { type Stub, startStub } from "../../support/deribitStub.ts";
import { FULL, NOT_FULL, publisherFixture } from "../../support/pricer/publisherFixture.ts";
import { nextSecond, type Stage, stepUntil } from "../../support/pricer/stage.ts";

/** Milliseconds, of a signer that is far away. */
const LATE_MS = 150;

describe("a publisher whose signers cannot judge an expiry", function () {
  this.timeout(300_000);
  const fixture = publisherFixture();

  it("leaves it out where no quorum is met without them, says who refuses, and has it again once they can", async () => {
    const stage = await fixture.open(3);
    await stepUntil(stage, "published");
    expect(await fixture.isLastExpiryPosted()).to.equal(true);
    await fixture.setLastExpiry(false, 1, 2);
    await nextSecond();
    const short = await stage.publisher.step();
    expect(short).to.deep.include({ kind: "unsigned", signed: 1 });
    expect(
      (short.kind === "unsigned" ? short.declined : []).map(
        ({ reason }) => /"kind":"(\w+)"/.exec(reason)![1],
      ),
    ).to.deep.equal(["ExpiryUnknown", "ExpiryUnknown"]);
    for (let times = 0; times < 2; times++) {
      await nextSecond();
      const rest = await stage.publisher.step();
      const expiryAt = Math.max(...(await stage.chain.read()).listed);
      const leftOut = [{ expiryAt, why: "no quorum of signers would sign it" }];
      expect(rest).to.deep.include({ kind: "published", leftOut });
      expect(await fixture.isLastExpiryPosted()).to.equal(false);
    }
    await fixture.setLastExpiry(true, 1, 2);
    await nextSecond();
    expect(await stage.publisher.step()).to.deep.include({ kind: "published" });
    expect(await fixture.isLastExpiryPosted()).to.equal(true);
  });

  it("does not where the others are a quorum, nor publishes sooner for what it leaves out", async () => {
    const stage = await fixture.open(3);
    await fixture.setLastExpiry(false, 1);
    await stepUntil(stage, "published");
    expect(await fixture.isLastExpiryPosted()).to.equal(true);
    await fixture.setLastExpiry(false, 1, 2);
    await nextSecond();
    expect(await stage.publisher.step()).to.deep.include({ kind: "unsigned" });
    await nextSecond();
    expect(await stage.publisher.step()).to.deep.include({ kind: "published" });
    expect(await fixture.isLastExpiryPosted()).to.equal(false);
    stage.config.rules.heartbeatSeconds = 60;
    await nextSecond();
    expect(await stage.publisher.step()).to.deep.equal({ kind: "quiet", why: "unchanged" });
  });

  /** A proxy that passes on what is asked of a signer later than the others answer. */
  async function startLate(url: string): Promise<Stub> {
    return startStub(async (request, response) => {
      const body = await text(request);
      await pause(LATE_MS);
      const headers = { "content-type": "application/json" };
      const answer = await fetch(new URL(request.url!, url), { method: "POST", headers, body });
      response.writeHead(answer.status, headers).end(await answer.text());
    });
  }

  for (const [who, isLate] of [
    ["one", false],
    ["the slowest", true],
  ] as const)
    it(`leaves it out where ${who} who said that it would sign does not, and has it again once that one signs`, async () => {
      const stage = await fixture.open(3);
      const late = await startLate(stage.config.signers[2]!);
      try {
        if (isLate) stage.config.signers[2] = late.api;
        await expectWholeAgain(stage);
      } finally {
        await late.close();
      }
    });

  async function expectWholeAgain(stage: Stage): Promise<void> {
    await stepUntil(stage, "published");
    await fixture.setLastExpiry(false, 1);
    const { database } = stage.signers[2]!;
    await database.query(FULL);
    await nextSecond();
    const [published] = (await stepUntil(stage, "published", 3)).slice(-1);
    expect(published).to.deep.include({ kind: "published" });
    expect(await fixture.isLastExpiryPosted()).to.equal(false);
    // It is asked for that report too, and has no place for it yet.
    await pause(2 * LATE_MS);
    await database.query(NOT_FULL);
    // It signs the rest first, and on a busy machine perhaps once more.
    let isWhole = false;
    for (let times = 0; times < 4 && !isWhole; times++) {
      await nextSecond();
      expect(await stage.publisher.step()).to.deep.include({ kind: "published" });
      isWhole = await fixture.isLastExpiryPosted();
      if (times === 0) expect(isWhole).to.equal(false);
    }
    expect(isWhole).to.equal(true);
  }
});
