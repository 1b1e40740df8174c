import { certify } from "@meniscus/pricer/certificate/certify";
import type { Chain } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import { isQuoted, type Surface } from "@meniscus/pricer/fit/surface";
import type { Draft } from "@meniscus/pricer/publisher/draft";
import { SignerSchema, scopeOf } from "@meniscus/pricer/service/config";
import { basisDistanceBps } from "@meniscus/pricer/service/distance";
import type { Endpoint } from "@meniscus/pricer/service/endpoint";
import { MarketView } from "@meniscus/pricer/service/view";
import { refusalOfDistance } from "@meniscus/pricer/signer/judge";
import { serveSigner } from "@meniscus/pricer/signer/serve";
import { Signer, type SignerAnswer } from "@meniscus/pricer/signer/signer";
import { recordedSource } from "@meniscus/pricer/source/recorded";
import type { Source } from "@meniscus/pricer/source/source";
import { type Database, openDatabase } from "@meniscus/pricer/store/database";
import { Store } from "@meniscus/pricer/store/store";
import { stringifyWords } from "@meniscus/pricer/store/words";
import { decodeReport, encodeReport, reportDigest, reportSigner, signReport } from "@meniscus/sdk/report";
import { quantise, unquantise } from "@meniscus/sdk/slice";
import { expect } from "chai";
import { Wallet } from "ethers";
import { pino } from "pino";
import { dataFile, itWithData, recordedChains } from "../../support/data.ts";
import { AT, draftOf, MARKET, sourceOf, surfaceOf } from "../../support/pricer/draft.ts";

const KEY = new Wallet(`0x${"11".repeat(32)}`);

interface Setting {
  source?: Source;
  now?: number;
  bounds?: object;
  database?: Database;
}

async function signerOf({ source = sourceOf(1), now = AT + 1, bounds = {}, database }: Setting = {}) {
  const config = SignerSchema.parse({ market: MARKET, store: ":memory:", bounds, lookSeconds: 0.5 });
  const store = await Store.open(database ?? (await openDatabase(":memory:")), "scope");
  const view = new MarketView({ source, clock: () => now, maxAge: config.tolerance.seconds });
  return new Signer({ config, key: KEY, view, store, clock: () => now });
}

const proposal = (draft: Draft, changes: object = {}): string =>
  stringifyWords({ chainId: MARKET.chainId, contract: MARKET.contract, ...draft, ...changes });

/** The draft with other slices, and a certificate of these where there is one. */
function redrafted(
  { report, certificate }: Draft,
  factor: (lane: number) => number,
  shift: (lane: number) => number = () => 0,
): Draft {
  const { slices, ...rest } = decodeReport(report);
  const changed = slices.map(({ expiryAt, word }, lane) => {
    if (factor(lane) === 1 && shift(lane) === 0) return { expiryAt, word };
    const { params, basis } = unquantise(word);
    const scaled = { ...params, a: params.a * factor(lane), b: params.b * factor(lane) };
    return { expiryAt, word: quantise(scaled, basis + shift(lane), report.reportAt) };
  });
  const certified = certify(changed);
  return {
    report: encodeReport({ ...rest, slices: changed }),
    certificate: certified.certified ? certified.certificate : certificate,
  };
}

const kindOf = (answer: SignerAnswer): string => (answer.kind === "signed" ? "signed" : answer.refusal.kind);

/** A database whose disk is full at times. */
async function failing(isFull: () => boolean): Promise<Database> {
  const database = await openDatabase(":memory:");
  return {
    ...database,
    query: (statement, values) =>
      isFull() && statement.startsWith("INSERT")
        ? Promise.reject(new Error("database or disk is full"))
        : database.query(statement, values),
  };
}

