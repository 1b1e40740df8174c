import { expect } from "chai";
import { FULL, NOT_FULL, publisherFixture } from "../../support/pricer/publisherFixture.ts";
import { nextSecond, stepUntil } from "../../support/pricer/stage.ts";

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
      expect(await stage.publisher.step()).to.deep.include({ kind: "published" });
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

  it("leaves it out where one who said that it would sign does not, and has it again once that one signs", async () => {
    const stage = await fixture.open(3);
    await stepUntil(stage, "published");
    await fixture.setLastExpiry(false, 1);
    const { database } = stage.signers[2]!;
    await database.query(FULL);
    await nextSecond();
    const [published] = (await stepUntil(stage, "published", 3)).slice(-1);
    expect(published).to.deep.include({ kind: "published" });
    expect(await fixture.isLastExpiryPosted()).to.equal(false);
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
  });
});
