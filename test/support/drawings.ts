/** What a page draws, without a browser: its script, run beside a plotting library and a document that only take note. */
import { runInNewContext } from "node:vm";

/** One call of the plotting library. */
export interface Drawing {
  /** The id of its place, where that has one. */
  name: string;
  // biome-ignore lint/suspicious/noExplicitAny: plots are the library's, which has no types here.
  data: any[];
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  layout: any;
}

interface Place {
  id: string;
  textContent: string;
  append(): void;
}

/** Runs the script of a page in a window of so many pixels. @throws what the script throws */
export function drawingsOf(page: string, width = 1200): Drawing[] {
  const script = page.slice(page.lastIndexOf("<script>") + "<script>".length, page.lastIndexOf("</script>"));
  const drawings: Drawing[] = [];
  const placeOf = (id: string): Place => ({ id, textContent: "", append: () => undefined });
  runInNewContext(script, {
    window: { innerWidth: width },
    document: { getElementById: placeOf, createElement: () => placeOf("") },
    Plotly: {
      newPlot(place: string | Place, data: Drawing["data"], layout: Drawing["layout"]) {
        // By way of text, because what another realm makes is deeply equal to nothing of ours.
        const copy = JSON.parse(JSON.stringify({ data, layout }));
        drawings.push({ name: typeof place === "string" ? place : place.id, ...copy });
      },
    },
  });
  return drawings;
}
