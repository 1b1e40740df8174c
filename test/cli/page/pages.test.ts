/** What the pages say and draw, on wide screens and on telephones. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Simulation } from "@meniscus/cli/json/simulation";
import type { AttributionSummary, Summary } from "@meniscus/cli/json/summary";
import { simulationPage } from "@meniscus/cli/page/simulationPage";
import { storyPage } from "@meniscus/cli/page/storyPage";
import { type SmileView, surfacePage } from "@meniscus/cli/page/surfacePage";
import { PARTS, PREMIUM_TITLE } from "@meniscus/cli/terminal/figures";
import { expect } from "chai";
import { type Drawing, drawingsOf } from "../../support/drawings.ts";

const FOLDER = path.resolve(import.meta.dirname, "../../../cli/src/page");
const templates = readdirSync(FOLDER).filter((name) => name.endsWith(".html"));
const sourceOf = (name: string) => readFileSync(path.join(FOLDER, name), "utf8");

const DAY = 86_400;
const PARAMETERS = { b: 0.02, rho: -0.2, m: 0, sigma: 0.1 };

/** A smile of so many days, with a quote inside the market's and one beyond it, or with none. */
function smileOf(days: number, isQuoted: boolean): SmileView {
  const quote = { type: "C", bidVol: 0.5, askVol: 0.6, midVol: 0.55, counts: true } as const;
  return {
    symbol: `ETH-${days}`,
    caption: "",
    forward: 3000,
    tau: days / 365,
    params: { ...PARAMETERS, a: days / 1000 },
    quotes: isQuoted
      ? [
          { ...quote, strike: 2800, vol: 0.56 },
          { ...quote, strike: 3200, vol: 0.65 },
        ]
      : [],
  };
}

const surfaceOf = async (...smiles: SmileView[]) =>
  drawingsOf(await surfacePage({ title: "a test", lines: [], smiles }));

const attributionOf = (total: number): AttributionSummary => ({
  ...(Object.fromEntries(PARTS.map(([part]) => [part, 0])) as AttributionSummary),
  fees: total,
  premium: 0,
  total,
});

const at = (day: number) => new Date(DAY * 1000 * day).toISOString();

/** Two variants of which the second makes a hundred times as much. */
function simulationOf(): Simulation {
  const of = { return: 0, returnOfProvider: 0, drawdown: 0 };
  const sample = { spot: 1, equity: 1, profit: 1, optionsDelta: 1, delta: 1, vega: 1, gamma: 1 };
  const variantOf = (name: string, total: number) => ({
    ...{ name, about: "", base: of, quote: of, profit: 0, drawdown: 0, deviation: 0, gapLoss: 0 },
    attribution: attributionOf(total),
    trades: {
      ...{ count: 0, notional: 0, netOverGross: 0, charges: 0, refused: {} },
      ...{ pickedOff: { count: 0, loss: 0 }, informed: { looks: 0, count: 0, won: 0, profit: 0 } },
    },
    hedge: { fills: 0, missed: 0, turnover: 0, cost: 0, slippageBps: 0, error: 0 },
    turnover: { perDay: 0, chargesBps: 0, breakEven: 0 },
    samples: [1, 2].map((day) => ({ ...sample, at: at(day), gapDown: 0, gapUp: 0 })),
    epochs: [1, 2].map((day) => ({
      ...{ at: at(day), spot: 1, equity: 1, navBase: 1, navQuote: 1 },
      attribution: attributionOf(day * total),
    })),
  });
  return {
    ...{ currency: "ETH", from: at(0), to: at(3), stepHours: 4, seed: 1, equity: 1, surfaces: [] },
    ...{ spotFile: "", spotMove: { low: 0, high: 0, end: 0, vol: 0 }, assumptions: [] },
    variants: [variantOf("little", 1), variantOf("much", -100)],
  };
}

function storyOf() {
  const summary = {
    ...{ source: "a test", pool: null, invariantsChecked: [], invariantsBroken: [] },
    days: [1, 2].map((day) => ({ at: at(day), spot: 3000, nav: { base: 1, quote: 1 } })),
    hedges: [{ at: at(1), base: -1, price: 3000, band: 1, delta: { before: 2, after: 1 } }],
    providing: {
      epochs: [
        {
          ...{ number: 1, at: at(1), spot: 3000, equity: 1, factor: 1 },
          ...{ base: { nav: { mid: 1 } }, quote: { nav: { mid: 1 } } },
          attribution: attributionOf(1),
        },
      ],
      providers: null,
    },
  } as unknown as Summary;
  const symbols = { base: "ETH", quote: "USDC" };
  return storyPage({ summary, symbols, smiles: [smileOf(7, true)], surfaceFile: "surface.html" });
}

/** Axes of a drawing that say neither by a title nor by their labels what they measure. */
function namelessAxes({ layout }: Drawing): string[] {
  const axes = layout.scene ?? layout;
  const names = layout.scene === undefined ? ["xaxis", "yaxis"] : ["xaxis", "yaxis", "zaxis"];
  const isLabelled = (ticks: unknown) =>
    Array.isArray(ticks) && ticks.every((text) => /[a-z]|^ETH/.test(text));
  return names.filter((name) => {
    const axis = axes[name];
    return !axis.title?.text && !isLabelled(axis.ticktext);
  });
}

