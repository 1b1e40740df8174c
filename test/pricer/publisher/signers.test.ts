import type { Draft } from "@meniscus/pricer/publisher/draft";
import { judgeDraft } from "@meniscus/pricer/publisher/judgements";
import { collectSignatures, type Declined } from "@meniscus/pricer/publisher/signers";
import { stringifyWords } from "@meniscus/pricer/store/words";
import { joinSignatures, signReport } from "@meniscus/sdk/report";
import { expect } from "chai";
import { Wallet } from "ethers";
import { json, type Stub, startStub } from "../../support/deribitStub.ts";
import { draftOf, MARKET, retimed } from "../../support/pricer/draft.ts";

type Respond = Parameters<typeof startStub>[0];

describe("what a pricer makes of a signer's answer", () => {
  let draft: Draft;
  let stubs: Stub[] = [];
  before(async () => {
    draft = await draftOf(1);
  });
  afterEach(async () => {
    await Promise.all(stubs.map((stub) => stub.close()));
    stubs = [];
  });

  const asked = async (respond: Respond) => {
    const stub = await startStub(respond);
    stubs.push(stub);
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

  it("reads no more of it than an answer can need", async () => {
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
    expect(await collected(flood)).to.deep.equal({ isBegun: true, reasons });
    expect(sent).to.be.below(1 << 24);
    sent = 0;
    expect((await judged(flood)).reasons).to.deep.equal(reasons);
    expect(sent).to.be.below(1 << 24);
  });

  it("takes nothing for signed by a quorum of nobody", async () => {
    const options = await asked((_, response) => json(response, 409, { refusal: { kind: "Blind" } }));
    const error = await collectSignatures(draft, { size: 0, isMember: () => true }, options).catch(
      (each) => each,
    );
    expect(error).to.be.instanceOf(RangeError);
    expect(stubs[0]!.requests).to.deep.equal([]);
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

  it("counts what they signed in its place by whom the signatures recover to, each of them once", async () => {
    const keys = [1, 2, 3].map((digit) => new Wallet(`0x${`${digit}`.repeat(64)}`));
    const report = retimed(draft, draft.report.reportAt - 1);
    const refusal = { kind: "SignedOther" };
    const signatureOf = async (key: Wallet) => (await signReport(report, MARKET, key)).signature;
    const [first, second, stranger] = await Promise.all(keys.map(signatureOf));
    const quorum = { size: 2, isMember: (signer: string) => signer !== keys[2]!.address };
    const insteadOf = async (...signatures: unknown[]) => {
      let asks = 0;
      const options = await asked((_, response) => {
        const kept = { report: JSON.parse(stringifyWords(report)), signature: signatures[asks++] };
        json(response, 409, { refusal, kept });
      });
      const found = await collectSignatures(draft, quorum, {
        ...options,
        urls: signatures.map(() => options.urls[0]!),
      });
      if (found.kind !== "short") throw new Error(found.kind);
      expect(found.isBegun).to.equal(false);
      return found.instead;
    };
    const joined = joinSignatures(
      [first!, second!].map((signature, at) => ({ signer: keys[at]!.address, signature })),
    );
    expect(await insteadOf(first, second, stranger)).to.deep.equal({ report, signatures: joined });
    for (const few of [[first], [first, first], [first, stranger], [first, "0x"], [first, 7], [undefined]])
      expect(await insteadOf(...few)).to.equal(null);
  });
});
