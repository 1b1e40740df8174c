/**
 * Reports of a surface: what signers sign (EIP-712) and how a signed report is handed to the contract.
 *
 * A report covers market, time, spot, the expiries and one packed slice word for each; the domain covers chain and contract.
 */
import {
  AbiCoder,
  type AbstractSigner,
  getAddress,
  isHexString,
  Signature,
  type TypedDataDomain,
  TypedDataEncoder,
  verifyTypedData,
} from "ethers";
import { expiryDay, expiryOfDay } from "./series.ts";

/** One expiry of a report: `word` is what `quantise` of slice.ts gives, its report time included. */
export interface ReportSlice {
  /** Unix seconds, 08:00 UTC. */
  readonly expiryAt: number;
  readonly word: bigint;
}

/** The surface of a market at one time. */
export interface Report {
  readonly market: number;
  /** Unix seconds. */
  readonly reportAt: number;
  /** Quote per base, WAD. */
  readonly spot: bigint;
  readonly slices: readonly ReportSlice[];
}

/** The report as the contract takes it, the struct `Report` of IVolSurface. */
export interface EncodedReport {
  readonly market: number;
  readonly reportAt: number;
  readonly spot: bigint;
  /** Sixteen day numbers of 16 bits, the shortest expiry lowest. */
  readonly expiries: bigint;
  readonly slices: readonly bigint[];
}

/** Where a report counts: one contract on one chain. */
export interface SurfaceDomain {
  readonly chainId: bigint | number;
  readonly contract: string;
}

/** One signer's word for a report; `signature` is 64 bytes of hex (EIP-2098). */
export interface ReportSignature {
  readonly signer: string;
  readonly signature: string;
}

/** The most expiries that a market lists, and that a report carries. */
export const EXPIRIES_MAX = 16;
/** The contract takes no report older than this, seconds. */
export const REPORT_AGE_MAX = 60;

const LANE_BITS = 16n;

export const REPORT_TYPES = {
  Report: [
    { name: "market", type: "uint32" },
    { name: "reportAt", type: "uint32" },
    { name: "spot", type: "uint96" },
    { name: "expiries", type: "uint256" },
    { name: "slices", type: "uint256[]" },
  ],
};

/** Puts the slices in the order of their expiries. Throws a RangeError for what no contract would take. */
export function encodeReport(report: Report): EncodedReport {
  const slices = [...report.slices].sort((one, other) => one.expiryAt - other.expiryAt);
  if (slices.length > EXPIRIES_MAX)
    throw new RangeError(`a report holds ${EXPIRIES_MAX} expiries, not ${slices.length}`);
  if (report.spot <= 0n || report.spot >= 1n << 96n)
    throw new RangeError(`spot ${report.spot} is outside (0, 2^96)`);
  const days = slices.map(({ expiryAt }) => expiryDay(expiryAt));
  if (new Set(days).size !== days.length) throw new RangeError("an expiry occurs twice in the report");
  return {
    market: report.market,
    reportAt: report.reportAt,
    spot: report.spot,
    expiries: packDays(days),
    slices: slices.map(({ word }) => word),
  };
}

/** The report of an encoded one: the inverse of {@link encodeReport}. */
export function decodeReport(encoded: EncodedReport): Report {
  const days = unpackDays(encoded.expiries);
  return {
    market: encoded.market,
    reportAt: encoded.reportAt,
    spot: encoded.spot,
    slices: encoded.slices.map((word, index) => ({ expiryAt: expiryOfDay(days[index]!), word })),
  };
}

/** The word of day numbers, the first in the lowest 16 bits. */
export function packDays(days: readonly number[]): bigint {
  return days.reduce((word, day, lane) => word | (BigInt(day) << (LANE_BITS * BigInt(lane))), 0n);
}

/** All 16 day numbers of a word, 0 where a lane is empty. */
export function unpackDays(word: bigint): number[] {
  return Array.from({ length: EXPIRIES_MAX }, (_, lane) =>
    Number((word >> (LANE_BITS * BigInt(lane))) & 0xffffn),
  );
}

/** The EIP-712 domain of a surface contract. */
function reportDomain(domain: SurfaceDomain): TypedDataDomain {
  return {
    name: "Meniscus VolSurface",
    version: "1",
    chainId: domain.chainId,
    verifyingContract: domain.contract,
  };
}

/** The digest that is signed, as the contract's `digest` gives it. */
export function reportDigest(report: EncodedReport, domain: SurfaceDomain): string {
  return TypedDataEncoder.hash(reportDomain(domain), REPORT_TYPES, report);
}

/** Signs a report. */
export async function signReport(
  report: EncodedReport,
  domain: SurfaceDomain,
  signer: AbstractSigner,
): Promise<ReportSignature> {
  const signature = await signer.signTypedData(reportDomain(domain), REPORT_TYPES, report);
  return {
    signer: getAddress(await signer.getAddress()),
    signature: Signature.from(signature).compactSerialized,
  };
}

/** Who signed: throws where the signature is malformed. */
export function reportSigner(report: EncodedReport, domain: SurfaceDomain, signature: string): string {
  return verifyTypedData(reportDomain(domain), REPORT_TYPES, report, Signature.from(signature));
}

/** The signatures as the contract takes them: 64 bytes each, by rising address of the signer. Throws for a signer given twice. */
export function joinSignatures(signatures: readonly ReportSignature[]): string {
  const sorted = [...signatures].sort((one, other) => (BigInt(one.signer) < BigInt(other.signer) ? -1 : 1));
  for (const [index, { signer, signature }] of sorted.entries()) {
    if (!isHexString(signature, 64))
      throw new RangeError(`the signature of ${signer} is not 64 bytes of hex`);
    if (index > 0 && BigInt(signer) === BigInt(sorted[index - 1]!.signer))
      throw new RangeError(`${signer} signed twice`);
  }
  return `0x${sorted.map(({ signature }) => signature.slice(2)).join("")}`;
}

/**
 * A signed report as a trade, a hedge or an order of the router carries it: the arguments of `VolSurface.postIfNewer`, without its selector.
 * @param signatures as {@link joinSignatures} gives them
 */
export function encodeCarriedReport(report: EncodedReport, signatures: string): string {
  const fields = REPORT_TYPES.Report.map(({ type, name }) => `${type} ${name}`);
  return AbiCoder.defaultAbiCoder().encode([`tuple(${fields.join(", ")})`, "bytes"], [report, signatures]);
}
