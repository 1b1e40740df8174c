/** Faults of venues, clocks, signers and of the pricer's own machine, before a local chain that is looked at afterwards. */
import { spawn } from "node:child_process";
import path from "node:path";
import type { Step } from "@meniscus/pricer/publisher/publisher";
import type { Database } from "@meniscus/pricer/store/database";
import { toQuantity } from "ethers";
import type { Mood } from "../support/pricer/fakeVenue.ts";
import { type Lie, startLiar } from "../support/pricer/liar.ts";
import { POSTER_KEY, SIGNER_KEYS } from "../support/pricer/localChain.ts";
import { openSigner, type Stage } from "../support/pricer/stage.ts";
import type { Fault } from "./fault.ts";
import { faultRun, type Injection } from "./venueRun.ts";

/** The pricer's venue alone is wrong; the signers see what is right. */
const ofVenue = (mood: Mood) => (stage: Stage) => turn([stage.venue], mood);
const ofEveryVenue = (mood: Mood) => (stage: Stage) =>
  turn([stage.venue, ...stage.signers.map(({ venue }) => venue)], mood);
const ofOneSigner = (mood: Mood) => (stage: Stage, seed: number) =>
  turn([stage.signers[seed % 3]!.venue], mood);

function turn(venues: { mood: Mood }[], mood: Mood): Injection {
  for (const venue of venues) venue.mood = mood;
  return {
    end: async () => {
      for (const venue of venues) venue.mood = "honest";
    },
  };
}

/** Late or early, by the seed. */
const OFF_SECONDS = 90;
const offset = (seed: number) => (seed % 2 === 0 ? OFF_SECONDS : -OFF_SECONDS);

function ofClocks(clocks: { offset: number }[], seed: number): Injection {
  for (const clock of clocks) clock.offset = offset(seed);
  return {
    end: async () => {
      for (const clock of clocks) clock.offset = 0;
    },
  };
}

/** Signers whose processes are gone; they come back at their ports. */
async function dead(stage: Stage, seed: number, count: number): Promise<Injection> {
  const gone = Array.from({ length: count }, (_, i) => (seed + i) % 3);
  const ports = gone.map((index) => Number(new URL(stage.signers[index]!.endpoint.url).port));
  for (const index of gone) {
    await stage.signers[index]!.endpoint.close();
    await stage.signers[index]!.venue.close();
  }
  return {
    end: async () => {
      for (const [i, index] of gone.entries())
        stage.signers[index] = await openSigner(stage.config, seed, index, ports[i]!);
    },
  };
}

/** One signer's place is taken by a liar with its key. */
const lying =
  (lie: Lie) =>
  async (stage: Stage, seed: number): Promise<Injection> => {
    const index = seed % 3;
    const honest = stage.config.signers[index]!;
    const liar = await startLiar(SIGNER_KEYS[index]!, stage.config.market, lie);
    stage.config.signers[index] = liar.url;
    return {
      end: async () => {
        stage.config.signers[index] = honest;
        await liar.close();
      },
    };
  };

/** A pricer that proposes what is wrong, and one signer that signs it all the same. */
async function conspiracy(stage: Stage, seed: number): Promise<Injection> {
  const [venue, liar] = [ofVenue("dear")(stage), await lying("everything")(stage, seed)];
  return {
    end: async () => {
      await venue.end();
      await liar.end();
    },
  };
}

/** As when the disk is full: SQLite may take no page more, and what it has is taken, the last page of the table that is written to as well. */
async function full(database: Database, table: "intents" | "signatures"): Promise<Injection> {
  const [{ page_count: pages }] = (await database.query("PRAGMA page_count")) as [{ page_count: number }];
  await database.query(`PRAGMA max_page_count = ${pages + 8}`);
  const columns = table === "signatures" ? "?, ?, NULL, ?, '0'" : "?, ?, 0, 0, ?, '0', '0', '{}', 'filler'";
  let rows = 0;
  const insert = (size: number) =>
    database.query(`INSERT INTO ${table} VALUES (${columns})`, ["filler", ++rows, "x".repeat(size)]).then(
      () => true,
      () => false,
    );
  for (const size of [3000, 300, 30, 1]) while (await insert(size));
  return {
    end: async () => {
      await database.query("PRAGMA max_page_count = 1000000");
    },
  };
}

