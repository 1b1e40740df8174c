/** The signer's process: its endpoint, its metrics, and a look at the market now and then, so that the first proposal finds it warm. */
import type { AbstractSigner } from "ethers";
import type { Logger } from "pino";
import { Counter, Gauge, Registry } from "prom-client";
import type { Clock } from "../service/clock.ts";
import { type SignerConfig, scopeOf } from "../service/config.ts";
import { type Endpoint, type Health, openEndpoint } from "../service/endpoint.ts";
import { every } from "../service/every.ts";
import { firstLine } from "../service/firstLine.ts";
import { type Look, MarketView } from "../service/view.ts";
import type { Source } from "../source/source.ts";
import { type Database, openDatabase } from "../store/database.ts";
import { Store } from "../store/store.ts";
import { stringifyWords } from "../store/words.ts";
import type { Refusal } from "./judge.ts";
import { Signer, type SignerAnswer } from "./signer.ts";

export interface ServeOptions {
  readonly config: SignerConfig;
  readonly key: AbstractSigner;
  readonly source: Source;
  readonly clock: Clock;
  readonly log: Logger;
  /** In place of the one that the configuration names. */
  readonly database?: Database;
}

const LOOK_SECONDS = 5;
/** Seconds without the end of a look that make a signer sick: source and database are given up before. */
const SICK_SILENCE = 60;

/** Serves until closed. */
export async function serveSigner({
  config,
  key,
  source,
  clock,
  log,
  ...rest
}: ServeOptions): Promise<Endpoint> {
  const database = rest.database ?? (await openDatabase(config.store));
  const account = await key.getAddress();
  const store = await Store.open(database, scopeOf(config.market, account));
  // What an expiry was when it was last good the pricer knows after a restart; who judges it must know it too.
  let kept = await store.lastSurface();
  const view = new MarketView({ source, clock, maxAge: config.tolerance.seconds, last: kept });
  const signer = new Signer({ config, key, view, store, clock });
  const metrics = signerMetrics();
  let last: Look | null = null;
  let lookedAt = clock();
  /** Why it could not record what it was to sign, until it has recorded again. */
  let failure: string | null = null;
  const noteMemory = (refusal: Refusal | null): void => {
    if (refusal?.kind === "MemoryFailed") failure = refusal.reason;
  };
  const health = (): Health => {
    const reasons: string[] = [];
    if (last?.kind === "blind") reasons.push(`blind: ${last.reason}`);
    if (failure !== null) reasons.push(`signs nothing, for it cannot record: ${failure}`);
    const silence = Math.round(clock() - lookedAt);
    if (silence > SICK_SILENCE) reasons.push(`no look for ${silence} s`);
    return { isWell: reasons.length === 0, reasons };
  };

  const endpoint = await openEndpoint({
    port: config.port,
    registry: metrics.registry,
    health,
    routes: {
      "POST /judge": async (body) => {
        const refusal = await signer.judge(body);
        noteMemory(refusal);
        if (refusal !== null) log.info({ refusal }, "would refuse");
        return { status: 200, body: JSON.stringify({ refusal }) };
      },
      "POST /sign": async (body) => {
        const answer = await signer.answer(body);
        if (answer.kind === "signed") failure = null;
        else noteMemory(answer.refusal);
        metrics.note(answer);
        logAnswer(log, answer);
        return answer.kind === "signed"
          ? { status: 200, body: JSON.stringify(answer.signature) }
          : { status: 409, body: stringifyWords({ refusal: answer.refusal, kept: answer.kept }) };
      },
    },
  });
  const stop = every(LOOK_SECONDS, async () => {
    const look = await view.look();
    lookedAt = clock();
    if (look.kind === "blind" && last?.kind !== "blind") log.warn({ reason: look.reason }, "blind");
    if (look.kind === "fitted" && last?.kind === "blind") log.info("sees again");
    last = look;
    if (look.kind === "fitted" && look.surface !== kept)
      try {
        await store.keepSurface(look.surface);
        kept = look.surface;
      } catch (error) {
        log.warn({ reason: firstLine(error) }, "the surface cannot be kept");
      }
    metrics.look(look);
  });
  log.info({ url: endpoint.url, account }, "signing");
  return {
    url: endpoint.url,
    close: async () => {
      await stop();
      await endpoint.close();
      await store.close();
    },
  };
}

function logAnswer(log: Logger, answer: SignerAnswer): void {
  if (answer.kind === "signed") log.info({ reportAt: answer.reportAt }, "signed");
  else log.warn({ refusal: answer.refusal }, "refused");
}

function signerMetrics() {
  const registry = new Registry();
  const registers = [registry];
  const answers = new Counter({
    name: "meniscus_signer_answers_total",
    help: "Proposals by what they were answered: signed, or the kind of refusal",
    labelNames: ["answer"],
    registers,
  });
  const surfaceAt = new Gauge({
    name: "meniscus_signer_surface_timestamp_seconds",
    help: "The time of the signer's own surface",
    registers,
  });
  return {
    registry,
    note: (answer: SignerAnswer) =>
      answers.inc({ answer: answer.kind === "signed" ? "signed" : answer.refusal.kind }),
    look: (look: Look) => {
      if (look.kind === "fitted") surfaceAt.set(look.surface.snapshotAt);
    },
  };
}
