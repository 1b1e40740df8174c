import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import {
  decodeReport,
  encodeCarriedReport,
  encodeReport,
  joinSignatures,
  packDays,
  type Report,
  reportDigest,
  reportSigner,
  signReport,
  unpackDays,
} from "@meniscus/sdk/report";
import { expiryOfDay } from "@meniscus/sdk/series";
import { expect } from "chai";
import { Interface, Wallet } from "ethers";
import fc from "fast-check";

const domain = { chainId: 31_337, contract: "0x5FbDB2315678afecb367f032d93F642f64180aa3" };
const wallets = [1, 2, 3].map((key) => new Wallet(`0x${String(key).padStart(64, "0")}`));

const anyReport: fc.Arbitrary<Report> = fc.record({
  market: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  reportAt: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  spot: fc.bigInt({ min: 1n, max: (1n << 96n) - 1n }),
  slices: fc
    .uniqueArray(fc.integer({ min: 1, max: 40_000 }), { maxLength: 16 })
    .chain((days) =>
      fc.tuple(
        ...days.map((day) =>
          fc
            .bigInt({ min: 0n, max: (1n << 256n) - 1n })
            .map((word) => ({ expiryAt: expiryOfDay(day), word })),
        ),
      ),
    ),
});

describe("report", () => {
  it("encodes slices by rising expiry, and reads back what it encodes", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        const sorted = [...report.slices].sort((one, other) => one.expiryAt - other.expiryAt);
        expect(decodeReport(encodeReport(report))).to.deep.equal({ ...report, slices: sorted });
      }),
    );
  });

  it("is carried as the arguments of postIfNewer, whose selector the contracts put before it", () => {
    const surface = new Interface(volSurfaceAbi);
    fc.assert(
      fc.property(anyReport, fc.uint8Array({ maxLength: 192 }), (report, bytes) => {
        const [encoded, signatures] = [encodeReport(report), `0x${Buffer.from(bytes).toString("hex")}`];
        const call = surface.encodeFunctionData("postIfNewer", [encoded, signatures]);
        expect(`0x${call.slice(10)}`).to.equal(encodeCarriedReport(encoded, signatures));
      }),
    );
  });

  it("packs days from the lowest lane", () => {
    expect(packDays([1, 2, 0xffff])).to.equal(0xffff_0002_0001n);
    expect(unpackDays(0xffff_0002_0001n)).to.deep.equal([1, 2, 0xffff, ...Array<number>(13).fill(0)]);
  });

  it("refuses a report that no contract would take", () => {
    const slice = { expiryAt: expiryOfDay(20_000), word: 1n };
    const report: Report = { market: 1, reportAt: 1, spot: 1n, slices: [slice] };
    expect(() => encodeReport({ ...report, spot: 0n })).to.throw(RangeError, "spot");
    expect(() => encodeReport({ ...report, spot: 1n << 96n })).to.throw(RangeError, "spot");
    expect(() => encodeReport({ ...report, slices: [slice, slice] })).to.throw(RangeError, "twice");
    expect(() => encodeReport({ ...report, slices: [{ ...slice, expiryAt: 5 }] })).to.throw(
      RangeError,
      "08:00",
    );
    const many = Array.from({ length: 17 }, (_, index) => ({
      ...slice,
      expiryAt: expiryOfDay(20_000 + index),
    }));
    expect(() => encodeReport({ ...report, slices: many })).to.throw(RangeError, "16 expiries");
  });

  it("recovers every signer from 64 bytes, and joins them by rising address", async () => {
    const report = encodeReport({
      market: 1,
      reportAt: 5,
      spot: 7n,
      slices: [{ expiryAt: expiryOfDay(20_000), word: 9n }],
    });
    const signatures = await Promise.all(wallets.map((wallet) => signReport(report, domain, wallet)));
    for (const { signer, signature } of signatures) {
      expect(signature).to.have.length(2 + 128);
      expect(reportSigner(report, domain, signature)).to.equal(signer);
      expect(reportSigner({ ...report, spot: 8n }, domain, signature)).to.not.equal(signer);
    }
    const joined = joinSignatures(signatures);
    const addresses = [0, 1, 2].map((index) =>
      BigInt(reportSigner(report, domain, `0x${joined.slice(2 + 128 * index, 130 + 128 * index)}`)),
    );
    expect(addresses[0]! < addresses[1]! && addresses[1]! < addresses[2]!).to.equal(true);
    expect(joinSignatures([...signatures].reverse())).to.equal(joined);
    expect(() => joinSignatures([signatures[0]!, signatures[0]!])).to.throw(RangeError, "twice");
    expect(() => joinSignatures([{ signer: signatures[0]!.signer, signature: "0x12" }])).to.throw(
      RangeError,
      "64 bytes",
    );
  });

  it("has another digest on another chain, for another contract, and for any other field", () => {
    const report = encodeReport({
      market: 1,
      reportAt: 5,
      spot: 7n,
      slices: [{ expiryAt: expiryOfDay(20_000), word: 9n }],
    });
    const digests = [
      reportDigest(report, domain),
      reportDigest(report, { ...domain, chainId: 1 }),
      reportDigest(report, { ...domain, contract: wallets[0]!.address }),
      reportDigest({ ...report, market: 2 }, domain),
      reportDigest({ ...report, reportAt: 6 }, domain),
      reportDigest({ ...report, spot: 8n }, domain),
      reportDigest({ ...report, expiries: 1n }, domain),
      reportDigest({ ...report, slices: [10n] }, domain),
      reportDigest({ ...report, slices: [9n, 9n] }, domain),
    ];
    expect(new Set(digests).size).to.equal(digests.length);
  });
});
