/** One's own view of a market: the source, cleaned and fitted at every update, each fit started from the one before. */
import { ChainError } from "../chain/chain.ts";
import { cleanChain } from "../chain/clean.ts";
import { fitSurface } from "../fit/fitSurface.ts";
import { isQuoted, type Surface } from "../fit/surface.ts";
import type { Source } from "../source/source.ts";
import type { Clock } from "./clock.ts";
import { firstLine } from "./firstLine.ts";

export type Look =
  | { readonly kind: "fitted"; readonly surface: Surface; readonly isNew: boolean }
  | { readonly kind: "blind"; readonly reason: string };

export interface ViewOptions {
  readonly source: Source;
  readonly clock: Clock;
  /** Seconds that the source's data may be old. */
  readonly maxAge: number;
  /** Where to begin after a restart. */
  readonly last?: Surface | null;
}

/** A venue's rows are dated a second up: so much may they be ahead of an exact clock. */
const AHEAD_SECONDS = 5;

export class MarketView {
  readonly #options: ViewOptions;
  #surface: Surface | null;
  #looking: Promise<Look> | null = null;

  constructor(options: ViewOptions) {
    this.#options = options;
    this.#surface = options.last ?? null;
  }

  /** Looks now; whoever asks meanwhile is told the same. */
  look(signal?: AbortSignal): Promise<Look> {
    this.#looking ??= this.#look(signal).finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #look(signal?: AbortSignal): Promise<Look> {
    const { source, clock, maxAge } = this.#options;
    try {
      const chain = await source.read(signal);
      const age = clock() - chain.snapshotAt;
      if (!(age <= maxAge)) return blind(`the source's data are ${Math.round(age)} s old`);
      if (age < -AHEAD_SECONDS)
        return blind(`the source's data are ${Math.round(-age)} s ahead of the clock`);
      const last = this.#surface;
      if (last !== null && last.snapshotAt === chain.snapshotAt && last.source === chain.source)
        return { kind: "fitted", surface: last, isNew: false };
      const surface = fitSurface(cleanChain(chain), last === null ? {} : { last });
      // A surface that only repeats the last one, or only comes as near as its family can, is not what the next should start from.
      if (!surface.slices.some(isQuoted)) return blind(withoutQuotes(surface));
      this.#surface = surface;
      return { kind: "fitted", surface, isNew: true };
    } catch (error) {
      // A source or a fit that breaks leaves us without a view, never with half of one.
      return blind(error instanceof ChainError ? error.message : `unexpected: ${firstLine(error)}`);
    }
  }
}

/** The fallback, where it is the answer, is that of every expiry. */
const withoutQuotes = ({ slices }: Surface): string =>
  slices.some(({ quality }) => quality === "fallback")
    ? "no smiles that follow the quotes can be certified, only the fallback"
    : "no expiry has quotes of its own that a smile can be fitted to";

const blind = (reason: string): Look => ({ kind: "blind", reason });
