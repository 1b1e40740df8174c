import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import type { Surface } from "@meniscus/pricer/fit/surface";
import { ConfigError } from "@meniscus/pricer/service/config";
import { openDatabase } from "@meniscus/pricer/store/database";
import { type Intent, Store } from "@meniscus/pricer/store/store";
import { expect } from "chai";
import { AT, draftOf, surfaceOf } from "../../support/pricer/draft.ts";

/** A place to open again and again, and what ends it. */
interface Place {
  readonly url: string;
  end(): Promise<void>;
}

function sqlite(): Place {
  const folder = mkdtempSync(path.join(tmpdir(), "meniscus-store-"));
  return { url: path.join(folder, "store.sqlite"), end: async () => rmSync(folder, { recursive: true }) };
}

/** Genuine Postgres, compiled to WebAssembly, behind its own wire protocol. */
async function postgres(): Promise<Place> {
  const db = await PGlite.create();
  const server = new PGLiteSocketServer({ db, port: 0, host: "127.0.0.1", maxConnections: 4 });
  await server.start();
  return {
    url: `postgres://postgres:postgres@${server.getServerConn()}/postgres`,
    end: async () => {
      await server.stop();
      await db.close();
    },
  };
}

describe("the place of a store", () => {
  it("is a file or a URL of Postgres; any other URL is refused, and its password not told", async () => {
    for (const place of [
      "postgre://me:SECRET@db.internal/pricer",
      "//me:SECRET@db.internal:5432/pricer",
      "postgres:/me:SECRET@db.internal/pricer",
      "postgres:me:SECRET@db.internal/pricer",
      " postgres://me:SECRET@db.internal/pricer",
      "postgresql+ssl://me:SECRET@db/x",
      "MySQL://me:SECRET@db/x",
      "me:SECRET@db.internal/pricer",
    ]) {
      const error = await openDatabase(place).catch((reason: unknown) => reason);
      expect(error, place).to.be.instanceOf(ConfigError);
      expect((error as Error).message)
        .to.match(/neither a file nor a URL of Postgres/)
        .and.not.match(/SECRET|\bme:/);
    }
    const folder = mkdtempSync(path.join(tmpdir(), "meniscus-store-"));
    // A file may be called so.
    await (await openDatabase(path.join(folder, "a:b@c.sqlite"))).close();
    rmSync(folder, { recursive: true });
  });
});

