/** Pages in one file that need no network: a template, the style and plotting library of all, and the data in it. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** JSON that is safe inside a script element: `<` cannot close the element or open a comment. */
const scriptJson = (value: unknown) => JSON.stringify(value).replaceAll("<", "\\u003c");

const escapeHtml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

const headOf = (title: string, style: string, plotly: string) => `<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>
${style}</style>
<script>${plotly}</script>`;

/** The template of this room with its marks filled in. */
export async function inlined(template: string, view: { readonly title: string }): Promise<string> {
  const [page, style, plotly] = await Promise.all([
    readFile(new URL(`./${template}`, import.meta.url), "utf8"),
    readFile(new URL("./page.css", import.meta.url), "utf8"),
    readFile(fileURLToPath(import.meta.resolve("plotly.js-gl3d-dist-min")), "utf8"),
  ]);
  const parts: Record<string, string> = {
    "{{head}}": headOf(view.title, style, plotly),
    "{{view}}": scriptJson(view),
  };
  return page.replaceAll(/\{\{(?:head|view)\}\}/g, (mark) => parts[mark]!);
}
