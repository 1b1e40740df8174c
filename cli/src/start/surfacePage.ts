/** `out/surface.html`: the smiles with the market's bid-ask whiskers, and the total-variance lines, in one file without a network. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { OptionChain } from "./optionChain.ts";

export interface SurfaceView {
  title: string;
  /** Lines below the title: where the chain came from, and the summary. */
  lines: readonly string[];
  /** The expiries on the surface, each with its fit line. */
  smiles: readonly (OptionChain & { caption: string })[];
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
