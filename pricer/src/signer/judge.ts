/**
 * Whether a signer puts its name under another's report: its place and time, the signer's own bounds, the certificate by the checker that
 * shares no code with the fitter, and the distance in price from the signer's own fit. Pure.
 */
import { counted } from "@meniscus/sdk/counted";
import { decodeReport, type EncodedReport, type ReportSlice, unpackDays } from "@meniscus/sdk/report";
import { type Certificate, checkCertificate, isCertificateOf } from "../certificate/check.ts";
import { isQuoted, type Surface } from "../fit/surface.ts";
import { type BoundsRefusal, boundsRefusal, spotOf } from "../service/bounds.ts";
import type { BoundsConfig, MarketConfig, ToleranceConfig } from "../service/config.ts";
import { basisDistanceBps, priceDistance, spotDistanceBps } from "../service/distance.ts";
import type { Given } from "../store/store.ts";
import type { Proposal } from "./proposal.ts";

export type Refusal =
  | BoundsRefusal
  | { readonly kind: "Malformed"; readonly reason: string }
  | { readonly kind: "OtherMarket"; readonly asked: string; readonly ours: string }
  | { readonly kind: "FromTheFuture"; readonly reportAt: number; readonly now: number }
  | { readonly kind: "TooOld"; readonly reportAt: number; readonly now: number }
  | { readonly kind: "NotCertified"; readonly reason: string }
  | { readonly kind: "Blind"; readonly reason: string }
  | { readonly kind: "OtherMoment"; readonly reportAt: number; readonly ownAt: number }
  | { readonly kind: "SpotTooFar"; readonly bps: number; readonly limit: number }
  | (ExpiryRefusal & {
      /** All that are refused so, this first: it would sign the rest. */
      readonly expiries: readonly number[];
    })
  | { readonly kind: "SignedOther"; readonly reportAt: number; readonly digest: string }
  | { readonly kind: "MarkSigned"; readonly reportAt: number; readonly digest: string }
  | { readonly kind: "MemoryFailed"; readonly reason: string };

type ExpiryRefusal = { readonly expiryAt: number } & (
  | { readonly kind: "ExpiryUnknown" }
  | { readonly kind: "PriceTooFar"; readonly share: number; readonly limit: number }
  | { readonly kind: "BasisTooFar"; readonly bps: number; readonly limit: number }
);

export interface Own {
  readonly market: MarketConfig;
  readonly bounds: BoundsConfig;
  readonly tolerance: ToleranceConfig;
  /** What the signer signed last. */
  readonly last: Given | null;
  readonly now: number;
}

/** What can be judged without data of one's own; null where nothing speaks against it. */
export function refusalOfProposal(
  { chainId, contract, report, certificate }: Proposal,
  { market, bounds, tolerance, last, now }: Own,
): Refusal | null {
  const asked = `${chainId}/${contract.toLowerCase()}/${report.market}`;
  const ours = `${market.chainId}/${market.contract.toLowerCase()}/${market.id}`;
  if (asked !== ours) return { kind: "OtherMarket", asked, ours };
  const { reportAt } = report;
  if (reportAt > now + tolerance.aheadSeconds) return { kind: "FromTheFuture", reportAt, now };
  if (now - reportAt > tolerance.seconds) return { kind: "TooOld", reportAt, now };
  const shape = malformedDays(report);
  if (shape !== null) return { kind: "Malformed", reason: shape };
  return boundsRefusal(report, bounds, last) ?? refusalOfCertificate(report, certificate);
}

/** The distance from one's own fit; null where it is within the tolerance. */
export function refusalOfDistance(
  report: EncodedReport,
  own: Surface,
  tolerance: ToleranceConfig,
): Refusal | null {
  const { spotBps, seconds } = tolerance;
  const { reportAt } = report;
  if (Math.abs(reportAt - own.snapshotAt) > seconds)
    return { kind: "OtherMoment", reportAt, ownAt: own.snapshotAt };
  const bps = spotDistanceBps(spotOf(report), own.spot);
  if (!(bps <= spotBps)) return { kind: "SpotTooFar", bps, limit: spotBps };
  const ownSlices = new Map(own.slices.map((slice) => [slice.expiryAt, slice]));
  const refused = decodeReport(report).slices.flatMap(
    (slice) => refusalOfSlice(slice, ownSlices.get(slice.expiryAt), tolerance) ?? [],
  );
  const [first] = refused;
  return first === undefined ? null : { ...first, expiries: refused.map(({ expiryAt }) => expiryAt) };
}

/** What stands against a report by its bounds and by its distance, as one: where both name expiries, it would sign what neither names. */
export function joinedRefusal(bounds: Refusal | null, distance: Refusal | null): Refusal | null {
  if (bounds === null || distance === null) return bounds ?? distance;
  if (!isOfExpiries(bounds) || !isOfExpiries(distance)) return isOfExpiries(bounds) ? distance : bounds;
  return { ...bounds, expiries: [...new Set([...bounds.expiries, ...distance.expiries])] };
}

/** Whether it is of some expiries, and not of the report whatever is left out. */
export const isOfExpiries = (refusal: Refusal): refusal is Extract<Refusal, { expiries: unknown }> =>
  "expiries" in refusal;

function refusalOfSlice(
  { expiryAt, word }: ReportSlice,
  own: Surface["slices"][number] | undefined,
  { priceShare, basisBps }: ToleranceConfig,
): ExpiryRefusal | null {
  // A smile carried over, or of the fallback, is no view of one's own of now.
  if (own === undefined || !isQuoted(own)) return { kind: "ExpiryUnknown", expiryAt };
  const share = priceDistance(own.word, word);
  if (!(share <= priceShare)) return { kind: "PriceTooFar", expiryAt, share, limit: priceShare };
  const bps = basisDistanceBps(own.word, word);
  return bps <= basisBps ? null : { kind: "BasisTooFar", expiryAt, bps, limit: basisBps };
}

/** The contract's own demand: days rise from the lowest lane, one for each slice. */
function malformedDays({ expiries, slices }: EncodedReport): string | null {
  const days = unpackDays(expiries);
  const lane = days.findIndex((day, i) => (i >= slices.length ? day !== 0 : day <= (days[i - 1] ?? 0)));
  return lane < 0 ? null : `lane ${lane} holds day ${days[lane]}, of ${counted(slices.length, "slice")}`;
}

/** The certificate must be of this report's slices, each of them, and hold. */
function refusalOfCertificate(report: EncodedReport, certificate: Certificate): Refusal | null {
  if (!isCertificateOf(certificate, decodeReport(report).slices))
    return { kind: "NotCertified", reason: "the certificate is of other slices" };
  const verdict = checkCertificate(certificate);
  return verdict.valid ? null : { kind: "NotCertified", reason: verdict.reason };
}
