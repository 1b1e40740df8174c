/** The story in pictures, in one file that needs no network: what a provider looks at first. */

import type { AttributionSummary, Summary } from "../json/summary.ts";
import { HELD_NOTE, PARTS, PARTS_NOTE, PREMIUM_TITLE } from "../terminal/figures.ts";
import { inlined } from "./inlined.ts";
import type { SmileView } from "./surfacePage.ts";

interface StoryTelling {
  summary: Summary;
  symbols: { base: string; quote: string };
  smiles: readonly SmileView[];
  /** The page of the surface, as seen from this one. */
  surfaceFile: string;
}

/** All epochs together, a step a part. */
function waterfall(
  epochs: readonly { attribution: AttributionSummary }[],
): { name: string; value: number }[] {
  const over = (part: keyof AttributionSummary) =>
    epochs.reduce((sum, { attribution }) => sum + attribution[part], 0);
  return [
    ...PARTS.map(([part, name]) => ({ name, value: over(part) })),
    { name: "total", value: over("total") },
  ];
}

/** The whole page as text. */
export function storyPage({ summary, symbols, smiles, surfaceFile }: StoryTelling): Promise<string> {
  const { source, pool, hedges, days, providing, invariantsChecked, invariantsBroken } = summary;
  return inlined("storyPage.html", {
    title: `Meniscus: ${days.length === 0 ? "a morning" : "an expiry's days"} of ${symbols.base} options`,
    lines: [
      `Source: ${source}; spot after it is a random walk at the surface's vol.`,
      invariantsChecked.length === 0
        ? "No days were played, and no invariant was checked."
        : `Invariants recomputed from the chain: ${invariantsChecked.join(", ")}; broken: ${invariantsBroken.join(", ") || "none"}.`,
    ],
    symbols,
    hedges,
    days,
    surfaceFile,
    titles: {
      blotterTitle: `Blotter: what was traded against the pool, in ${symbols.quote}; value and price are per option`,
      epochsTitle: `Epochs, money in ${symbols.quote}`,
    },
    premiumTitle: PREMIUM_TITLE,
    trades: pool?.trades ?? [],
    epochs: providing?.epochs ?? [],
    providers: providing?.providers ?? null,
    waterfall: waterfall(providing?.epochs ?? []),
    partsNote: `${PARTS_NOTE} ${HELD_NOTE}`,
    // That of the expiry that was traded first.
    smile:
      smiles.find(({ symbol }) => pool?.trades[0]?.legs[0]?.series.startsWith(symbol)) ?? smiles[0] ?? null,
  } as { title: string });
}
