/** What everybody had before and after the story of clearing, and that nothing came or went. */
import { styleText } from "node:util";
import Table from "cli-table3";
import { formatUnits } from "ethers";
import type { Holding } from "../../../localMarket/stages/clearingStage.ts";
import type { SpotAnswer } from "../../../localMarket/stages/oracleStage.ts";
import type { ClearingStory } from "../story/clearingStory.ts";
import { PLAIN_COLUMNS } from "./table.ts";

const sumOf = (rows: readonly Holding[]): Holding => ({
  who: "sum",
  base: rows.reduce((total, { base }) => total + base, 0n),
  quote: rows.reduce((total, { quote }) => total + quote, 0n),
});

function balancesTable({ before, after, base, quote }: ClearingStory): string {
  const table = new Table({
    head: ["", `${base.symbol} before`, "after", "change", `${quote.symbol} before`, "after", "change"],
    colAligns: ["left", "right", "right", "right", "right", "right", "right"],
    ...PLAIN_COLUMNS,
  });
  const cells = (from: bigint, to: bigint, decimals: number) =>
    [from, to, to - from].map((value) => formatUnits(value, decimals));
  const rows = before.map((row, i) => [row, after[i]!] as const);
  for (const [from, to] of [...rows, [sumOf(before), sumOf(after)] as const])
    table.push([
      from.who,
      ...cells(from.base, to.base, base.decimals),
      ...cells(from.quote, to.quote, quote.decimals),
    ]);
  return table.toString();
}

/** What was written, moved, settled and paid, and every balance before and after. */
export function printClearing(story: ClearingStory | null): void {
  console.log(`\n${styleText("bold", "Clearing")}`);
  if (story === null) {
    console.log("No expiry of this chain may be listed: each is too far ahead for its kind.");
    return;
  }
  for (const line of story.lines) console.log(line);
  console.log(balancesTable(story));
}

/** A price as a venue prints it. */
const price = (wad: bigint): string => Number(formatUnits(wad)).toFixed(4);

/** What the spot oracle says: from which price to which each question may be answered, or why not. */
export function answersTable(answers: readonly SpotAnswer[]): string {
  const table = new Table({
    head: ["spot", "low", "high", ""],
    colAligns: ["left", "right", "right", "left"],
    ...PLAIN_COLUMNS,
  });
  for (const { question, low, high, reason } of answers)
    table.push([question, price(low), price(high), reason === "None" ? "" : reason]);
  return table.toString();
}
