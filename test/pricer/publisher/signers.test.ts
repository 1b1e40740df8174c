import type { Draft } from "@meniscus/pricer/publisher/draft";
import { judgeDraft } from "@meniscus/pricer/publisher/judgements";
import { collectSignatures, type Declined } from "@meniscus/pricer/publisher/signers";
import { expect } from "chai";
import { json, type Stub, startStub } from "../../support/deribitStub.ts";
import { draftOf, MARKET } from "../../support/pricer/draft.ts";

type Respond = Parameters<typeof startStub>[0];

describe("what a pricer makes of a signer's answer", () => {
  let draft: Draft;
  let stub: Stub;
  before(async () => {
    draft = await draftOf(1);
  });
  afterEach(() => stub.close());

  const asked = async (respond: Respond) => {
    stub = await startStub(respond);
    return { urls: [new URL(stub.api).origin], market: MARKET, seconds: 3 };
  };
  const collected = async (respond: Respond) => {
    const found = await collectSignatures(draft, { size: 1, isMember: () => true }, await asked(respond));
    if (found.kind !== "short") throw new Error(found.kind);
    return { isBegun: found.isBegun, reasons: reasonsOf(found.declined) };
  };
  const judged = async (respond: Respond) => {
    const { leftOut, declined } = await judgeDraft(draft, 1, new Set(), await asked(respond));
    return { leftOut, reasons: reasonsOf(declined) };
  };
  const reasonsOf = (declined: readonly Declined[]) => declined.map(({ reason }) => reason);

  it("reads no more of it than an answer can need, and no longer than that takes", async () => {
    let sent = 0;
    const flood: Respond = (_, response) => {
      let isOpen = true;
      response.writeHead(200, { "content-type": "application/json" });
      const more = () => {
        while (isOpen && sent < 1 << 26) {
          sent += 1 << 16;
          if (!response.write(" ".repeat(1 << 16))) return;
        }
        response.end();
      };
      response.on("drain", more).on("close", () => {
        isOpen = false;
      });
      more();
    };
    const reasons = ["its answer is longer than 65536 bytes"];
    const since = Date.now();
    expect(await collected(flood)).to.deep.equal({ isBegun: true, reasons });
    expect(Date.now() - since).to.be.below(1000);
    expect(sent).to.be.below(1 << 24);
    await stub.close();
    sent = 0;
    expect((await judged(flood)).reasons).to.deep.equal(reasons);
    expect(sent).to.be.below(1 << 24);
  });

  it("tells the beginning of a refusal that is long", async () => {
    const refusal = { kind: "Blind", reason: "x".repeat(10_000) };
    const { reasons } = await collected((_, response) => json(response, 409, { refusal }));
    expect(reasons[0])
      .to.match(/^refused: \{"kind":"Blind","reason":"x+$/)
      .and.have.length(500);
  });

  it("knows by its status that it has not signed, or not", async () => {
    for (const [status, isBegun] of [
      [403, false],
      [404, false],
      [413, false],
      [415, false],
      [500, true],
    ] as const)
      expect(await collected((_, response) => response.writeHead(status).end())).to.deep.equal({
        isBegun,
        reasons: [`answers ${status}`],
      });
  });

  it("says what is no answer", async () => {
    for (const [body, reason] of [
      ["", "its answer is no JSON"],
      ["{}", "its answer is no signature"],
    ] as const)
      expect(await collected((_, response) => response.writeHead(200).end(body))).to.deep.equal({
        ...{ isBegun: true, reasons: [reason] },
      });
    const { reasons } = await judged((_, response) => json(response, 200, {}));
    expect(reasons).to.deep.equal(["its answer is no judgement"]);
  });

  it("counts on one of an earlier version, which gives no judgement, and on none that refuses to give one", async () => {
    const judgedAt = async (status: number) =>
      (await judged((_, response) => response.writeHead(status).end())).leftOut;
    expect(await judgedAt(404)).to.deep.equal([]);
    expect(await judgedAt(403)).to.equal(null);
  });
});