for (const [name, open] of [
  ["SQLite", sqlite],
  ["Postgres", postgres],
] as const)
  describe(`the store on ${name}`, function () {
    this.timeout(120_000);
    let place: Place;
    let store: Store;
    const reopened = async (scope = "scope"): Promise<Store> => {
      await store?.close();
      store = await Store.open(await openDatabase(place.url), scope);
      return store;
    };
    before(async () => {
      place = await open();
      await reopened();
    });
    after(async () => {
      await store.close();
      await place.end();
    });

    const intentOf = async (nonce: number, reportAt = AT): Promise<Intent> => ({
      hash: `0x${nonce}`,
      nonce,
      raw: "0x02",
      maxFeePerGas: 2n ** 70n,
      maxPriorityFeePerGas: 1n,
      signed: { report: { ...(await draftOf(1)).report, reportAt }, signatures: "0xab" },
      state: "open",
    });

    it("gives back the last surface, to the bit, after it was closed", async () => {
      expect(await store.lastSurface()).to.equal(null);
      const [first, second] = [await surfaceOf(1), await surfaceOf(2)];
      await store.keepSurface(first);
      await store.keepSurface(second);
      expect(await (await reopened()).lastSurface()).to.deep.equal(second);
    });

    it("takes the good slices of a surface stored before they knew when they last were for the last that were", async () => {
      const { slices, ...rest } = await surfaceOf(1);
      const earlier = {
        ...rest,
        slices: slices.map(({ lastGood: _, ...slice }, i) =>
          i === 0 ? { ...slice, quality: "thin" } : slice,
        ),
      };
      await store.keepSurface(earlier as unknown as Surface);
      const { slices: read } = (await store.lastSurface())!;
      expect(read.map(({ lastGood }) => lastGood)).to.deep.equal(
        slices.map(({ params, tau }, i) => (i === 0 ? null : { params, tau })),
      );
    });

    it("keeps the newest signed report, and no older one in its place", async () => {
      expect(await store.lastSigned()).to.equal(null);
      const { signed } = await intentOf(1);
      await store.keepSigned(signed);
      await store.keepSigned({ ...signed, report: { ...signed.report, reportAt: AT - 5 } });
      expect(await (await reopened()).lastSigned()).to.deep.equal(signed);
    });

    it("keeps intents until the chain has decided them", async () => {
      const [one, two] = [await intentOf(7), await intentOf(8, AT + 1)];
      await store.intend(one, 5n);
      await store.intend(two, 2n ** 80n);
      expect(await (await reopened()).openIntents()).to.deep.equal([one, two]);
      await store.closeIntent(one, "mined", 3n);
      expect(await store.openIntents()).to.deep.equal([two]);
      expect(await store.intents()).to.deep.equal([{ ...one, state: "mined" }, two]);
    });

    it("opens again what a node refused and is sent once more", async () => {
      const own = await reopened("sent once more");
      const intent = await intentOf(5);
      await own.intend(intent, 5n);
      await own.closeIntent(intent, "refused");
      await own.intend(intent, 6n);
      expect(await own.openIntents()).to.deep.equal([intent]);
      expect((await own.costsSince(0)).map(({ wei }) => wei)).to.deep.equal([6n]);
      await reopened();
    });

    it("tells the highest nonce that was mined for a report newer than a time", async () => {
      const own = await reopened("nonces");
      expect(await own.highestMinedNonce(0)).to.equal(null);
      for (const [nonce, state] of [
        [3, "mined"],
        [4, "outrun"],
        [5, "reverted"],
        [6, "lost"],
        [7, "refused"],
        [8, "open"],
      ] as const) {
        const intent = await intentOf(nonce, AT + nonce);
        await own.intend(intent, 1n);
        await own.closeIntent(intent, state);
      }
      expect(await own.highestMinedNonce(AT + 4)).to.equal(5);
      expect(await own.highestMinedNonce(AT + 5)).to.equal(null);
      await reopened();
    });

    it("tells what was offered for a nonce, of the others nothing", async () => {
      const offer = { maxFeePerGas: 2n ** 71n, maxPriorityFeePerGas: 3n };
      const other = { ...(await intentOf(8, AT + 2)), hash: "0x8b", ...offer };
      await store.intend(other, 7n);
      const first = { maxFeePerGas: 2n ** 70n, maxPriorityFeePerGas: 1n };
      expect(await store.offersAt(8)).to.have.deep.members([first, offer]);
      expect(await store.offersAt(9)).to.deep.equal([]);
      await store.closeIntent(other, "refused");
      expect(await store.offersAt(8)).to.deep.equal([first]);
    });

    it("tells what transactions cost, at most or in truth, by the time of their reports", async () => {
      const costs = [
        { nonce: 7, state: "mined", wei: 3n },
        { nonce: 8, state: "open", wei: 2n ** 80n },
        { nonce: 8, state: "refused", wei: 7n },
      ];
      expect(await (await reopened()).costsSince(AT - 1)).to.have.deep.members(costs);
      expect(await store.costsSince(AT)).to.have.deep.members(costs.slice(1));
      expect(await store.costsSince(AT + 2)).to.deep.equal([]);
      expect(await (await reopened("another scope")).costsSince(0)).to.deep.equal([]);
      await reopened();
    });

    it("gives one signature for a time, again for the same digest, and says what it was for another", async () => {
      const given = { reportAt: AT, digest: "0x01", spot: 3n * 10n ** 21n };
      expect(await store.give(given, null)).to.equal(null);
      expect(await (await reopened()).give(given, null)).to.equal(null);
      expect(await store.give({ ...given, digest: "0x02" }, null)).to.deep.equal({ of: "time", given });
      expect(await store.lastGiven()).to.deep.equal(given);
    });

    it("gives one signature for a mark", async () => {
      const given = { reportAt: AT + 100, digest: "0x03", spot: 1n };
      expect(await store.give(given, 20_000)).to.equal(null);
      const later = { reportAt: AT + 101, digest: "0x04", spot: 1n };
      expect(await store.give(later, 20_000)).to.deep.equal({ of: "mark", given });
      expect(await store.give(later, 20_001)).to.equal(null);
    });

    it("keeps the reports that were given while the contract takes them, by their digest", async () => {
      const { report } = await draftOf(1);
      expect(await store.givenReport("0x01")).to.equal(null);
      await store.keepGivenReport("0x01", report);
      await store.keepGivenReport("0x01", report);
      expect(await (await reopened()).givenReport("0x01")).to.deep.equal(report);
      await store.keepGivenReport("0x02", { ...report, reportAt: AT + 60 });
      expect(await store.givenReport("0x01")).to.deep.equal(report);
      await store.keepGivenReport("0x03", { ...report, reportAt: AT + 121 });
      expect(await store.givenReport("0x01")).to.equal(null);
    });

    it("keeps what others have in the same database apart", async () => {
      const other = await reopened("another scope");
      expect(await other.lastSurface()).to.equal(null);
      expect(await other.lastGiven()).to.equal(null);
      expect(await other.give({ reportAt: AT, digest: "0x09", spot: 1n }, null)).to.equal(null);
      await reopened();
    });

    if (name === "Postgres")
      it("is told by each connection of its own to sync what it commits, whatever the server does else", async () => {
        const other = await openDatabase(place.url);
        try {
          // The server behind the protocol has one session for all.
          await other.query("SET synchronous_commit = off");
        } finally {
          await other.close();
        }
        const database = await openDatabase(place.url);
        try {
          expect(await database.query("SHOW synchronous_commit")).to.deep.equal([
            { synchronous_commit: "on" },
          ]);
        } finally {
          await database.close();
        }
      });

    it("forgets what is too old to matter", async () => {
      await store.intend(await intentOf(9, AT + 4 * 86_400), 9n);
      await store.forgetIntents(AT + 3 * 86_400);
      expect((await store.intents()).map(({ nonce }) => nonce)).to.deep.equal([7, 8, 8, 9]);
      await store.forgetIntents(AT + 4 * 86_400);
      expect((await store.intents()).map(({ nonce }) => nonce)).to.deep.equal([9]);
      expect((await store.costsSince(0)).map(({ wei }) => wei)).to.deep.equal([9n]);
    });
  });