describe("pages", () => {
  it("name every axis, and time's zone", async () => {
    const pages = [
      await surfaceOf(smileOf(7, true), smileOf(30, true)),
      drawingsOf(await simulationPage(simulationOf())),
      drawingsOf(await storyOf()),
    ];
    expect(pages.map(({ length }) => length)).to.deep.equal([2 + 4, 3 + 2 + 4, 5]);
    for (const drawing of pages.flat()) {
      expect(namelessAxes(drawing), drawing.name).to.deep.equal([]);
      const isTimed = drawing.data.some(({ x }) => /^\d{4}-|^\d\d-\d\d /.test(String(x?.[0])));
      if (isTimed) expect(drawing.layout.xaxis.title.text, drawing.name).to.equal("time, UTC");
    }
  });

  it("draw a surface of one expiry, and of several a line at each", async () => {
    for (const days of [[7], [1, 7, 30], [1, 2, 3, 7, 14, 21, 30, 60, 90, 180, 270, 360]]) {
      const drawings = await surfaceOf(...days.map((each) => smileOf(each, true)));
      const [surface, ...lines] = drawings.find(({ name }) => name === "surface")!.data;
      expect(surface.z.length, "a surface needs two rows").to.be.greaterThan(1);
      expect(surface.y.length).to.equal(surface.z.length);
      expect(lines).to.have.length(days.length);
      // Nothing but dashes tells neighbours apart where hues do not.
      const dashes = drawings.find(({ name }) => name === "variance")!.data.map(({ line }) => line.dash);
      dashes.forEach((dash, i) => {
        if (i > 0) expect(dash).to.not.equal(dashes[i - 1]);
      });
    }
  });

  it("keep a row of the residuals for an expiry without quotes, and mark what is outside", async () => {
    const drawings = await surfaceOf(smileOf(7, true), smileOf(30, false), smileOf(60, true));
    const { data, layout } = drawings.find(({ name }) => name === "residuals")!;
    expect(layout.yaxis.ticktext).to.deep.equal(["ETH-7", "ETH-30", "ETH-60"]);
    expect(layout.yaxis.range[0]).to.be.lessThan(0);
    expect(layout.yaxis.range[1]).to.be.greaterThan(2);
    expect(layout.annotations.map(({ y, text }: { y: number; text: string }) => [y, text])).to.deep.equal([
      [1, "no quote to judge by"],
    ]);
    expect(data[0].y).to.have.members([0, 0, 2, 2]);
    expect(data[0].marker.symbol).to.deep.equal(["square", "square", "x", "x"]);
  });

  it("draw the attribution of every variant on one scale that holds them all", async () => {
    const drawings = drawingsOf(await simulationPage(simulationOf()));
    const ranges = drawings
      .filter(({ data }) => data.some(({ name }) => name === "rent"))
      .map(({ layout }) => layout.yaxis.range);
    expect(ranges).to.have.length(2);
    expect(ranges[0]).to.deep.equal(ranges[1]);
    expect(ranges[0][0]).to.be.lessThan(-300);
    expect(ranges[0][1]).to.be.greaterThan(3);
  });

  it("let no column of a layout ask for more than the page's width", () => {
    const columns = [...sourceOf("page.css").matchAll(/minmax\(([^;]*), 1fr\)/g)].map(([, least]) => least);
    expect(columns).to.have.length(2);
    for (const least of columns) expect(least).to.match(/^min\(\d+px, 100%\)$/);
  });

  it("have one head, and say of every table that it may be scrolled sideways", () => {
    expect(templates).to.have.length(3);
    for (const name of templates) {
      expect(sourceOf(name).split("\n")[3], name).to.equal("{{head}}");
      for (const [, frame] of sourceOf(name).matchAll(/<figure([^>]*)><table/g))
        expect(frame, name).to.equal(' class="scrolls"');
    }
    expect(sourceOf("page.css")).to.match(/\.scrolls::before \{ content: "scroll sideways/);
  });

  it("draw fewer dates on a narrow page, and legends no smaller than the rest", async () => {
    const pages = [await simulationPage(simulationOf()), await storyOf()];
    for (const page of pages) {
      const timed = (width: number) =>
        drawingsOf(page, width).filter(({ layout }) => layout.xaxis.title?.text === "time, UTC");
      expect(timed(400)).to.not.have.length(0);
      for (const { name, layout } of timed(400)) {
        expect(layout.xaxis.nticks, name).to.be.at.most(4);
        expect(layout.legend.font?.size ?? layout.font.size, name).to.be.at.least(11);
      }
      for (const { name, layout } of timed(1200)) expect(layout.xaxis.nticks ?? 6, name).to.equal(6);
    }
  });

  it("let no tick of the surface's z stand where its vols begin", async () => {
    const drawings = await surfaceOf(smileOf(7, true), smileOf(30, true));
    const { layout } = drawings.find(({ name }) => name === "surface")!;
    expect(Math.min(...layout.scene.xaxis.tickvals)).to.be.greaterThan(-3);
  });

  it("say that spot is drawn at each step, and whose equity an epoch's is", async () => {
    expect(await simulationPage(simulationOf())).to.include("Spot at each step, quote per ETH");
    const story = await storyOf();
    expect(story).to.include("equity after flows").and.include("Vols are held from report to report");
  });

  it("name money's unit and every part of a result, and say from when greeks count, and what premium is", async () => {
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
    expect(view.premiumTitle).to.equal(PREMIUM_TITLE);
    expect(sourceOf("storyPage.html"), "its column")
      .to.include('"result", view.premiumTitle]')
      .and.include("money(epoch.attribution.total), money(epoch.attribution.premium),");
    expect(view.partsNote).to.match(
      /^Delta, gamma, theta and vega are those of the options that an epoch began with and, from each trade on, of what it traded\. Premium /,
    );
  });
});
