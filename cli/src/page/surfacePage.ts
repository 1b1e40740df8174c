/** A surface in pictures, in one file that needs no network: what a trader or a quant looks at first. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { SviParams } from "@meniscus/sdk/svi";

/** A market quote beside our vol at its strike; vols as 1 = 100 %. */
export interface QuoteView {
  strike: number;
  type: "C" | "P";
  bidVol: number;
  askVol: number;
  midVol: number;
  /** Whether it passes the fit filter; only such quotes set the scale of a picture. */
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
  /** Lines below the title: where the chain came from, and the summary. */
  lines: readonly string[];
  /** By rising expiry. */
  smiles: readonly SmileView[];
}

/** JSON that is safe inside a script element: `<` cannot close the element or open a comment. */
const scriptJson = (value: unknown) => JSON.stringify(value).replaceAll("<", "\\u003c");

const escapeHtml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** The whole page as text. */
export async function surfacePage(view: SurfaceView): Promise<string> {
  const [template, plotly] = await Promise.all([
    readFile(new URL("./surfacePage.html", import.meta.url), "utf8"),
    readFile(fileURLToPath(import.meta.resolve("plotly.js-gl3d-dist-min")), "utf8"),
  ]);
  const parts: Record<string, string> = {
    "{{title}}": escapeHtml(view.title),
    "{{plotly}}": plotly,
    "{{view}}": scriptJson(view),
  };
  return template.replaceAll(/\{\{(?:title|plotly|view)\}\}/g, (mark) => parts[mark]!);
}
