import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Chain, ChainError } from "@meniscus/pricer/chain/chain";
import {
  type DeribitStreamOptions,
  deribitStream,
  type StreamSource,
} from "@meniscus/pricer/source/deribitStream";
import { expect } from "chai";
import { type SocketStub, startSocketStub, ticker } from "../../support/deribitSocketStub.ts";
import { bookSummary } from "../../support/deribitStub.ts";

const CALL = "ETH-27MAR26-3000-C";
const PUT = "ETH-27MAR26-2500-P";
const RETRY_MS = { first: 20, most: 80 };

describe("deribitStream", () => {
  let stub: SocketStub;
  let source: StreamSource;
  beforeEach(async () => {
    stub = await startSocketStub([CALL, PUT]);
  });
  afterEach(async () => {
    source?.close();
    await stub.close();
  });

  function open(options: Partial<DeribitStreamOptions> = {}): StreamSource {
    source = deribitStream({
      currency: "eth",
      url: stub.url,
      timeoutMs: 3000,
      retryMs: RETRY_MS,
      ...options,
    });
    return source;
  }

  async function oneLine(reading: Promise<unknown>): Promise<string> {
    const error = await reading.then(
      () => new Error("the chain was read"),
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(ChainError);
    expect((error as ChainError).message).not.to.contain("\n");
    return (error as ChainError).message;
  }

  async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = performance.now() + 3000;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error("what the test waits for did not happen in 3 s");
      await sleep(5);
    }
  }

  function isRead(): Promise<boolean> {
    return source.read().then(
      () => true,
      () => false,
    );
  }

  function bidOf(chain: Chain, instrument: string): number | null | undefined {
    return chain.quotes.find((quote) => quote.instrument === instrument)?.bid;
  }

  it("asks for heartbeats and the book summary, then subscribes to every ticker and to new instruments", async () => {
    const chain = await open({ heartbeatSeconds: 45 }).read();
    expect(chain.quotes.map((quote) => quote.instrument)).to.deep.equal([CALL, PUT]);
    expect(chain.source).to.match(/^Deribit stream, ETH \(2026-/);
    expect(stub.connections).to.have.length(1);
    expect(stub.connections[0]!.map(({ method, params }) => ({ method, params }))).to.deep.equal([
      { method: "public/set_heartbeat", params: { interval: 45 } },
      { method: "public/get_book_summary_by_currency", params: { currency: "ETH", kind: "option" } },
      {
        method: "public/subscribe",
        params: { channels: ["instrument.state.option.ETH", `ticker.${CALL}.agg2`, `ticker.${PUT}.agg2`] },
      },
    ]);
  });

  it("subscribes in calls of at most 500 channels", async () => {
    const strikes = Array.from({ length: 1200 }, (_, i) => `ETH-27MAR26-${1000 + i}-C`);
    stub.summary = strikes.map((name) => bookSummary(name));
    expect((await open().read()).quotes).to.have.length(1200);
    const asked = stub.connections[0]!.flatMap(({ params }) =>
      params.channels ? [params.channels.length] : [],
    );
    expect(asked).to.deep.equal([500, 500, 201]);
  });

  it("follows the tickers, the newest winning, and reads from memory", async () => {
    open();
    expect(bidOf(await source.read(), CALL)).to.equal(0.05);
    stub.notify(`ticker.${CALL}.agg2`, ticker(CALL));
    await until(async () => bidOf(await source.read(), CALL) === 0.06);
    const chain = await source.read();
    expect(chain.quotes.find((quote) => quote.instrument === CALL)).to.deep.equal({
      instrument: CALL,
      expiryAt: Date.UTC(2026, 2, 27, 8) / 1000,
      strike: 3000,
      type: "C",
      bid: 0.06,
      ask: 0.062,
      mark: 0.061,
      markVol: 0.61,
      forward: 2910.5,
      index: 2890.25,
      atMs: 1770000005000,
    });
    expect(chain.snapshotAt).to.equal(1770000005);
    stub.notify(`ticker.${CALL}.agg2`, ticker(CALL, { best_bid_price: 0.01, timestamp: 1770000004999 }));
    stub.notify(`ticker.${PUT}.agg2`, ticker(PUT, { best_bid_price: 0, best_ask_price: null }));
    await until(async () => bidOf(await source.read(), PUT) === null);
    expect(bidOf(await source.read(), CALL)).to.equal(0.06);
    expect(stub.connections[0]).to.have.length(3);
  });

  it("refuses a ticker ahead of the clock, which would outdate all that follow", async () => {
    open();
    await source.read();
    const ahead = Date.now() + 60_000;
    stub.notify(`ticker.${CALL}.agg2`, ticker(CALL, { best_bid_price: 0.01, timestamp: ahead }));
    stub.notify(`ticker.${CALL}.agg2`, ticker(CALL));
    await until(async () => bidOf(await source.read(), CALL) === 0.06);
    expect((await source.read()).unread).to.deep.equal({});
  });

  it("says in one line that the clock is behind the venue's, for as long as it is", async () => {
    open();
    await source.read();
    const at = (seconds: number) => ticker(CALL, { timestamp: Date.now() + seconds * 1000 });
    stub.notify(`ticker.${CALL}.agg2`, at(7));
    await until(async () => !(await isRead()));
    expect(await oneLine(source.read())).to.equal("The clock is 7 s behind Deribit's: set it.");
    stub.notify(`ticker.${CALL}.agg2`, at(0));
    await until(isRead);
  });

  it("takes up new instruments and lets go of closed ones", async () => {
    open();
    await source.read();
    const fresh = "ETH-27MAR26-3500-C";
    stub.notify("instrument.state.option.ETH", { timestamp: 1, state: "created", instrument_name: fresh });
    await until(() =>
      stub.connections[0]!.some(({ params }) => params.channels?.includes(`ticker.${fresh}.agg2`) ?? false),
    );
    stub.notify(`ticker.${fresh}.agg2`, ticker(fresh));
    await until(async () => bidOf(await source.read(), fresh) === 0.06);
    stub.notify("instrument.state.option.ETH", { timestamp: 2, state: "closed", instrument_name: PUT });
    await until(async () => (await source.read()).quotes.length === 2);
    expect(bidOf(await source.read(), PUT)).to.equal(undefined);
    for (const name of [CALL, fresh]) {
      stub.notify("instrument.state.option.ETH", { timestamp: 3, state: "closed", instrument_name: name });
    }
    await until(async () => (await source.read().catch((error: Error) => error)) instanceof ChainError);
    expect(await oneLine(source.read())).to.equal("Deribit lists no options on ETH any more.");
  });

  /** The channels of each subscription after the first, where it is of a connection's own; and what comes of new instruments. */
  const laterSubscriptions = () =>
    stub.connections[0]!.filter(({ method }) => method === "public/subscribe")
      .slice(1)
      .map(({ params }) => params.channels);
  const list = (names: readonly string[], state = "created") => {
    for (const name of names)
      stub.notify("instrument.state.option.ETH", { timestamp: 1, state, instrument_name: name });
  };
  const freshNames = (count: number) =>
    Array.from({ length: count }, (_, i) => `ETH-3APR26-${2000 + 10 * i}-C`);

  it("asks for the tickers of a new expiry together, each once, within the venue's limit of calls", async () => {
    open();
    await source.read();
    const names = freshNames(60);
    list(names);
    list(names, "started");
    await until(() => laterSubscriptions().length > 0);
    list(names, "open");
    list([CALL], "open");
    await sleep(400);
    expect(laterSubscriptions()).to.deep.equal([names.map((name) => `ticker.${name}.agg2`)]);
    expect(stub.connections).to.have.length(1);
    for (const name of names) stub.notify(`ticker.${name}.agg2`, ticker(name));
    await until(async () => (await source.read()).quotes.length === 62);
  });

  it("asks for more of them than a call may name in several", async () => {
    open();
    await source.read();
    list(freshNames(700));
    await until(() => laterSubscriptions().length === 2);
    expect(laterSubscriptions().map((channels) => channels!.length)).to.deep.equal([500, 200]);
  });

  it("asks again, not too soon, for those that the venue refuses, and for none that is closed meanwhile", async () => {
    open({ retryMs: { first: 300, most: 300 } });
    await source.read();
    const [first, second, third] = freshNames(3) as [string, string, string];
    stub.refusals = 2;
    list([first, second]);
    await until(() => laterSubscriptions().length === 1);
    list([second], "closed");
    // What comes meanwhile waits with them.
    list([third]);
    const refusedAt = performance.now();
    await until(() => laterSubscriptions().length === 3);
    expect(performance.now() - refusedAt).to.be.within(550, 1500);
    for (const channels of laterSubscriptions().slice(1))
      expect(channels).to.have.members([`ticker.${first}.agg2`, `ticker.${third}.agg2`]);
    await sleep(400);
    expect(laterSubscriptions()).to.have.length(3);
    // Listed again it is new again.
    list([second]);
    await until(() => laterSubscriptions().length === 4);
  });

  it("asks again for those that the answer leaves out, at longer and longer waits, and not for the others", async () => {
    open({ retryMs: { first: 200, most: 10_000 } });
    await source.read();
    const [first, second] = freshNames(2) as [string, string];
    stub.withheld = [`ticker.${second}.agg2`];
    // All that is ever told of them, before the venue has answered.
    for (const state of ["created", "started", "open"]) list([first, second], state);
    await until(() => laterSubscriptions().length === 1);
    expect(laterSubscriptions()[0]).to.have.length(2);
    const leftOutAt = performance.now();
    await until(() => laterSubscriptions().length === 3);
    expect(performance.now() - leftOutAt).to.be.within(550, 1500);
    stub.withheld = [];
    await until(() => laterSubscriptions().length === 4);
    expect(performance.now() - leftOutAt).to.be.within(1350, 2500);
    for (const channels of laterSubscriptions().slice(1))
      expect(channels).to.deep.equal([`ticker.${second}.agg2`]);
    stub.notify(`ticker.${second}.agg2`, ticker(second));
    await until(async () => bidOf(await source.read(), second) === 0.06);
    await sleep(400);
    list([second], "open");
    await sleep(400);
    expect(laterSubscriptions()).to.have.length(4);
  });

  it("forgets with the connection what it asked of it", async () => {
    open();
    await source.read();
    const [name] = freshNames(1) as [string];
    list([name]);
    stub.cut();
    await until(() => stub.connections.length === 2);
    await source.read();
    await sleep(400);
    const asked = stub.connections[1]!.filter(({ method }) => method === "public/subscribe");
    expect(asked).to.have.length(1);
    list([name]);
    await until(() => stub.connections[1]!.at(-1)!.params.channels?.[0] === `ticker.${name}.agg2`);
  });

  it("answers a test request", async () => {
    await open().read();
    stub.say({ jsonrpc: "2.0", method: "heartbeat", params: { type: "heartbeat" } });
    stub.say({ jsonrpc: "2.0", method: "heartbeat", params: { type: "test_request" } });
    await until(() => stub.connections[0]!.length === 4);
    expect(stub.connections[0]!.at(-1)!.method).to.equal("public/test");
  });

  it("comes back after a cut, subscribes anew, and never shows quotes from before it", async () => {
    open();
    await source.read();
    stub.notify(`ticker.${CALL}.agg2`, ticker(CALL));
    await until(async () => bidOf(await source.read(), CALL) === 0.06);
    stub.summary = [bookSummary(PUT, { bid_price: 0.07, creation_timestamp: 1770000009000 })];
    stub.cut();
    await until(() => stub.connections.length === 2);
    const chain = await source.read();
    expect(chain.quotes).to.have.length(1);
    expect(bidOf(chain, PUT)).to.equal(0.07);
    expect(stub.connections[1]!.map(({ method }) => method)).to.deep.equal(
      stub.connections[0]!.map(({ method }) => method),
    );
  });

  it("waits, while the server is away, for its return", async () => {
    open();
    await source.read();
    const port = Number(new URL(stub.url).port);
    await stub.close();
    await sleep(30);
    const reading = source.read();
    stub = await startSocketStub([PUT], port);
    expect((await reading).quotes.map((quote) => quote.instrument)).to.deep.equal([PUT]);
  });

  it("takes silence for the loss of the connection", async () => {
    open({ heartbeatSeconds: 0.1 });
    await source.read();
    const started = performance.now();
    await until(() => stub.connections.length === 2);
    expect(performance.now() - started).to.be.within(150, 1500);
    expect((await source.read()).quotes).to.have.length(2);
  });

  it("stays connected as long as heartbeats come", async () => {
    open({ heartbeatSeconds: 0.1 });
    await source.read();
    for (let beat = 0; beat < 8; beat++) {
      await sleep(60);
      stub.say({ jsonrpc: "2.0", method: "heartbeat", params: { type: "heartbeat" } });
    }
    expect(stub.connections).to.have.length(1);
  });

  /** Heartbeats, and whatever else, ten times. */
  async function beat(between: () => void = () => {}): Promise<void> {
    for (let count = 0; count < 10; count++) {
      await sleep(60);
      stub.say({ jsonrpc: "2.0", method: "heartbeat", params: { type: "heartbeat" } });
      between();
    }
  }

  it("takes tickers that stand still for the loss of the connection, whatever heartbeats come", async () => {
    open({ standstillSeconds: 0.4 });
    await source.read();
    await beat(() => stub.notify(`ticker.${CALL}.agg2`, ticker(CALL)));
    expect(stub.connections).to.have.length(1);
    await beat();
    expect(stub.connections).to.have.length.greaterThan(1);
    expect((await source.read()).quotes).to.have.length(2);
  });

  it("asks for all anew where one ticker goes on and most stand still, for the connection lives", async () => {
    const others = [PUT, "ETH-27MAR26-3500-C"];
    stub.summary = [CALL, ...others].map((name) => bookSummary(name));
    open();
    const { snapshotAt } = await source.read();
    const goOn = async (seconds: number, bid: number, names: string[]) => {
      const timestamp = 1000 * (snapshotAt + seconds);
      for (const name of names)
        stub.notify(`ticker.${name}.agg2`, ticker(name, { timestamp, best_bid_price: bid }));
    };
    await goOn(170, 0.03, [CALL]);
    await until(async () => bidOf(await source.read(), CALL) === 0.03);
    expect((await source.read()).quotes).to.have.length(3);
    await goOn(190, 0.03, [CALL, others[0]!]);
    await until(async () => (await source.read()).quotes.length === 2);
    await goOn(371, 0.04, [CALL]);
    await until(async () => !(await isRead()));
    expect(stub.connections).to.have.length(1);
    expect((await source.read()).quotes).to.have.length(3);
    expect(stub.connections).to.have.length(2);
  });

  it("says that most tickers stand still", async () => {
    stub.summary = [CALL, PUT, "ETH-27MAR26-3500-C"].map((name) => bookSummary(name));
    open();
    const { snapshotAt } = await source.read();
    stub.notify(`ticker.${CALL}.agg2`, ticker(CALL, { timestamp: 1000 * (snapshotAt + 181) }));
    let said = "";
    await until(async () => {
      said = await source.read().then(
        () => "",
        ({ message }) => message,
      );
      return said !== "";
    });
    expect(said).to.equal("Most of Deribit's tickers stand still: the stream is opened anew.");
  });

  it("takes a call without an answer for the loss of the connection, whatever heartbeats come", async () => {
    stub.mute = true;
    open({ answerSeconds: 0.2 });
    const reading = source.read();
    await beat();
    expect(stub.connections).to.have.length.greaterThan(1);
    stub.mute = false;
    expect((await reading).quotes).to.have.length(2);
  });

  it("keeps no quote whose ticker was not subscribed, or cannot be read, and counts it for as long", async () => {
    stub.withheld = [`ticker.${PUT}.agg2`];
    stub.summary = [CALL, PUT, "ETH-27MAR26-3500-C"].map((name) => bookSummary(name));
    open();
    expect((await source.read()).quotes).to.have.length(2);
    for (let count = 0; count < 3; count++) stub.notify(`ticker.${CALL}.agg2`, { instrument_name: CALL });
    await until(async () => (await source.read()).quotes.length === 1);
    expect((await source.read()).unread).to.deep.equal({ "no ticker": 1, "entry of another shape": 1 });
    stub.notify(`ticker.${CALL}.agg2`, ticker(CALL));
    await until(async () => bidOf(await source.read(), CALL) === 0.06);
    expect((await source.read()).unread).to.deep.equal({ "no ticker": 1 });
  });

  it("says in one line that no ticker can be read", async () => {
    stub.summary = [bookSummary(CALL)];
    open();
    await source.read();
    stub.notify(`ticker.${CALL}.agg2`, null);
    await until(async () => !(await isRead()));
    expect(await oneLine(source.read())).to.equal(
      "Deribit lists no options on ETH that can be read (entry of another shape: 1).",
    );
  });

  it("says in one line that the network is away", async () => {
    await stub.close();
    open({ timeoutMs: 150 });
    expect(await oneLine(source.read())).to.match(
      /^Deribit's stream at 127\.0\.0\.1:\d+ gave no chain in 0\.15 s \(the connection failed\): check the network, or use recorded chains\.$/,
    );
  });

  it("says in one line that no answer came", async () => {
    stub.mute = true;
    open({ timeoutMs: 100 });
    expect(await oneLine(source.read())).to.contain("(no answer)");
  });

  it("says in one line what Deribit refused, and tries again at the next read", async () => {
    stub.summary = new Error("too_many_requests");
    open();
    expect(await oneLine(source.read())).to.equal(
      "Deribit refused the chain of ETH: too_many_requests (10028).",
    );
    stub.summary = [];
    await until(async () => (await oneLine(source.read())) === "Deribit lists no options on ETH.");
    stub.summary = [bookSummary(CALL)];
    await until(isRead);
  });

  it("survives whatever is said, and leaves a server that speaks no JSON-RPC", async () => {
    open();
    await source.read();
    stub.notify(`ticker.${CALL}.agg2`, null);
    stub.notify(`ticker.${CALL}.agg2`, ticker("ETH-PERPETUAL"));
    stub.notify(`ticker.${CALL}.agg2`, ticker("BTC-27MAR26-90000-C"));
    stub.notify("instrument.state.option.ETH", null);
    stub.notify("platform_state", { locked: true });
    stub.say({ jsonrpc: "2.0", id: 999, result: "to a call that nobody made" });
    stub.say({ jsonrpc: "2.0", id: null, error: { code: -32600, message: "request entity too large" } });
    stub.say({ jsonrpc: "2.0", method: "subscription" });
    stub.notify(`ticker.${CALL}.agg2`, ticker(CALL));
    await until(async () => bidOf(await source.read(), CALL) === 0.06);
    expect(stub.connections).to.have.length(1);
    for (const noise of ["<html>", "null", "[]", '{"id": "one"}']) {
      const before = stub.connections.length;
      stub.say(noise);
      await until(() => stub.connections.length === before + 1);
      await source.read();
    }
  });

  it("can be interrupted, and closed for good", async () => {
    stub.mute = true;
    open();
    const reason = await source.read(AbortSignal.timeout(30)).catch((error: Error) => error.name);
    expect(reason).to.equal("TimeoutError");
    await until(() => stub.connections.length === 1);
    const waiting = oneLine(source.read());
    source.close();
    expect(await waiting).to.match(/was closed before it gave a chain\.$/);
    await sleep(2 * RETRY_MS.most);
    expect(stub.connections).to.have.length(1);
  });

  it("doubles its wait between attempts up to a limit, and starts over after a success", async () => {
    await stub.close();
    const port = Number(new URL(stub.url).port);
    const attempts: number[] = [];
    const refusing = createServer((connection) => {
      attempts.push(performance.now());
      connection.destroy();
    }).listen(port, "127.0.0.1");
    await once(refusing, "listening");
    open({ retryMs: { first: 100, most: 400 } });
    const reading = source.read();
    await until(() => attempts.length === 5);
    await new Promise((resolve) => {
      refusing.close(resolve);
    });
    stub = await startSocketStub([CALL], port);
    const gaps = attempts.slice(1).map((at, i) => at - attempts[i]!);
    for (const [i, wait] of [100, 200, 400, 400].entries())
      expect(gaps[i]!).to.be.within(wait - 5, wait + 190);
    await reading;
    const cutAt = performance.now();
    stub.cut();
    await until(() => stub.connections.length === 2);
    expect(performance.now() - cutAt).to.be.within(95, 390);
  });
});
