import { type ServeOptions, servePricer, verdictOf } from "@meniscus/pricer/publisher/serve";
import { PricerSchema } from "@meniscus/pricer/service/config";
import { expect } from "chai";
import { Wallet } from "ethers";
import { pino } from "pino";
import { startStub } from "../../support/deribitStub.ts";
import { AT, MARKET, sourceOf } from "../../support/pricer/draft.ts";

describe("a pricer's health", () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });

  const optionsOf = (rpc: string): ServeOptions => ({
    config: PricerSchema.parse({
      ...{
        market: MARKET,
        rpc,
        rpcSeconds: 0.1,
        signers: ["http://127.0.0.1:9"],
        store: ":memory:",
        port: 0,
      },
    }),
    wallet: new Wallet(`0x${"33".repeat(32)}`),
    source: sourceOf(1),
    clock: () => AT + 1,
    log: pino({ level: "silent" }),
    interval: 0.01,
  });
  const healthAt = async (url: string) => {
    const answer = await fetch(`${url}/health`);
    return { status: answer.status, ...((await answer.json()) as { reasons: string[] }) };
  };

  it("is bad before a node that never answers, after three steps", async () => {
    const silent = await startStub(() => {});
    open.push(silent);
    const third = Promise.withResolvers<void>();
    let steps = 0;
    const endpoint = await servePricer({
      ...optionsOf(silent.api),
      onResult: () => ++steps === 3 && third.resolve(),
    });
    open.push(endpoint);
    await third.promise;
    const { status, reasons } = await healthAt(endpoint.url);
    expect(status).to.equal(503);
    expect(reasons[0]).to.match(/^stuck: .*"at":"chain".*timeout/);
  });

  it("starts before a node that is down, and says so at once", async () => {
    const lines: string[] = [];
    const log = pino({}, { write: (line) => lines.push(line) });
    open.push(await servePricer({ ...optionsOf("http://127.0.0.1:9"), log }));
    const { level, msg, reason } = JSON.parse(lines[0]!);
    expect({ level, msg }).to.deep.equal({ level: 40, msg: "the node does not answer yet" });
    expect(reason).to.match(/ECONNREFUSED|bad port|timeout/);
  });

  it("counts a transaction on its way neither as well done nor as failed, so those that are lost add up", () => {
    expect(verdictOf({ kind: "quiet", why: "pending" })).to.equal("open");
    expect(verdictOf({ kind: "stuck", at: "post", reason: "lost" })).to.equal("failed");
    expect(verdictOf({ kind: "quiet", why: "early" })).to.equal("open");
    expect(verdictOf({ kind: "quiet", why: "outrun" })).to.equal("sound");
    expect(verdictOf({ kind: "quiet", why: "unchanged" })).to.equal("sound");
    expect(verdictOf({ kind: "quiet", why: "slot signed" })).to.equal("sound");
    expect(verdictOf({ kind: "quiet", why: "slot spent" })).to.equal("failed");
  });

  it("is bad while no step ends, and good again when one does", async () => {
    let now = AT + 1;
    const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const source = {
      read: async () => {
        asked.resolve();
        await answer.promise;
        return sourceOf(1).read();
      },
    };
    const stepped = Promise.withResolvers<void>();
    const endpoint = await servePricer({
      ...{ ...optionsOf("http://127.0.0.1:9"), source, clock: () => now },
      onResult: () => stepped.resolve(),
    });
    open.push(endpoint);
    await asked.promise;
    expect((await healthAt(endpoint.url)).status).to.equal(200);
    now += 121;
    expect(await healthAt(endpoint.url)).to.deep.include({ status: 503, reasons: ["no step for 121 s"] });
    answer.resolve();
    await stepped.promise;
    expect((await healthAt(endpoint.url)).status).to.equal(200);
  });
});
