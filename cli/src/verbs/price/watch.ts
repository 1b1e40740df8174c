/** The pricer without a chain and signers: what it sees, and what it would publish. */

import { setTimeout as pause } from "node:timers/promises";
import { draftReport } from "@meniscus/pricer/publisher/draft";
import { decide } from "@meniscus/pricer/publisher/rules";
import { MOST_AGE_SECONDS } from "@meniscus/pricer/publisher/serve";
import { DEFAULT_RULES, type PricerConfig } from "@meniscus/pricer/service/config";
import { type Look, MarketView } from "@meniscus/pricer/service/view";
import { isoTime } from "@meniscus/sdk/clock";
import { counted } from "@meniscus/sdk/counted";
import type { EncodedReport } from "@meniscus/sdk/report";
import { untilEnded } from "../../cleanUp.ts";
import { CliError } from "../../cliError.ts";
import { RECORDING_OVER, type ServiceMarket } from "../../service/serviceSource.ts";

interface WatchOptions {
  readonly settings: PricerConfig | undefined;
  readonly interval: number;
  readonly once: boolean;
}

/** Looks until it is told to end, the recording is over, or once. @throws CliError where the only look was blind, or every one of a recording */
export async function watch(
  { source, clock }: ServiceMarket,
  { settings, interval, once }: WatchOptions,
): Promise<void> {
  const view = new MarketView({ source, clock, maxAge: MOST_AGE_SECONDS });
  let last: EncodedReport | null = null;
  let [looks, fitted] = [0, 0];
  const end = new AbortController();
  if (!once) untilEnded().then(() => end.abort());
  while (!end.signal.aborted) {
    const look = await view.look();
    if (look.kind === "blind" && look.reason === RECORDING_OVER) return endOf(looks, fitted);
    looks++;
    if (look.kind === "fitted") fitted++;
    if (look.kind === "blind" && once) throw new CliError(`${look.reason}`);
    last = tell(look, last, settings);
    if (once) return;
    await pause(interval * 1000, null, { signal: end.signal }).catch(() => {});
  }
}

/** Says that there is no more to see. @throws CliError where there was nothing */
function endOf(chains: number, fitted: number): void {
  const over = `The recording is over: ${counted(chains, "chain")}, ${fitted} fitted`;
  if (fitted === 0) throw new CliError(`${over}. The lines above say why: name other --chains.`);
  console.error(`${over}.`);
}

/** Prints a line; gives the report that would be the last one published then. */
function tell(
  look: Look,
  last: EncodedReport | null,
  settings: PricerConfig | undefined,
): EncodedReport | null {
  if (look.kind === "blind") {
    console.log(`blind: ${look.reason}`);
    return last;
  }
  const { surface } = look;
  const moment = isoTime(surface.snapshotAt);
  const draft = draftReport(surface, settings?.market.id ?? 1, null, settings?.bounds.vol);
  if (typeof draft === "string") {
    console.log(`${moment}  would not publish: ${draft}`);
    return last;
  }
  const { publish, why } = decide(draft.report, last, settings?.rules ?? DEFAULT_RULES);
  const what = `spot ${surface.spot.toFixed(2)}, ${counted(draft.report.slices.length, "slice")}, certified`;
  console.log(`${moment}  would ${publish ? "publish" : "not publish"} (${why}): ${what}`);
  return publish ? draft.report : last;
}
