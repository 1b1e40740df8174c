/** Surfaces and drafts of the simulated market. */
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import type { Surface } from "@meniscus/pricer/fit/surface";
import { type Draft, draftReport } from "@meniscus/pricer/publisher/draft";
import { SignerSchema } from "@meniscus/pricer/service/config";
import { SIMULATED_AT, simulatedSource } from "@meniscus/pricer/source/simulated";
import type { Source } from "@meniscus/pricer/source/source";
import { withReportAt } from "@meniscus/sdk/slice";

/** A Monday noon, far from any mark. */
export const AT = SIMULATED_AT;
export const MARKET = { id: 1, chainId: 31337, contract: "0x00000000000000000000000000000000000000aa" };

/** What every report is held to where a configuration says nothing else. */
export const DEFAULT_BOUNDS = SignerSchema.parse({ market: MARKET, store: "none" }).bounds;

export const sourceOf = (seed: number, at = AT): Source => simulatedSource({ seed, snapshotAt: at });

export async function surfaceOf(seed: number, at = AT): Promise<Surface> {
  return fitSurface(cleanChain(await sourceOf(seed, at).read()));
}

export async function draftOf(seed: number, at = AT): Promise<Draft> {
  const draft = draftReport(await surfaceOf(seed, at), MARKET.id, null);
  if (typeof draft === "string") throw new Error(draft);
  const { report, certificate } = draft;
  return { report, certificate };
}

/** The same report at another time: words stamped anew, prices otherwise as they were. */
export const retimed = ({ report }: Pick<Draft, "report">, reportAt: number): Draft["report"] => ({
  ...report,
  reportAt,
  slices: report.slices.map((word) => withReportAt(word, reportAt)),
});
