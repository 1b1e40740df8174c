/** What the pages say, and that none is wider than a telephone. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { AttributionSummary, Summary } from "@meniscus/sdk/summary";
import { expect } from "chai";
import { PARTS } from "../../cli/src/figures.ts";
import { storyPage } from "../../cli/src/page/storyPage.ts";

const FOLDER = path.resolve(import.meta.dirname, "../../cli/src/page");
const templates = readdirSync(FOLDER).filter((name) => name.endsWith(".html"));
const sourceOf = (name: string) => readFileSync(path.join(FOLDER, name), "utf8");

describe("pages", () => {
  it("lay out in columns that are no wider than the page", () => {
    expect(templates).to.have.length(3);
    for (const name of templates) {
      const columns = [...sourceOf(name).matchAll(/minmax\(([^;]*), 1fr\)/g)].map(([, least]) => least);
      expect(columns, name).to.not.have.length(0);
      for (const least of columns) expect(least, name).to.match(/^min\(\d+px, 100%\)$/);
    }
  });

  it("name money's unit and every part of a result, and say where the first epoch's gamma and theta are", async () => {
    const attribution = Object.fromEntries(
      ["premium", ...PARTS.map(([part]) => part), "total"].map((part, i) => [part, i]),
    ) as AttributionSummary;
    const summary = {
      ...{ source: "a test", pool: null, hedges: [], days: [], invariantsChecked: [], invariantsBroken: [] },
      providing: { epochs: [{ attribution }], providers: null },
    } as unknown as Summary;
    const symbols = { base: "ETH", quote: "USDC" };
    const page = await storyPage({ summary, symbols, smiles: [], surfaceFile: "surface.html" });
    const view = JSON.parse(/^const view = (.*);$/m.exec(page)![1]!);
    expect(view.waterfall.map(({ name }: { name: string }) => name)).to.deep.equal([
      ...["fees and spreads", "rent", "impact", "hedging", "delta", "gamma and theta", "vega", "residual"],
      "total",
    ]);
    expect(view.titles.blotterTitle).to.match(/ in USDC; value and price are per option$/);
    expect(view.titles.epochsTitle).to.match(/ USDC$/);
    expect(view.partsNote).to.match(
      /^Gamma, theta and vega are those of the options that an epoch began with/,
    );
  });
});
