/** A surface in pictures, in one file that needs no network: what a trader or a quant looks at first. */
import type { SviParams } from "@meniscus/sdk/svi";
import { inlined } from "./inlined.ts";

/** A market quote beside our vol at its strike; vols as 1 = 100 %. */
export interface QuoteView {
  strike: number;
  type: "C" | "P";
  bidVol: number;
  askVol: number;
  midVol: number;
  /** Whether the figures of the fit are taken over it; only such quotes set the scale of a picture. */
  counts: boolean;
  /** Ours. */
  vol: number;
  /** One more line for the tooltip, such as price and delta. */
  note?: string;
}

/** One expiry. */
export interface SmileView {
  /** `ETH-13FEB26`. */
  symbol: string;
  /** The fit in one line. */
  caption: string;
  forward: number;
  /** Years on the variance clock. */
  tau: number;
  params: SviParams;
  quotes: readonly QuoteView[];
}

export interface SurfaceView {
  title: string;
  /** Lines below the title: where the chain came from, the summary, and what is left out. */
  lines: readonly string[];
  /** By rising expiry. */
  smiles: readonly SmileView[];
}

/** The whole page as text. */
export const surfacePage = (view: SurfaceView): Promise<string> => inlined("surfacePage.html", view);
