import {
  type EncodedReport,
  encodeReport,
  joinSignatures,
  reportDigest,
  signReport,
} from "@meniscus/sdk/report";
import { expect } from "chai";
import { getBytes, hexlify, Signature, Wallet, ZeroHash } from "ethers";
import {
  ethers,
  expectRefused,
  type Fixture,
  prepare,
  provenSurface,
  refusalOf,
  START,
  sampleReport,
  signed,
  signers,
} from "../../support/surface.ts";

const NEXT = START + 120;

describe("VolSurface: signatures", () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await provenSurface();
  });

  it("signs what the contract hashes", async () => {
    const report = encodeReport(sampleReport({ at: NEXT, tenors: [1, 88] }));
    expect(await fixture.surface.digest!(report)).to.equal(reportDigest(report, fixture.domain));
  });

  it("lets nobody else's word count: S2", async () => {
    const stranger = new Wallet(ethers.toBeHex(77, 32));
    const { report } = await prepare(fixture);
    const two = await signed(fixture, report, [signers[0]!, stranger]);
    await expectRefused(fixture, report, two, "VolSurface_SignerUnknown", [stranger.address]);
    const four = await signed(fixture, report, [...signers, stranger]);
    await expectRefused(fixture, report, four, "VolSurface_SignerUnknown", [stranger.address]);
    await expectRefused(
      fixture,
      report,
      await signed(fixture, report, [signers[0]!]),
      "VolSurface_QuorumMissed",
      [1, 2],
    );
    await expectRefused(fixture, report, "0x", "VolSurface_QuorumMissed", [0, 2]);
  });

  it("binds every field, the chain, the contract and the market: S2", async () => {
    const { report } = await prepare(fixture);
    const elsewhere: [string, EncodedReport, Fixture["domain"]][] = [
      ["market", { ...report, market: 2 }, fixture.domain],
      ["time", { ...report, reportAt: report.reportAt - 1 }, fixture.domain],
      ["spot", { ...report, spot: report.spot + 1n }, fixture.domain],
      ["chain", report, { ...fixture.domain, chainId: 1n }],
      ["contract", report, { ...fixture.domain, contract: await fixture.control.getAddress() }],
    ];
    for (const [what, signedReport, domain] of elsewhere) {
      const signatures = joinSignatures(
        await Promise.all(signers.map((signer) => signReport(signedReport, domain, signer))),
      );
      // The signatures recover to strangers, in whatever order.
      const data = fixture.surface.interface.encodeFunctionData("post", [report, signatures]);
      const error = await refusalOf(fixture, data);
      expect(error, what).to.be.oneOf(["VolSurface_SignerUnknown", "VolSurface_SignersUnsorted"]);
    }
  });

  it("refuses a report that is not newer, and so every replay: S3", async () => {
    const { report, signatures } = await prepare(fixture);
    await fixture.surface.post!(report, signatures);
    await expectRefused(fixture, report, signatures, "VolSurface_NotNewer", [NEXT, NEXT]);
    const older = encodeReport(sampleReport({ at: NEXT - 1 }));
    await expectRefused(fixture, older, await signed(fixture, older), "VolSurface_NotNewer", [
      NEXT - 1,
      NEXT,
    ]);
  });

  it("refuses a high s, a signature of nobody, duplicate and unsorted signers, and truncation: S3", async () => {
    const { report, signatures } = await prepare(fixture);
    const bytes = getBytes(signatures);
    const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
    const first = Signature.from(hexlify(bytes.slice(0, 64)));
    const highS = order - BigInt(first.s);
    // EIP-2098 has 255 bits for s, and order - s is below 2^255 only for s above order - 2^255.
    const cut = (highS & ((1n << 255n) - 1n)) | (BigInt(first.yParity === 0 ? 1 : 0) << 255n);
    const malleable = ethers.concat([first.r, ethers.toBeHex(cut, 32), bytes.slice(64)]);
    await expect(fixture.surface.post!(report, malleable)).to.be.revert(ethers);
    const justHigh = ethers.concat([first.r, ethers.toBeHex((order >> 1n) + 1n, 32), bytes.slice(64)]);
    await expectRefused(fixture, report, justHigh, "CompactSignatures_HighS", [0]);

    const nobody = ethers.concat([ZeroHash, first.s, bytes.slice(64)]);
    await expectRefused(fixture, report, nobody, "CompactSignatures_Invalid", [0]);
    const twice = ethers.concat([bytes.slice(0, 64), bytes.slice(0, 64)]);
    await expectRefused(fixture, report, twice, "VolSurface_SignerDuplicate", [signers[0]!.address]);
    const swapped = ethers.concat([bytes.slice(64, 128), bytes.slice(0, 64)]);
    await expectRefused(fixture, report, swapped, "VolSurface_SignersUnsorted", [
      signers[1]!.address,
      signers[0]!.address,
    ]);
    await expectRefused(fixture, report, hexlify(bytes.slice(0, 191)), "CompactSignatures_Truncated", [191]);
    await expectRefused(fixture, report, hexlify(bytes.slice(0, 64)), "VolSurface_QuorumMissed", [1, 2]);
  });
});
