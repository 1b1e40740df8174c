/**
 * What wild quotes do to the fit: `npm run bench -- contaminated [--json]`. In every recorded Deribit chain 8 % of the quotes are moved by
 * 20 to 60 % either way, by their vols or by their prices, with a seeded generator; a slice is judged against the clean mids.
 */
import type { CleanChain, CleanQuote } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { fitFilter } from "@meniscus/pricer/evaluation/fitFilter";
import { judge } from "@meniscus/pricer/evaluation/replay";
import { fitSurface } from "@meniscus/pricer/fit/fitSurface";
import type { Surface } from "@meniscus/pricer/fit/surface";
import { impliedVol } from "@meniscus/pricer/impliedVol/impliedVol";
import { recordedSource } from "@meniscus/pricer/source/recorded";
import { blackScholes } from "@meniscus/sdk/blackScholes";
import { totalVariance } from "@meniscus/sdk/svi";
import { recordedChains } from "./recorded.ts";
import { quantile, uniforms } from "./statistics.ts";

const SHARE = 0.08;
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

/** RMSE by slice of the fit filter against the chain's mids. */
function errors(chain: CleanChain, surface: Surface): number[] {
  return chain.expiries.flatMap((expiry) => {
    const quotes = fitFilter(expiry);
    const slice = surface.slices.find(({ expiryAt }) => expiryAt === expiry.expiryAt);
    if (quotes.length === 0) return [];
    if (slice === undefined) return [Number.POSITIVE_INFINITY];
    return [judge(quotes, (k) => totalVariance(slice.params, k), expiry.tau).rmse];
  });
}

/** The errors of every slice of these chains, clean and contaminated. */
export async function measure(files: readonly string[], mover: Mover) {
  const random = uniforms(12345);
  const slices: { clean: number; spoilt: number }[] = [];
  for (const file of files) {
    const chain = cleanChain(await recordedSource(file).read());
    const clean = errors(chain, fitSurface(chain));
    const spoilt = errors(chain, fitSurface(contaminated(chain, mover, random)));
    clean.forEach((error, i) => {
      slices.push({ clean: error, spoilt: spoilt[i]! });
    });
  }
  return slices;
}

/** Every `step`-th of the 210 recorded chains. */
export const chainFiles = (step: number): string[] =>
  recordedChains(/^deribit_(?!.*20240108).*\.csv\.gz$/, step);

export async function benchContaminated({ json }: { json: boolean }): Promise<void> {
  const rows: Record<string, string | number>[] = [];
  for (const [moved, mover] of Object.entries({ vols: moveVols, prices: movePrices })) {
    for (const [chains, step] of Object.entries({ "every 5th": 5, all: 1 })) {
      const slices = await measure(chainFiles(step), mover);
      for (const [among, counted] of Object.entries({
        all: slices,
        [`clean below ${SOUND}`]: slices.filter(({ clean }) => clean < SOUND),
      })) {
        const spoilt = counted.map((slice) => slice.spoilt);
        rows.push({
          moved,
          chains,
          among,
          slices: counted.length,
          median: quantile(spoilt, 0.5),
          p99: quantile(spoilt, 0.99),
          cleanP99: quantile(
            counted.map(({ clean }) => clean),
            0.99,
          ),
        });
      }
    }
  }
  if (json) console.log(JSON.stringify(rows, null, 2));
  else console.table(rows);
}
