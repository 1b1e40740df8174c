/** A pricer with three signers before a local chain, each with a venue, a clock and a store of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { inspect } from "node:util";
import { Publisher, type PublisherParts, type Result } from "@meniscus/pricer/publisher/publisher";
import { MOST_AGE_SECONDS } from "@meniscus/pricer/publisher/serve";
import { SurfaceChain } from "@meniscus/pricer/publisher/surfaceChain";
import { type Clock, markSlotOf, systemClock } from "@meniscus/pricer/service/clock";
import { type PricerConfig, PricerSchema, SignerSchema, scopeOf } from "@meniscus/pricer/service/config";
import type { Endpoint } from "@meniscus/pricer/service/endpoint";
import { MarketView } from "@meniscus/pricer/service/view";
import { serveSigner } from "@meniscus/pricer/signer/serve";
import { deribitSource } from "@meniscus/pricer/source/deribit";
import { type Database, openDatabase } from "@meniscus/pricer/store/database";
import { Store } from "@meniscus/pricer/store/store";
import { pino } from "pino";
import { type FakeVenue, startVenue } from "./fakeVenue.ts";
import { type MarketProcess, POSTER_KEY, SIGNER_KEYS } from "./localChain.ts";

export const silent = pino({ level: "silent" });

/** A venue that is silent is given up after this. */
const VENUE_MS = 4000;

export interface SignerStage {
  readonly venue: FakeVenue;
  readonly database: Database;
  readonly endpoint: Endpoint;
  /** Seconds that its clock is wrong by. */
  offset: number;
}

export interface Stage {
  readonly config: PricerConfig;
  readonly venue: FakeVenue;
  readonly database: Database;
  readonly signers: SignerStage[];
  readonly chain: SurfaceChain;
  /** Seconds that the pricer's clock is wrong by. */
  offset: number;
  publisher: Publisher;
  /** The pricer anew, on the state that its store has. */
  restart(onStep?: PublisherParts["onStep"]): Promise<void>;
  close(): Promise<void>;
}

export async function openSigner(
  { market }: Pick<MarketProcess, "market">,
  seed: number,
  index: number,
  port = 0,
): Promise<SignerStage> {
  const venue = await startVenue(seed);
  const database = await openDatabase(":memory:");
  const stage = { venue, database, offset: 0 };
  const clock: Clock = () => systemClock() + stage.offset;
  const endpoint = await serveSigner({
    config: SignerSchema.parse({ market, store: ":memory:", port, lookSeconds: 6 }),
    key: SIGNER_KEYS[index]!,
    source: deribitSource({ currency: "ETH", api: venue.api, timeoutMs: VENUE_MS }),
    ...{ clock, log: silent, database },
  });
  return Object.assign(stage, { endpoint });
}

export async function openStage(process: MarketProcess, seed: number, more: object = {}): Promise<Stage> {
  const { market, url } = process;
  const signers = await Promise.all([0, 1, 2].map((index) => openSigner(process, seed, index)));
  const venue = await startVenue(seed);
  const folder = mkdtempSync(path.join(tmpdir(), "meniscus-pricer-"));
  const store = path.join(folder, "pricer.sqlite");
  const config = PricerSchema.parse({
    ...{ market, rpc: url, store, port: 0, signerSeconds: 8 },
    signers: signers.map(({ endpoint }) => endpoint.url),
    rules: { heartbeatSeconds: 1, leastSeconds: 0 },
    ...more,
  });
  const database = await openDatabase(store);
  const chain = new SurfaceChain(url, market, config.rpcSeconds);
  const restart = async (onStep?: PublisherParts["onStep"]): Promise<void> => {
    const kept = await Store.open(database, scopeOf(market, POSTER_KEY.address));
    const clock: Clock = () => systemClock() + stage.offset;
    const source = deribitSource({ currency: "ETH", api: venue.api, timeoutMs: VENUE_MS });
    const last = await kept.lastSurface();
    const view = new MarketView({ source, clock, maxAge: MOST_AGE_SECONDS, last });
    stage.publisher = new Publisher({
      ...{ config, view, store: kept, chain, wallet: POSTER_KEY, clock },
      ...(onStep && { onStep }),
    });
  };
  const stage: Stage = {
    ...{ config, venue, database, signers, chain, restart, offset: 0 },
    publisher: undefined as unknown as Publisher,
    close: async () => {
      await Promise.all(signers.map(({ endpoint }) => endpoint.close().catch(() => {})));
      await Promise.all([venue, ...signers.map((signer) => signer.venue)].map((each) => each.close()));
      chain.close();
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
  await restart();
  return stage;
}

/** Some minutes of tests, seconds. */
const AHEAD = 900;

/** Passes over what publishes by the clock of now while signers sign one report a minute, a quarter of an hour a day, or soon will. */
export function skipNearTheMark(context: Mocha.Context): void {
  const now = Math.floor(systemClock());
  if ([now, now + AHEAD].some((at) => markSlotOf(at) !== null)) context.skip();
}

/** Steps, at a new second each, until a result is of this kind; gives the results. */
export async function stepUntil(stage: Stage, kind: Result["kind"], most = 12): Promise<Result[]> {
  const results: Result[] = [];
  while (results.length < most) {
    results.push(await stage.publisher.step());
    if (results.at(-1)!.kind === kind) break;
    await nextSecond();
  }
  return results;
}

/** Waits until so many results of a process are as wanted; throws with all there were where that takes more than a minute. */
export async function untilResults(
  results: readonly Result[],
  least: number,
  isWanted: (result: Result) => boolean,
): Promise<void> {
  for (const end = performance.now() + 60_000; results.filter(isWanted).length < least; ) {
    if (performance.now() > end)
      throw new Error(`not ${least} as wanted in a minute, but ${inspect(results)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The venue's times are in seconds: within one there is nothing new. */
export const nextSecond = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 1005 - (Date.now() % 1000)));
