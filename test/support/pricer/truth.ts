/**
 * What the chain took, held against the truth of the simulated market: by the certificate's checker, and by prices at strikes of the true
 * smile. It shares neither the signers' measure of distance nor their data.
 */
import { certify } from "@meniscus/pricer/certificate/certify";
import { checkCertificate } from "@meniscus/pricer/certificate/check";
import type { SurfaceChain } from "@meniscus/pricer/publisher/surfaceChain";
import { seededRandom, simulatedMarket } from "@meniscus/pricer/source/simulatedMarket";
import { blackScholes } from "@meniscus/sdk/blackScholes";
import { decodeReport, type EncodedReport } from "@meniscus/sdk/report";
import { unquantise } from "@meniscus/sdk/slice";
import { totalVariance } from "@meniscus/sdk/svi";
import type { EventLog } from "ethers";

/** Farther than this from the truth a spot is wrong. */
const SPOT_TOLERANCE = 0.01;
/** A quote's noise and width leave a fit this far from the truth at most, as a share of the price at the money; what the faults move is 30 %. */
const PRICE_TOLERANCE = 0.1;

/** A report that the contract took, and the transaction that brought it. */
export interface PostedReport {
  readonly report: EncodedReport;
  readonly hash: string;
}

/** The reports that the contract took from a block on. */
export async function postedSince({ contract }: SurfaceChain, block: number): Promise<PostedReport[]> {
  const logs = await contract.queryFilter(contract.filters.ReportPosted!(), block);
  return logs.map((log) => {
    const { market, reportAt, spot, expiries, slices } = (log as EventLog).args;
    const report = {
      market: Number(market),
      reportAt: Number(reportAt),
      spot,
      expiries,
      slices: [...slices],
    };
    return { report, hash: log.transactionHash };
  });
}

/** Why a report should not have been taken; null where it is within the tolerance of the truth. */
export function faultOf(report: EncodedReport, seed: number): string | null {
  const { slices } = decodeReport(report);
  const certification = certify(slices);
  if (!certification.certified || !checkCertificate(certification.certificate).valid) return "arbitrage";
  const market = simulatedMarket("ETH", report.reportAt, seededRandom(seed));
  const spot = Number(report.spot) / 1e18;
  if (!(Math.abs(spot / market.spot - 1) <= SPOT_TOLERANCE)) return `spot ${spot}, in truth ${market.spot}`;
  for (const { expiryAt, word } of slices) {
    const truth = market.expiries.find((each) => each.expiryAt === expiryAt);
    if (truth === undefined) return `expiry ${expiryAt} is none`;
    const { params, basis } = unquantise(word);
    const forward = spot * Math.exp(basis);
    const sd = Math.sqrt(totalVariance(truth.smile, 0));
    for (let k = -2 * sd; k <= 2 * sd; k += sd / 4) {
      const strike = truth.forward * Math.exp(k);
      const said = blackScholes({
        ...{ spot, forward, strike },
        totalVariance: totalVariance(params, Math.log(strike / forward)),
      }).call;
      const right = blackScholes({
        ...{ spot: market.spot, forward: truth.forward, strike },
        totalVariance: totalVariance(truth.smile, k),
      }).call;
      // At the money V = 0.4 S sd, nearly.
      const off = Math.abs(said - right) / (0.4 * sd * market.spot);
      if (!(off <= PRICE_TOLERANCE)) return `${expiryAt} at ${k / sd} sd: ${said}, in truth ${right}`;
    }
  }
  return null;
}
