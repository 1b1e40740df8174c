/**
 * What wild quotes do to the fit: `npm run bench -- contaminated [--json]`. In every recorded Deribit chain 8 % of the quotes are moved by
 * 20 to 60 % either way, by their vols or by their prices, with a seeded generator (`MENISCUS_SEED` chooses another seed); a slice is judged
 * against the clean mids.
 */
import path from "node:path";
import type { CleanChain, CleanQuote } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { fitFilter } from "@meniscus/pricer/evaluation/fitFilter";
import { judge } from "@meniscus/pricer/evaluation/replay";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import { fitFree } from "@meniscus/pricer/fit/free";
import { packQuotes, type QuoteSet } from "@meniscus/pricer/fit/quotes";
import { residuals } from "@meniscus/pricer/fit/robust";
import { toSvi } from "@meniscus/pricer/fit/smile";
import type { Surface } from "@meniscus/pricer/fit/surface";
import { impliedVol } from "@meniscus/pricer/impliedVol/impliedVol";
import { recordedSource } from "@meniscus/pricer/source/recorded";
import { blackScholes } from "@meniscus/sdk/blackScholes";
import { type SviParams, totalVariance } from "@meniscus/sdk/svi";
import { recordedChains } from "./recorded.ts";
import { quantile, uniforms } from "./statistics.ts";

const SHARE = 0.08;
const SEED = 12345;
/** A clean fit worse than this has a misfit of its own. */
export const SOUND = 1.5;

export type Mover = (quote: CleanQuote, factor: number, tau: number) => CleanQuote;

export const moveVols: Mover = (quote, factor) => ({
  ...quote,
  bidVol: quote.bidVol * factor,
  askVol: quote.askVol * factor,
  midVol: quote.midVol * factor,
});

/** As it is, where the moved price has no implied vol. */
export const movePrices: Mover = (quote, factor, tau) => {
  const [bidVol, askVol] = [quote.bidVol, quote.askVol].map((vol) => {
    const terms = { spot: 1, forward: 1, strike: Math.exp(quote.k), totalVariance: vol * vol * tau };
    const { call, put } = blackScholes(terms);
    return impliedVol((quote.type === "C" ? call : put) * factor, quote.k, quote.type, tau);
  });
  if (typeof bidVol !== "number" || typeof askVol !== "number") return quote;
  return { ...quote, bidVol, askVol, midVol: (bidVol + askVol) / 2 };
};

function contaminated(chain: CleanChain, mover: Mover, random: () => number): CleanChain {
  const expiries = chain.expiries.map((expiry) => ({
    ...expiry,
    quotes: expiry.quotes.map((quote) => {
      if (random() >= SHARE) return quote;
      const side = random() < 0.5 ? -1 : 1;
      return mover(quote, 1 + side * (0.2 + 0.4 * random()), expiry.tau);
    }),
  }));
  return { ...chain, expiries };
}

/** RMSE of a smile against a slice's clean mids. */
type Judge = (params: SviParams | undefined) => number;

interface Slice {
  readonly file: string;
  readonly clean: number;
  readonly spoilt: number;
  /** Of fits of the contaminated quotes without constraints, which take as long as the rest: for who wants them. */
  readonly references: () => References;
}

/** All quotes alike: least squares, and Cauchy's loss. */
interface References {
  readonly leastSquares: number;
  readonly cauchy: number;
}

/** Half a vol point: where Cauchy's loss begins to bend. */
const CAUCHY_WIDTH = 0.5;
const CAUCHY_ROUNDS = 60;

/** Cauchy's loss by reweighting, from the least-squares fit on. */
function fitCauchy(data: QuoteSet, start: Float64Array): Float64Array {
  let x = start;
  for (let round = 0; round < CAUCHY_ROUNDS; round++) {
    const weight = Float64Array.from(residuals(data, x), (r) => 1 / Math.hypot(1, r / CAUCHY_WIDTH));
    x = fitFree({ ...data, weight }, x).x;
  }
  return x;
}

/** What the anchors' two reference fits make of the same quotes. */
function referencesOf(quotes: readonly CleanQuote[], tau: number, judged: Judge): References {
  const packed = packQuotes(quotes, tau);
  const data = { ...packed, weight: packed.weight.map(() => 1) };
  const plain = fitFree(data).x;
  const scored = (x: Float64Array) => judged(toSvi(x, 0, data.scale));
  return { leastSquares: scored(plain), cauchy: scored(fitCauchy(data, plain)) };
}

/** The errors of every slice of these chains, clean and contaminated. */
export async function measure(files: readonly string[], mover: Mover, seed = SEED): Promise<Slice[]> {
  const random = uniforms(seed);
  const slices: Slice[] = [];
  for (const file of files) {
    const chain = cleanChain(await recordedSource(file).read());
    const spoilt = contaminated(chain, mover, random);
    const [clean, moved] = [fitSurface(chain), fitSurface(spoilt)];
    chain.expiries.forEach((expiry, i) => {
      const quotes = fitFilter(expiry);
      if (quotes.length === 0) return;
      const judged: Judge = (params) =>
        params === undefined
          ? Number.POSITIVE_INFINITY
          : judge(quotes, (k) => totalVariance(params, k), expiry.tau).rmse;
      const fitted = ({ slices }: Surface) =>
        judged(slices.find(({ expiryAt }) => expiryAt === expiry.expiryAt)?.params);
      const judgedBy = new Set(quotes);
      const own = spoilt.expiries[i]!.quotes.filter((_, place) => judgedBy.has(expiry.quotes[place]!));
      slices.push({
        file,
        clean: fitted(clean),
        spoilt: fitted(moved),
        references: () => referencesOf(own, expiry.tau, judged),
      });
    });
  }
  return slices;
}

/** The 210 recorded chains: January 2024's, of another source, apart. */
export const allChains = (): string[] => recordedChains(/^deribit_(?!.*20240108).*\.csv\.gz$/, 1);

/** The first chain of each asset and day: evenly over time, where the recordings of the crash are four a day. */
export function dailyChains(): string[] {
  const first = new Map<string, string>();
  for (const file of allChains()) {
    const day = path.basename(file).slice(0, "deribit_ETH_20260101".length);
    if (!first.has(day)) first.set(day, file);
  }
  return [...first.values()];
}

export async function benchContaminated({ json }: { json: boolean }): Promise<void> {
  const seed = Number(process.env.MENISCUS_SEED ?? SEED);
  const daily = new Set(dailyChains());
  const rows: Record<string, string | number>[] = [];
  for (const [moved, mover] of Object.entries({ vols: moveVols, prices: movePrices })) {
    const measured = await measure(allChains(), mover, seed);
    const slices = measured.map(({ references, ...slice }) => ({ ...slice, ...references() }));
    for (const [among, counted] of Object.entries({
      all: slices,
      "one chain a day": slices.filter(({ file }) => daily.has(file)),
      [`clean below ${SOUND}`]: slices.filter(({ clean }) => clean < SOUND),
    })) {
      const at = (share: number, of: "clean" | "spoilt" | keyof References) =>
        quantile(
          counted.map((slice) => slice[of]),
          share,
        );
      rows.push({
        ...{ moved, among, slices: counted.length },
        ...{ median: at(0.5, "spoilt"), p99: at(0.99, "spoilt"), cleanP99: at(0.99, "clean") },
        leastSquaresMedian: at(0.5, "leastSquares"),
        ...{ cauchyMedian: at(0.5, "cauchy"), cauchyP99: at(0.99, "cauchy") },
      });
    }
  }
  if (json) console.log(JSON.stringify(rows, null, 2));
  else console.table(rows);
}
