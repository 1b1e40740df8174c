/** The pricer's process: steps until it is stopped, with metrics, health and the last signed report on loopback. */
import type { Wallet } from "ethers";
import type { Logger } from "pino";
import { Counter, Gauge, Registry } from "prom-client";
import type { Clock } from "../service/clock.ts";
import { ConfigError, type PricerConfig, scopeOf } from "../service/config.ts";
import { type Endpoint, type Health, openEndpoint } from "../service/endpoint.ts";
import { every } from "../service/every.ts";
import { firstLine } from "../service/firstLine.ts";
import { MarketView } from "../service/view.ts";
import type { Source } from "../source/source.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { Store } from "../store/store.ts";
import { stringifyWords } from "../store/words.ts";
import { Publisher, type PublisherParts, type Result } from "./publisher.ts";
import { SurfaceChain } from "./surfaceChain.ts";

export interface ServeOptions {
  readonly config: PricerConfig;
  readonly wallet: Wallet;
  readonly source: Source;
  readonly clock: Clock;
  readonly log: Logger;
  /** Seconds between two looks at the source. */
  readonly interval: number;
  readonly onStep?: PublisherParts["onStep"];
  readonly onResult?: (result: Result) => void;
  /** In place of the one that the configuration names. */
  readonly database?: Database;
}

/** Data of a source older than this are not published: signers, and the contract after a minute, would not take them. */
export const MOST_AGE_SECONDS = 15;
/** So many steps in a row that neither published nor had no need to make a pricer sick. */
const SICK_STEPS = 3;
/** Seconds without the end of a step, or ten intervals: source, signers and node are all given up before. */
const SICK_SILENCE = 120;

/** Serves until closed. @throws ConfigError where the node is of another chain than the configuration, or has no such market */
export async function servePricer(options: ServeOptions): Promise<Endpoint> {
  const { config, wallet, source, clock, log } = options;
  const database = options.database ?? (await openDatabase(config.store));
  const store = await Store.open(database, scopeOf(config.market, wallet.address));
  const chain = new SurfaceChain(config.rpc, config.market, config.rpcSeconds);
  // A node that is down comes back, and the steps say so until then; what it says of chain and contract stays.
  await chain.assertMarket().catch((error) => {
    if (error instanceof ConfigError) throw error;
    log.warn({ reason: firstLine(error) }, "the node does not answer yet");
  });
  const view = new MarketView({ source, clock, maxAge: MOST_AGE_SECONDS, last: await store.lastSurface() });
  const { onStep } = options;
  const publisher = new Publisher({ config, view, store, chain, wallet, clock, ...(onStep && { onStep }) });
  const metrics = pricerMetrics();
  const failed: string[] = [];
  let steppedAt = clock();
  const health = (): Health => {
    const reasons = failed.length < SICK_STEPS ? [] : failed.slice(-1);
    const silence = Math.round(clock() - steppedAt);
    if (silence > Math.max(SICK_SILENCE, 10 * options.interval)) reasons.push(`no step for ${silence} s`);
    return { isWell: reasons.length === 0, reasons };
  };

  const endpoint = await openEndpoint({
    port: config.port,
    registry: metrics.registry,
    health,
    routes: {
      "GET /report": async () => {
        const signed = await publisher.lastSigned();
        return signed === null ? { status: 404, body: "" } : { status: 200, body: stringifyWords(signed) };
      },
    },
  });
  log.info({ url: endpoint.url, account: wallet.address }, "publishing");
  const stop = every(options.interval, async () => {
    const result = await publisher.step();
    steppedAt = clock();
    logResult(log, result);
    metrics.note(result, publisher);
    const verdict = verdictOf(result);
    if (verdict === "sound") failed.length = 0;
    else if (verdict === "failed") failed.push(describe(result));
    if (failed.length > SICK_STEPS) failed.shift();
    options.onResult?.(result);
  });
  return {
    url: endpoint.url,
    close: async () => {
      await stop();
      await endpoint.close();
      chain.close();
      await store.close();
    },
  };
}

/** Whether a step did what it should. One whose report is on its way tells neither: it may be lost like those before it. */
export function verdictOf(result: Result): "sound" | "failed" | "open" {
  if (result.kind === "published") return "sound";
  if (result.kind !== "quiet" || result.why === "slot spent") return "failed";
  return result.why === "pending" || result.why === "early" ? "open" : "sound";
}

/** A result in words, with its reason. */
function describe(result: Result): string {
  const { kind, ...rest } = result;
  return `${kind}: ${JSON.stringify(rest)}`;
}

function logResult(log: Logger, result: Result): void {
  const { kind, ...rest } = result;
  if (kind === "published") log.info(rest, kind);
  else if (verdictOf(result) === "failed") log.warn(rest, kind);
  else log.debug(rest, kind);
}

function pricerMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const steps = new Counter({
    name: "meniscus_pricer_steps_total",
    help: "Steps by what they ended in",
    labelNames: ["result"],
    registers,
  });
  const declined = new Counter({
    name: "meniscus_pricer_declined_total",
    help: "Answers of a signer that gave no signature",
    labelNames: ["signer"],
    registers,
  });
  const reportAt = new Gauge({
    name: "meniscus_pricer_report_timestamp_seconds",
    help: "The time of the last report published",
    registers,
  });
  const slices = new Gauge({
    name: "meniscus_pricer_report_slices",
    help: "How many expiries the last report published holds",
    registers,
  });
  const gas = new Counter({
    name: "meniscus_pricer_gas_total",
    help: "Gas used by reports, also by those that reverted or were too late",
    registers,
  });
  let counted = 0;
  const balanceWei = new Gauge({
    name: "meniscus_pricer_balance_wei",
    help: "What the account had when it was about to post last",
    registers,
  });
  return {
    registry,
    note: (result: Result, { balance, gasUsed }: Pick<Publisher, "balance" | "gasUsed">) => {
      if (balance !== null) balanceWei.set(Number(balance));
      gas.inc(gasUsed - counted);
      counted = gasUsed;
      steps.inc({ result: result.kind });
      if (result.kind === "published" || result.kind === "unsigned")
        for (const { url } of result.declined) declined.inc({ signer: url });
      if (result.kind !== "published") return;
      reportAt.set(result.reportAt);
      slices.set(result.slices);
    },
  };
}
