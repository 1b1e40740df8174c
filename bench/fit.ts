/**
 * Speed of the fitter and of the implied vol: `npm run bench -- fit [--json]`. Everything runs on one chain of 12 x 40 quotes in one
 * process, ours by processor time in rounds of all; only ratios mean anything on a shared machine. ml-levenberg-marquardt, scipy and QuantLib join in where they are installed.
 */
import { checkCertificate } from "@meniscus/pricer/certificate/check";
import { fitFilter } from "@meniscus/pricer/evaluation/fitFilter";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import { fitFree } from "@meniscus/pricer/fit/free";
import { packQuotes } from "@meniscus/pricer/fit/quotes";
import { smileOf, smileVariance } from "@meniscus/pricer/fit/smile";
import { impliedSd } from "@meniscus/pricer/impliedVol/impliedVol";
import { normalisedBlack } from "@meniscus/pricer/impliedVol/normalisedBlack";
import { benchChain } from "./fitChain.ts";
import {
  interleavedMs,
  LIBRARY,
  libraryReference,
  pooledRmse,
  pythonReferences,
  type Reference,
} from "./fitReferences.ts";

export interface FitBench {
  readonly unconstrainedMs: number;
  readonly unconstrainedRmse: number;
  readonly coldMs: number;
  readonly coldRatio: number;
  readonly warmMs: number;
  readonly warmRatio: number;
  readonly checkMs: number;
  readonly pieces: number;
  readonly impliedVolNs: number;
  readonly impliedVolPerBlack: number;
  readonly references: Record<string, Reference>;
}

/** What the goal of the implied vol is stated for; the fits' is the lower quartile. */
const MEDIAN = 0.5;

function measureImpliedVol(): { nanoseconds: number; perBlack: number } {
  const count = 20_000;
  const strikes = Array.from({ length: count }, (_, i) => ((i * 0.618034) % 1) * 1.6 - 0.8);
  const sds = Array.from({ length: count }, (_, i) => 0.05 + ((i * 0.7548777) % 1) * 0.75);
  const prices = strikes.map((k, i) => normalisedBlack(-Math.abs(k), sds[i]!) * Math.exp(k / 2));
  let sink = 0;
  const inversions = () => {
    for (let i = 0; i < count; i++)
      sink += impliedSd(prices[i]!, strikes[i]!, strikes[i]! > 0 ? "C" : "P") as number;
  };
  const pricings = () => {
    for (let i = 0; i < count; i++) sink += normalisedBlack(-Math.abs(strikes[i]!), sds[i]!);
  };
  const [invert, price] = interleavedMs(
    30,
    [
      { times: 1, work: inversions },
      { times: 4, work: pricings },
    ],
    MEDIAN,
  ) as [number, number];
  if (!Number.isFinite(sink)) throw new Error("bench: an implied vol is no number");
  return { nanoseconds: (1e6 * invert) / count, perBlack: invert / price };
}

async function measureFit(): Promise<FitBench> {
  const implied = measureImpliedVol();
  const chain = benchChain(42);
  const later = benchChain(43, 0.005);
  const data = chain.expiries.map((expiry) => packQuotes(fitFilter(expiry), expiry.tau));
  const smiles = data.map((set) => smileOf(fitFree(set).x));
  const unconstrainedRmse = pooledRmse(data, (slice, z) => smileVariance(smiles[slice]!, z));
  const last = fitSurface(chain);
  const unconstrained = () => {
    for (const set of data) fitFree(set);
  };
  const [unconstrainedMs, coldMs, warmMs, checkMs] = interleavedMs(100, [
    { times: 40, work: unconstrained },
    { times: 5, work: () => fitSurface(chain) },
    { times: 7, work: () => fitSurface(later, { last }) },
    { times: 40, work: () => checkCertificate(last.certificate) },
  ]) as [number, number, number, number];
  const verdict = checkCertificate(last.certificate);
  const references: Record<string, Reference> = {
    [LIBRARY]: await libraryReference(data, unconstrainedRmse),
    ...pythonReferences(
      data,
      chain.expiries.map((expiry) => expiry.tau),
    ),
  };
  for (const [name, reference] of Object.entries(references)) {
    if (reference.milliseconds === undefined) continue;
    references[name] = { ...reference, timesOurs: reference.milliseconds / unconstrainedMs };
  }
  return {
    unconstrainedMs,
    unconstrainedRmse,
    coldMs,
    coldRatio: coldMs / unconstrainedMs,
    warmMs,
    warmRatio: warmMs / unconstrainedMs,
    checkMs,
    pieces: verdict.valid ? verdict.pieces : 0,
    impliedVolNs: implied.nanoseconds,
    impliedVolPerBlack: implied.perBlack,
    references,
  };
}

export async function benchFit({ json }: { json: boolean }): Promise<void> {
  const result = await measureFit();
  if (json) {
    console.log(JSON.stringify(result, null, 2));
    return;
  }
  const ms = (value: number) => `${value.toFixed(2)} ms`;
  const times = (value: number) => `${value.toFixed(1)} x`;
  console.table([
    { what: "unconstrained, 12 x 40", measured: ms(result.unconstrainedMs), ratio: "1 x", goal: "1 ms" },
    { what: "certified, cold", measured: ms(result.coldMs), ratio: times(result.coldRatio), goal: "25 x" },
    { what: "certified, warm", measured: ms(result.warmMs), ratio: times(result.warmRatio), goal: "8 x" },
    { what: `certificate check, ${result.pieces} pieces`, measured: ms(result.checkMs), ratio: "", goal: "" },
    {
      what: "implied vol, median",
      measured: `${result.impliedVolNs.toFixed(0)} ns`,
      ratio: `${result.impliedVolPerBlack.toFixed(1)} x Black`,
      goal: "600 ns, 8 x Black",
    },
    ...Object.entries(result.references).map(([what, { milliseconds, timesOurs, rmse, error }]) => ({
      what,
      measured: milliseconds === undefined ? error : ms(milliseconds),
      ratio: timesOurs === undefined ? "" : times(timesOurs),
      goal:
        rmse === undefined ? "" : `RMSE ${rmse.toFixed(3)} vp, ours ${result.unconstrainedRmse.toFixed(3)}`,
    })),
  ]);
}
