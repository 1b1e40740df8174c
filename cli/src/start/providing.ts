/** The vault behind the pool: hedged after the session, entered and left by providers, and told on the terminal. */
import { styleText } from "node:util";
import type { HedgeSummary, ProvidingSummary } from "@meniscus/sdk/summary";
import { askToEnter, playEpochs } from "./epochStage.ts";
import { hedge } from "./hedgeStage.ts";
import type { Posted } from "./surfaceOnChain.ts";
import type { OpenMarket } from "./trading.ts";
import { attributionTable, epochsTable, hedgeLine, providerLines } from "./vaultTables.ts";

export interface Providing {
  hedge: HedgeSummary | null;
  /** Ends the epochs, once what else is to happen before their cut-offs has happened. */
  finish(): Promise<ProvidingSummary | null>;
}

/** Hedges what the session left, and has the providers ask to enter; null where there was no session. */
export async function provide({ session }: OpenMarket, { report }: Posted): Promise<Providing | null> {
  if (session === null) return null;
  const hedged = await hedge(session, report);
  const providers = await askToEnter(session, report);
  return { hedge: hedged, finish: () => playEpochs(session, report, providers) };
}

export function printProviding(
  hedged: HedgeSummary | null,
  providing: ProvidingSummary | null,
  symbols: { base: string; quote: string },
): void {
  console.log(`\n${styleText("bold", "Vault")}`);
  console.log(
    hedged === null ? "Its delta stays inside the band: no hedge." : hedgeLine(hedged, symbols.base),
  );
  if (providing === null) {
    console.log("No epoch is played: an expiry of the book would be over before.");
    return;
  }
  console.log("Providers of both assets ask to enter, are in after an epoch, and leave after the next:");
  console.log(epochsTable(providing, symbols));
  console.log("Where each epoch's result came from, in USDC:");
  console.log(attributionTable(providing));
  for (const line of providerLines(providing, symbols)) console.log(line);
}