async function fullSigners(stage: Stage): Promise<Injection> {
  const injections = await Promise.all(
    stage.signers.slice(0, 2).map(({ database }) => full(database, "signatures")),
  );
  return {
    end: async () => {
      for (const { end } of injections) await end();
    },
  };
}

/** The account that posts has nothing, until it has again what it had. */
async function outOfFunds({ chain: { provider } }: Stage): Promise<Injection> {
  const balance = await provider.getBalance(POSTER_KEY.address);
  const fund = (wei: bigint) => provider.send("hardhat_setBalance", [POSTER_KEY.address, toQuantity(wei)]);
  await fund(0n);
  return { end: () => fund(balance) };
}

/** A pricer's process is killed at a step; afterwards another goes on from its store. */
const killedAt =
  (step: Step) =>
  async (stage: Stage): Promise<Injection> => {
    const program = path.join(import.meta.dirname, "../support/pricer/killed.ts");
    const { signal } = await new Promise<{ signal: string | null }>((resolve) => {
      const child = spawn(process.execPath, [program, JSON.stringify(stage.config), stage.venue.api, step], {
        stdio: ["ignore", "ignore", "inherit"],
      });
      child.once("exit", (_, signal) => resolve({ signal }));
    });
    if (signal !== "SIGKILL")
      throw new Error(`the pricer was to be killed at "${step}", and ended by ${signal}`);
    await stage.restart();
    return { isOver: true, end: async () => {} };
  };

const STEPS: readonly Step[] = ["fitted", "kept", "drafted", "signed", "intended", "sent", "mined"];

export const VENUE_FAULTS: readonly Fault[] = [
  faultRun("venue silent", ofVenue("silent"), "refuses"),
  faultRun("venue stale", ofVenue("stale"), "refuses"),
  faultRun("every venue stands still but for one row", ofEveryVenue("standing"), "refuses"),
  faultRun("some rows of every venue stand still", ofEveryVenue("gappy"), "publishes"),
  faultRun("venue crossed", ofVenue("crossed"), "refuses"),
  faultRun("venue's prices off by 30 %", ofVenue("dear"), "refuses"),
  faultRun("venue's spot off by 30 %", ofVenue("far"), "refuses"),
  faultRun("every venue's spot off by 30 %", ofEveryVenue("far"), "refuses"),
  faultRun(
    "venue says NaN",
    (stage, seed) => ofVenue(seed % 2 === 0 ? "no JSON" : "no numbers")(stage),
    "refuses",
  ),
  faultRun("one signer's venue off by 30 %", ofOneSigner("dear"), "publishes"),
  faultRun("one signer's venue silent", ofOneSigner("silent"), "publishes"),
  faultRun("pricer's clock off by 90 s", (stage, seed) => ofClocks([stage], seed), "refuses"),
  faultRun(
    "a signer's clock off by 90 s",
    (stage, seed) => ofClocks([stage.signers[seed % 3]!], seed),
    "publishes",
  ),
  faultRun(
    "two signers' clocks off by 90 s",
    (stage, seed) => ofClocks(stage.signers.slice(0, 2), seed),
    "refuses",
  ),
  ...(["another report", "an earlier signature", "noise"] as const).map((lie) =>
    faultRun(`a signer lies: ${lie}`, lying(lie), "publishes"),
  ),
  faultRun("pricer and a signer lie together", conspiracy, "refuses"),
  faultRun("a signer is dead", (stage, seed) => dead(stage, seed, 1), "publishes"),
  faultRun("two signers are dead", (stage, seed) => dead(stage, seed, 2), "refuses"),
  faultRun("pricer out of funds", outOfFunds, "refuses"),
  faultRun("pricer's disk full", (stage) => full(stage.database, "intents"), "refuses"),
  faultRun("two signers' disks full", fullSigners, "refuses"),
  ...STEPS.map((step) => faultRun(`kill -9 of the pricer when ${step}`, killedAt(step), "publishes")),
];
