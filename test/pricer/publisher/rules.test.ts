import { checkCertificate } from "@meniscus/pricer/certificate/check";
import { draftReport } from "@meniscus/pricer/publisher/draft";
import { decide } from "@meniscus/pricer/publisher/rules";
import { boundsRefusal } from "@meniscus/pricer/service/bounds";
import { DEFAULT_RULES } from "@meniscus/pricer/service/config";
import { decodeReport, type EncodedReport, encodeReport } from "@meniscus/sdk/report";
import { quantise, unquantise, withReportAt } from "@meniscus/sdk/slice";
import { expect } from "chai";
import { AT, DEFAULT_BOUNDS, draftOf, retimed, surfaceOf } from "../../support/pricer/draft.ts";

describe("when a surface is published", () => {
  let last: EncodedReport;
  let later: (seconds: number) => EncodedReport;
  before(async () => {
    const draft = await draftOf(1);
    last = draft.report;
    later = (seconds) => retimed(draft, AT + seconds);
  });

  it("is at first", () => {
    expect(decide(last, null, DEFAULT_RULES)).to.deep.equal({ publish: true, why: "first" });
  });

  it("is not while nothing moves, until the heartbeat", () => {
    expect(decide(later(59), last, DEFAULT_RULES)).to.deep.equal({ publish: false, why: "unchanged" });
    expect(decide(later(60), last, DEFAULT_RULES)).to.deep.equal({ publish: true, why: "heartbeat" });
  });

  it("is when spot has moved by more than the rule, and not by less", () => {
    const moved = (bps: bigint) => ({ ...later(10), spot: (last.spot * (10_000n + bps)) / 10_000n });
    expect(decide(moved(24n), last, DEFAULT_RULES)).to.deep.equal({ publish: false, why: "unchanged" });
    expect(decide(moved(26n), last, DEFAULT_RULES)).to.deep.equal({ publish: true, why: "spot" });
    expect(decide(moved(-26n), last, DEFAULT_RULES)).to.deep.equal({ publish: true, why: "spot" });
  });

  it("is when one expiry's prices have moved by more than the rule, and not by less", () => {
    const moved = (factor: number): EncodedReport => {
      const { slices, ...report } = decodeReport(later(10));
      return encodeReport({
        ...report,
        slices: slices.map(({ expiryAt, word }, lane) => {
          const { params, basis } = unquantise(word);
          const scaled = { ...params, a: params.a * factor, b: params.b * factor };
          return { expiryAt, word: lane === 3 ? quantise(scaled, basis, AT + 10) : word };
        }),
      });
    };
    // Vol goes by the root of variance, and the price at the money by vol.
    expect(decide(moved(1.03), last, DEFAULT_RULES)).to.deep.equal({ publish: false, why: "unchanged" });
    expect(decide(moved(1.05), last, DEFAULT_RULES)).to.deep.equal({ publish: true, why: "price" });
  });

  it("is when an expiry has come or gone", () => {
    const { slices, ...report } = decodeReport(later(10));
    expect(decide(encodeReport({ ...report, slices: slices.slice(1) }), last, DEFAULT_RULES)).to.deep.equal({
      publish: true,
      why: "expiries",
    });
  });

  it("is for expiries that come and go once a minute, but at once for one of which the chain has nothing", () => {
    const { slices, ...report } = decodeReport(later(10));
    const [first, ...rest] = slices;
    const without = encodeReport({ ...report, slices: rest });
    const { expiryAt } = first!;
    const decided = (next: EncodedReport, before: EncodedReport, shiftedAt: number, ...unknown: number[]) =>
      decide(next, before, DEFAULT_RULES, { shiftedAt, unknown: new Set(unknown) });
    const shifted = { publish: true, why: "expiries" };
    const unchanged = { publish: false, why: "unchanged" };
    expect(decided(without, last, AT - 50)).to.deep.equal(shifted);
    expect(decided(without, last, AT - 49)).to.deep.equal(unchanged);
    const had = retimed({ report: without }, AT);
    expect(decided(later(10), had, AT - 50)).to.deep.equal(shifted);
    expect(decided(later(10), had, AT - 49)).to.deep.equal(unchanged);
    expect(decided(later(10), had, AT - 49, expiryAt)).to.deep.equal(shifted);
    // What goes is not what comes.
    expect(decided(without, last, AT - 49, expiryAt)).to.deep.equal(unchanged);
    // Whatever else moves is seen all the same.
    const moved = { ...without, spot: last.spot * 2n };
    expect(decided(moved, last, AT - 49)).to.deep.equal({ publish: true, why: "spot" });
    expect(decided(retimed({ report: without }, AT + 60), last, AT + 1)).to.deep.equal({
      publish: true,
      why: "heartbeat",
    });
  });

  it("is not within the least seconds, whatever moves, nor if it is no newer", () => {
    const moved = { ...later(2), spot: last.spot * 2n };
    expect(decide(moved, last, DEFAULT_RULES)).to.deep.equal({ publish: false, why: "too soon" });
    expect(decide(later(0), last, DEFAULT_RULES)).to.deep.equal({ publish: false, why: "not newer" });
  });

  it("is once in each minute that may mark the epoch, at once while there is no mark, and no second time", async () => {
    const nine = AT - 3 * 3600;
    const draft = await draftOf(1);
    const at = (time: number) => retimed(draft, time);
    expect(decide(at(nine), at(nine - 1), DEFAULT_RULES)).to.deep.equal({ publish: true, why: "mark" });
    const moved = { ...at(nine + 59), spot: last.spot * 2n };
    expect(decide(moved, at(nine), DEFAULT_RULES)).to.deep.equal({ publish: false, why: "slot signed" });
    expect(decide(at(nine + 60), at(nine), DEFAULT_RULES)).to.deep.equal({ publish: true, why: "heartbeat" });
    expect(decide(at(nine + 75), at(nine + 59), DEFAULT_RULES)).to.deep.equal({
      publish: false,
      why: "unchanged",
    });
    const [fast, slow] = [
      { ...at(nine + 65), spot: last.spot * 2n },
      { ...at(nine + 905), spot: last.spot * 2n },
    ];
    expect(decide(fast, at(nine + 60), DEFAULT_RULES)).to.deep.equal({ publish: false, why: "slot signed" });
    expect(decide(fast, at(nine + 59), DEFAULT_RULES)).to.deep.equal({ publish: true, why: "spot" });
    expect(decide(slow, at(nine + 901), DEFAULT_RULES)).to.deep.equal({ publish: true, why: "spot" });
    for (const late of [70, 899, 900, 7200]) {
      const decision = decide(at(nine + late), at(nine - 1), { ...DEFAULT_RULES, heartbeatSeconds: 86_400 });
      expect(decision).to.deep.equal({ publish: true, why: "mark" });
    }
  });

  it("holds only what the contract lists, with a certificate of just that", async () => {
    const surface = await surfaceOf(1);
    const listed = surface.slices.filter((_, index) => index % 2 === 0).map(({ expiryAt }) => expiryAt);
    const draft = draftReport(surface, 1, new Set(listed));
    if (typeof draft === "string") throw new Error(draft);
    expect(decodeReport(draft.report).slices.map(({ expiryAt }) => expiryAt)).to.deep.equal(listed);
    expect(draft.certificate.slices.map(({ word }) => BigInt(word))).to.deep.equal([...draft.report.slices]);
    expect(checkCertificate(draft.certificate)).to.include({ valid: true });
    expect(draftReport(surface, 1, new Set())).to.match(/no expiry/);
  });

  for (const quality of ["carried over", "fallback"] as const)
    it(`leaves out a slice of the quality ${quality}`, async () => {
      const surface = await surfaceOf(1);
      const [first, ...rest] = surface.slices;
      const draft = draftReport({ ...surface, slices: [{ ...first!, quality }, ...rest] }, 1, null);
      if (typeof draft === "string") throw new Error(draft);
      expect(draft.report.slices).to.deep.equal(rest.map(({ word }) => word));
      const why = `its smile follows no quotes of its own now (${quality})`;
      expect(draft.leftOut).to.deep.equal([{ expiryAt: first!.expiryAt, why }]);
    });

  it("tells of what is listed which the source lacks, which the fit or the contract refuses, and not what is over", async () => {
    const surface = await surfaceOf(1);
    const [first, second, third, ...rest] = surface.slices;
    const [lacking, refused] = [surface.snapshotAt + 1_000_000, second!.expiryAt];
    const listed = [surface.snapshotAt + 1800, lacking, ...surface.slices.map(({ expiryAt }) => expiryAt)];
    // Of a time that is not the report's.
    const slices = [first!, { ...third!, word: withReportAt(third!.word, surface.snapshotAt - 1) }, ...rest];
    const fitted = { ...surface, slices, refused: [{ expiryAt: refused, reason: "as the fit says" }] };
    const draft = draftReport(fitted, 1, new Set(listed));
    if (typeof draft === "string") throw new Error(draft);
    expect(draft.report.slices).to.have.length(rest.length + 1);
    expect(draft.leftOut).to.deep.equal([
      { expiryAt: lacking, why: "the source has no sound quotes of it" },
      { expiryAt: refused, why: "as the fit says" },
      { expiryAt: third!.expiryAt, why: "its time is not the report's" },
    ]);
  });

  it("names the bound that no smile is within", async () => {
    const surface = await surfaceOf(1);
    expect(draftReport(surface, 1, null, [5, 600])).to.match(
      /report may state: \d{4}-\d\d-\d\d, its vol at the money, 0\.\d{3}, is out of bounds\.vol, 5 to 600 \(1 is 100 %\), and 11 more like it$/,
    );
  });

  for (const [what, lane, carry, variance] of [
    ["carry", 0, 0.1, 1],
    ["vol", 11, 0, 3],
  ] as const)
    it(`leaves out a slice whose ${what} no report may state, and no other`, async () => {
      const bounds = { ...DEFAULT_BOUNDS, vol: [0.05, 1] as [number, number] };
      const surface = await surfaceOf(1);
      const { expiryAt, params: own } = surface.slices[lane]!;
      const { a, b, ...shape } = own;
      const params = { ...shape, a: a * variance, b: b * variance };
      const word = quantise(params, carry, surface.snapshotAt);
      const slices = surface.slices.map((slice, i) => (i === lane ? { ...slice, word } : slice));
      const draft = draftReport({ ...surface, slices }, 1, null, bounds.vol);
      if (typeof draft === "string") throw new Error(draft);
      const rest = slices.filter((_, i) => i !== lane);
      expect(draft.report.slices).to.deep.equal(rest.map((slice) => slice.word));
      expect(draft.leftOut.map((each) => each.expiryAt)).to.deep.equal([expiryAt]);
      const why =
        what === "vol" ? /^its vol .*, 1\.\d\d, is out of bounds\.vol, 0\.05 to 1 / : /^its carry, 0\.100, /;
      expect(draft.leftOut[0]!.why).to.match(why);
      expect(checkCertificate(draft.certificate)).to.include({ valid: true });
      expect(boundsRefusal(draft.report, bounds, null)).to.equal(null);
      // Whoever reports it all the same is refused.
      const whole = encodeReport({ ...decodeReport(draft.report), slices });
      expect(boundsRefusal(whole, bounds, null)).to.deep.include({
        kind: "OutOfBounds",
        ...{ what, expiryAt, expiries: [expiryAt] },
      });
    });
});