describe("a signer", () => {
  let draft: Draft;
  before(async () => {
    draft = await draftOf(1);
  });

  it("signs what its own fit says, for its market on its chain", async () => {
    const answer = await (await signerOf()).answer(proposal(draft));
    if (answer.kind !== "signed") throw new Error(JSON.stringify(answer));
    const { signer, signature } = answer.signature;
    expect(signer).to.equal(KEY.address);
    expect(reportSigner(draft.report, MARKET, signature)).to.equal(KEY.address);
  });

  it("signs within its tolerance, and refuses beyond it, in price and in spot", async () => {
    const signer = await signerOf();
    const near = redrafted(draft, () => 1.02);
    expect(kindOf(await signer.answer(proposal(near)))).to.equal("signed");
    for (const lane of [0, 5, 11]) {
      const far = redrafted(draft, (each) => (each < lane ? 1 : 1.1));
      expect(kindOf(await signer.answer(proposal(far)))).to.equal("PriceTooFar");
    }
    const spot = (bps: bigint) => ({
      report: { ...draft.report, spot: (draft.report.spot * (10_000n + bps)) / 10_000n },
    });
    expect(kindOf(await signer.answer(proposal(draft, spot(51n))))).to.equal("SpotTooFar");
    expect(kindOf(await signer.answer(proposal(draft, spot(-51n))))).to.equal("SpotTooFar");
  });

  it("refuses a forward that options in the money alone would tell", async () => {
    const signer = await signerOf();
    const shifted = (bps: number) =>
      redrafted(
        draft,
        () => 1,
        (lane) => (lane === 11 ? bps / 10_000 : 0),
      );
    for (const bps of [100, -100]) {
      const answer = await signer.answer(proposal(shifted(bps)));
      if (answer.kind !== "refused" || answer.refusal.kind !== "BasisTooFar")
        throw new Error(JSON.stringify(answer));
      const { expiryAt, bps: apart, limit } = answer.refusal;
      expect([expiryAt, limit]).to.deep.equal([draft.certificate.slices[11]!.expiryAt, 20]);
      expect(apart).to.be.closeTo(100, 0.01);
    }
    expect(kindOf(await signer.answer(proposal(shifted(19))))).to.equal("signed");
  });

  itWithData(
    "agrees with another whose forwards come from elsewhere, but for one expiry in a hundred",
    async () => {
      const { basisBps } = SignerSchema.parse({ market: MARKET, store: ":memory:" }).tolerance;
      const surfaceIn = (chain: Chain) => fitSurface(cleanChain(chain));
      const distances = (one: Surface, other: Surface) => {
        const words = new Map(other.slices.filter(isQuoted).map(({ expiryAt, word }) => [expiryAt, word]));
        const both = one.slices.filter((slice) => isQuoted(slice) && words.has(slice.expiryAt));
        return both.map(({ expiryAt, word }) => basisDistanceBps(words.get(expiryAt)!, word));
      };
      const read = (file: string) => recordedSource(file).read();
      const apart: number[] = [];
      for (const file of recordedChains().filter((name, at) => name.includes("deribit_") && at % 10 === 0)) {
        const chain = await read(file);
        // As of a venue that tells no forwards: parity alone has them.
        const quotes = chain.quotes.map((quote) => ({ ...quote, forward: null }));
        apart.push(...distances(surfaceIn(chain), surfaceIn({ ...chain, quotes })));
      }
      expect(apart).to.have.length.of.at.least(200);
      expect(apart.filter((bps) => bps > basisBps).length / apart.length).to.be.below(0.01);
      // Two venues: the nearest that are recorded lie two hours apart, over which the forwards hold and vols do not.
      for (const currency of ["ETH", "BTC"]) {
        const [own, others] = await Promise.all([
          read(dataFile(`chains/okx_${currency}_20260718T033500Z.csv.gz`)),
          read(dataFile(`chains/deribit_${currency}_20260718T053416Z.csv.gz`)),
        ]);
        const between = distances(surfaceIn(own), surfaceIn(others));
        expect(between).to.have.length.of.at.least(11);
        expect(Math.max(...between)).to.be.below(basisBps);
      }
    },
  );

  it("refuses what is no proposal", async () => {
    const signer = await signerOf();
    for (const text of ["", "{", "[]", "null", '"0x"', proposal(draft, { more: 1 })])
      expect(kindOf(await signer.answer(text)), text.slice(0, 40)).to.equal("Malformed");
    const report = { ...draft.report, spot: 1n << 96n };
    expect(kindOf(await signer.answer(proposal(draft, { report })))).to.equal("Malformed");
  });

  it("refuses expiries out of order, twice, or without a slice", async () => {
    const signer = await signerOf();
    const { expiries } = draft.report;
    for (const wrong of [0n, expiries >> 16n, (expiries & ~0xffffn) | ((expiries >> 16n) & 0xffffn)]) {
      const report = { ...draft.report, expiries: wrong };
      expect(kindOf(await signer.answer(proposal(draft, { report })))).to.equal("Malformed");
    }
  });

  it("refuses another chain, contract or market", async () => {
    const signer = await signerOf();
    const others = [{ chainId: 1 }, { contract: KEY.address }, { report: { ...draft.report, market: 2 } }];
    for (const other of others)
      expect(kindOf(await signer.answer(proposal(draft, other)))).to.equal("OtherMarket");
  });

  it("refuses a report of the future and one that is old, by its own clock", async () => {
    expect(kindOf(await (await signerOf({ now: AT - 3 })).answer(proposal(draft)))).to.equal("FromTheFuture");
    expect(kindOf(await (await signerOf({ now: AT + 21 })).answer(proposal(draft)))).to.equal("TooOld");
  });

  it("refuses what its bounds forbid: spot, vol, and a jump of spot since it last signed", async () => {
    for (const bounds of [{ spot: [1, 2] }, { vol: [0.01, 0.02] }])
      expect(kindOf(await (await signerOf({ bounds })).answer(proposal(draft)))).to.equal("OutOfBounds");
    const database = await openDatabase(":memory:");
    const store = await Store.open(database, "scope");
    const spot = (draft.report.spot * 100n) / 130n;
    await store.give({ reportAt: AT - 60, digest: "0x00", spot }, null);
    expect(kindOf(await (await signerOf({ database })).answer(proposal(draft)))).to.equal("SpotJumped");
  });

  it("names the expiries whose vol its bounds forbid, with those that its own data forbid, for it would sign the rest", async () => {
    const expiries = decodeReport(draft.report).slices.map(({ expiryAt }) => expiryAt);
    const chain = await sourceOf(1).read();
    const quotes = chain.quotes.filter(({ expiryAt }) => expiryAt !== expiries[3]);
    const source = { read: async () => ({ ...chain, quotes }) };
    const bounds = { vol: [0.05, 1] };
    const last = expiries.length - 1;
    const wild = redrafted(draft, (lane) => (lane === last ? 3 : 1));
    const refusal = await (await signerOf({ source, bounds })).judge(proposal(wild));
    expect(refusal).to.deep.include({ kind: "OutOfBounds", what: "vol", expiryAt: expiries[last] });
    expect(refusal).to.deep.include({ expiries: [expiries[last], expiries[3]] });
    const blind = { read: () => Promise.reject(new Error("down")) };
    expect((await (await signerOf({ source: blind, bounds })).judge(proposal(wild)))!.kind).to.equal("Blind");
  });

  it("refuses no slices, and a slice that the contract would refuse", async () => {
    const signer = await signerOf();
    const none = { report: { ...draft.report, expiries: 0n, slices: [] } };
    expect(kindOf(await signer.answer(proposal(draft, none)))).to.equal("NoSlices");
    const slices = draft.report.slices.map((word, lane) => (lane === 4 ? word | (1n << 64n) : word));
    const flagged = { report: { ...draft.report, slices } };
    expect(kindOf(await signer.answer(proposal(draft, flagged)))).to.equal("SliceRefused");
  });

  it("refuses a certificate that does not hold, or is of other slices", async () => {
    const signer = await signerOf();
    const { certificate } = draft;
    const coarse = {
      ...certificate,
      slices: certificate.slices.map((slice) => ({ ...slice, butterfly: [-1, 1] })),
    };
    expect(kindOf(await signer.answer(proposal(draft, { certificate: coarse })))).to.equal("NotCertified");
    const other = { certificate: redrafted(draft, () => 1.01).certificate };
    expect(kindOf(await signer.answer(proposal(draft, other)))).to.equal("NotCertified");
    const shorter = { certificate: { ...certificate, slices: [], calendar: [] } };
    expect(kindOf(await signer.answer(proposal(draft, shorter)))).to.equal("NotCertified");
  });

  it("refuses while it is blind: its source fails, hangs, is old or has no quotes", async () => {
    const chain = await sourceOf(1).read();
    const sources: Source[] = [
      { read: () => Promise.reject(new Error("down")) },
      { read: () => new Promise(() => {}) },
      sourceOf(1, AT - 60),
      { read: async () => ({ ...chain, quotes: chain.quotes.map((quote) => ({ ...quote, bid: null })) }) },
    ];
    for (const source of sources)
      expect(kindOf(await (await signerOf({ source })).answer(proposal(draft)))).to.equal("Blind");
  });

  it("refuses an expiry that it has no smile of", async () => {
    const chain = await sourceOf(1).read();
    const first = Math.min(...chain.quotes.map(({ expiryAt }) => expiryAt));
    const quotes = chain.quotes.filter(({ expiryAt }) => expiryAt !== first);
    const signer = await signerOf({ source: { read: async () => ({ ...chain, quotes }) } });
    expect(kindOf(await signer.answer(proposal(draft)))).to.equal("ExpiryUnknown");
  });

  for (const quality of ["carried over", "fallback"] as const)
    it(`refuses an expiry of which its own smile is of the quality ${quality}`, async () => {
      const surface = await surfaceOf(1);
      const [first, ...rest] = surface.slices;
      const { tolerance } = SignerSchema.parse({ market: MARKET, store: ":memory:" });
      expect(refusalOfDistance(draft.report, surface, tolerance)).to.equal(null);
      expect(
        refusalOfDistance(draft.report, { ...surface, slices: [{ ...first!, quality }, ...rest] }, tolerance),
      ).to.deep.equal({ kind: "ExpiryUnknown", expiryAt: first!.expiryAt, expiries: [first!.expiryAt] });
    });

  it("names every expiry that it refuses, for it would sign the rest, and signs nothing when it only judges", async () => {
    const database = await openDatabase(":memory:");
    const signer = await signerOf({ database });
    const changed = redrafted(
      draft,
      (lane) => (lane === 5 || lane === 7 ? 1.1 : 1),
      (lane) => (lane === 10 ? 0.003 : 0),
    );
    const refusal = await signer.judge(proposal(changed));
    const at = (lane: number) => draft.certificate.slices[lane]!.expiryAt;
    expect(refusal).to.deep.include({
      kind: "PriceTooFar",
      expiryAt: at(5),
      expiries: [at(5), at(7), at(10)],
    });
    expect(await signer.judge(proposal(draft))).to.equal(null);
    expect(await signer.judge("{")).to.deep.include({ kind: "Malformed" });
    expect(await (await Store.open(database, "scope")).lastGiven()).to.equal(null);
    expect(kindOf(await signer.answer(proposal(redrafted(draft, () => 1.02))))).to.equal("signed");
  });

  it("signs the same report again, and no other of its market and time, after a restart too", async () => {
    const database = await openDatabase(":memory:");
    const signer = await signerOf({ database });
    const first = await signer.answer(proposal(draft));
    expect(await signer.answer(proposal(draft))).to.deep.equal(first);
    const near = redrafted(draft, () => 1.02);
    expect(kindOf(await signer.answer(proposal(near)))).to.equal("SignedOther");
    expect(kindOf(await (await signerOf({ database })).answer(proposal(near)))).to.equal("SignedOther");
  });

  it("signs one of two different reports that are asked for at once", async () => {
    const signer = await signerOf();
    const asked = [draft, redrafted(draft, () => 1.01), redrafted(draft, () => 1.02)];
    const answers = await Promise.all(asked.map((each) => signer.answer(proposal(each))));
    expect(answers.map(kindOf).sort()).to.deep.equal(["SignedOther", "SignedOther", "signed"]);
  });

  it("signs one report of each minute that may mark the epoch", async () => {
    const database = await openDatabase(":memory:");
    const nine = AT - 3 * 3600;
    const answerAt = async (at: number) =>
      kindOf(
        await (await signerOf({ database, now: at + 1, source: sourceOf(1, at) })).answer(
          proposal(await draftOf(1, at)),
        ),
      );
    expect(await answerAt(nine - 1)).to.equal("signed");
    expect(await answerAt(nine + 3)).to.equal("signed");
    expect(await answerAt(nine + 59)).to.equal("MarkSigned");
    expect(await answerAt(nine + 3)).to.equal("signed");
    expect(await answerAt(nine + 60)).to.equal("signed");
    for (const late of [62, 65, 119]) expect(await answerAt(nine + late), `${late}`).to.equal("MarkSigned");
    expect(await answerAt(nine + 899)).to.equal("signed");
    expect(await answerAt(nine + 898)).to.equal("MarkSigned");
    for (const after of [900, 901]) expect(await answerAt(nine + after)).to.equal("signed");
  });

  it("remembers the mark that it signed when there was but one minute", async () => {
    const database = await openDatabase(":memory:");
    const nine = AT - 3 * 3600;
    const store = await Store.open(database, "scope");
    const { spot } = draft.report;
    // As it was written then: the day in place of the minute.
    await store.give({ reportAt: nine + 3, digest: "0x00", spot }, Math.floor(nine / 86_400));
    const signer = await signerOf({ database, now: nine + 21, source: sourceOf(1, nine + 20) });
    expect(kindOf(await signer.answer(proposal(await draftOf(1, nine + 20))))).to.equal("MarkSigned");
  });

  it("signs nothing that it cannot remember", async () => {
    const database = await failing(() => true);
    expect(kindOf(await (await signerOf({ database })).answer(proposal(draft)))).to.equal("MemoryFailed");
  });

  describe("by its health", () => {
    let endpoint: Endpoint;
    let isFull = false;
    let now = AT + 1;
    const serve = async (source: Source) => {
      now = AT + 1;
      const config = SignerSchema.parse({ market: MARKET, store: ":memory:", port: 0 });
      const database = await failing(() => isFull);
      const log = pino({ level: "silent" });
      endpoint = await serveSigner({ config, key: KEY, source, clock: () => now, log, database });
    };
    afterEach(() => endpoint.close());
    const ask = async (): Promise<number> => {
      const headers = { "content-type": "application/json" };
      const body = proposal(draft);
      return (await fetch(`${endpoint.url}/sign`, { method: "POST", headers, body })).status;
    };
    const health = async () => {
      const answer = await fetch(`${endpoint.url}/health`);
      return [answer.status, ((await answer.json()) as { reasons: string[] }).reasons];
    };

    it("cannot record what it signs, until it has", async () => {
      await serve(sourceOf(1));
      isFull = true;
      expect(await ask()).to.equal(409);
      const reason = "signs nothing, for it cannot record: database or disk is full";
      expect(await health()).to.deep.equal([503, [reason]]);
      isFull = false;
      expect(await health()).to.deep.equal([503, [reason]]);
      expect(await ask()).to.equal(200);
      expect(await health()).to.deep.equal([200, []]);
    });

    it("has not looked for a minute, for its source hangs", async () => {
      const [asked, chain] = [Promise.withResolvers<void>(), Promise.withResolvers<Chain>()];
      const read = () => {
        asked.resolve();
        return chain.promise;
      };
      await serve({ read });
      await asked.promise;
      now += 60;
      expect(await health()).to.deep.equal([200, []]);
      now += 1;
      expect(await health()).to.deep.equal([503, ["no look for 61 s"]]);
      // What closes it waits for the look.
      chain.reject(new Error("closed"));
    });
  });

  it("goes on after a restart from the surface that it had", async () => {
    const held = await openDatabase(":memory:");
    const database: Database = { query: held.query, close: async () => {} };
    const store = await Store.open(database, scopeOf(MARKET, KEY.address));
    const config = SignerSchema.parse({ market: MARKET, store: ":memory:", port: 0 });
    const served = { config, key: KEY, source: sourceOf(1), clock: () => AT + 1, database };
    const serve = () => serveSigner({ ...served, log: pino({ level: "silent" }) });
    await (await serve()).close();
    const surface = await surfaceOf(1);
    expect(await store.lastSurface()).to.deep.equal(surface);
    // Of the source's own time, so that there is nothing to fit anew.
    await store.keepSurface({ ...surface, spot: surface.spot * 1.01 });
    const endpoint = await serve();
    try {
      const headers = { "content-type": "application/json" };
      const response = await fetch(`${endpoint.url}/judge`, {
        method: "POST",
        headers,
        body: proposal(draft),
      });
      expect(await response.json()).to.have.nested.property("refusal.kind", "SpotTooFar");
    } finally {
      await endpoint.close();
      await held.close();
    }
  });

  it("says over HTTP what it signs and what it refuses, another report of the same time too", async () => {
    const config = SignerSchema.parse({ market: MARKET, store: ":memory:", port: 0 });
    const served = {
      config,
      key: KEY,
      source: sourceOf(1),
      clock: () => AT + 1,
      log: pino({ level: "silent" }),
    };
    const endpoint = await serveSigner(served);
    try {
      const ask = async (body: string, path = "sign"): Promise<[number, unknown]> => {
        const headers = { "content-type": "application/json" };
        const response = await fetch(`${endpoint.url}/${path}`, { method: "POST", headers, body });
        return [response.status, await response.json()];
      };
      const signed = await signReport(draft.report, MARKET, KEY);
      expect(await ask(proposal(draft))).to.deep.equal([200, signed]);
      const refusal = { kind: "SignedOther", reportAt: AT, digest: reportDigest(draft.report, MARKET) };
      const kept = { report: JSON.parse(stringifyWords(draft.report)), signature: signed.signature };
      expect(await ask(proposal(redrafted(draft, () => 1.02)))).to.deep.equal([409, { refusal, kept }]);
      expect(await ask(proposal(draft), "judge")).to.deep.equal([200, { refusal: null }]);
      const [status, judged] = await ask(proposal(redrafted(draft, () => 1.1)), "judge");
      expect([status, (judged as { refusal: { kind: string } }).refusal.kind]).to.deep.equal([
        200,
        "PriceTooFar",
      ]);
      const answers = /answers_total\{answer="SignedOther"\} 1/;
      expect(await (await fetch(`${endpoint.url}/metrics`)).text()).to.match(answers);
    } finally {
      await endpoint.close();
    }
  });
});
