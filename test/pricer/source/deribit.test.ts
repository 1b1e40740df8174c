import type { IncomingMessage, ServerResponse } from "node:http";
import { ChainError } from "@meniscus/pricer/chain/chain";
import { deribitSource } from "@meniscus/pricer/source/deribit";
import { expect } from "chai";
import { bookSummary, envelope, json, type Stub, startStub, withIndex } from "../../support/deribitStub.ts";

describe("deribitSource", () => {
  let stub: Stub | undefined;
  afterEach(async () => {
    await stub?.close();
    stub = undefined;
  });

  async function sourceFor(
    answer: (request: IncomingMessage, response: ServerResponse) => void,
    timeoutMs = 5000,
  ) {
    stub = await startStub(withIndex(answer));
    return deribitSource({ currency: "eth", api: stub.api, timeoutMs });
  }

  async function errorFor(
    answer: (request: IncomingMessage, response: ServerResponse) => void,
    timeoutMs?: number,
  ) {
    const source = await sourceFor(answer, timeoutMs);
    return oneLine(source.read());
  }

  async function oneLine(reading: Promise<unknown>): Promise<string> {
    const error = await reading.then(
      () => new Error("the chain was read"),
      (reason: unknown) => reason,
    );
    expect(error).to.be.instanceOf(ChainError);
    const { message } = error as ChainError;
    expect(message).not.to.contain("\n");
    return message;
  }

  /** A source of as many entries as there are times, in seconds after the first millisecond of a stub's entry. */
  const sourceOfTimes = (...seconds: number[]) =>
    sourceFor((_, response) =>
      json(
        response,
        200,
        envelope(
          seconds.map((second, i) =>
            bookSummary(`ETH-27MAR26-${2500 + 100 * i}-C`, {
              creation_timestamp: 1770000000001 + 1000 * second,
            }),
          ),
        ),
      ),
    );

  it("is not dated by an entry ahead of the others, nor holds it", async () => {
    for (const ahead of [16, 3599, 9000]) {
      const chain = await (await sourceOfTimes(0, ahead, 0)).read();
      expect(chain.snapshotAt).to.equal(1770000001);
      expect(chain.quotes).to.have.length(2);
      expect(chain.unread).to.deep.equal({ "time far from the others": 1 });
    }
  });

  it("holds what stands still for a quarter of a minute, and nothing that does for longer", async () => {
    const chain = await (await sourceOfTimes(0, 0, 15, 8, 15)).read();
    expect(chain.snapshotAt).to.equal(1770000016);
    expect(chain.quotes).to.have.length(5);
    const later = await (await sourceOfTimes(-3000, 0, 16, 8, 16)).read();
    expect(later.snapshotAt).to.equal(1770000017);
    expect(later.quotes.map(({ strike }) => strike)).to.deep.equal([2700, 2800, 2900]);
    expect(later.unread).to.deep.equal({ "time far from the others": 1, stale: 1 });
  });

  it("is dated by what most of it is of, where most stands still", async () => {
    const chain = await (await sourceOfTimes(0, 3000, 0, 0, 3000)).read();
    expect(chain.snapshotAt).to.equal(1770000001);
    expect(chain.quotes).to.have.length(3);
  });

  it("reads the book summary of all options of a currency", async () => {
    const source = await sourceFor((_, response) =>
      json(
        response,
        200,
        envelope([
          bookSummary("ETH-27MAR26-3000-C"),
          bookSummary("ETH-27MAR26-2500-P", {
            bid_price: null,
            ask_price: 0,
            creation_timestamp: 1770000001001,
          }),
        ]),
      ),
    );
    const chain = await source.read();
    expect(stub!.requests).to.have.members([
      "/api/v2/public/get_book_summary_by_currency?currency=ETH&kind=option",
      "/api/v2/public/get_index_price?index_name=eth_usd",
    ]);
    expect(chain.currency).to.equal("ETH");
    expect(chain.snapshotAt).to.equal(1770000002);
    expect(chain.source).to.match(/^Deribit live, ETH \(2026-02-02T02:40:01.001Z\)$/);
    expect(chain.unread).to.deep.equal({});
    expect(chain.quotes).to.deep.equal([
      {
        instrument: "ETH-27MAR26-3000-C",
        expiryAt: Date.UTC(2026, 2, 27, 8) / 1000,
        strike: 3000,
        type: "C",
        bid: 0.05,
        ask: 0.052,
        mark: 0.051123,
        markVol: 0.605,
        forward: 2900.5,
        index: 2881.5,
        atMs: 1770000000123,
      },
      {
        instrument: "ETH-27MAR26-2500-P",
        expiryAt: Date.UTC(2026, 2, 27, 8) / 1000,
        strike: 2500,
        type: "P",
        bid: null,
        ask: null,
        mark: 0.051123,
        markVol: 0.605,
        forward: 2900.5,
        index: 2881.5,
        atMs: 1770000001001,
      },
    ]);
  });

  it("says in one line what there is of the index, without which no chain is read", async () => {
    const chain = envelope([bookSummary("ETH-27MAR26-3000-C")]);
    for (const [answer, said] of [
      [
        { error: { code: 10028, message: "too_many_requests" } },
        "Deribit refused the index of ETH: too_many_requests (10028).",
      ],
      [envelope({ index: 2880 }), "something else than Deribit's JSON-RPC"],
      [envelope(undefined), "something else than Deribit's JSON-RPC"],
    ] as const) {
      stub = await startStub((request, response) =>
        json(response, 200, request.url?.includes("get_index_price") ? answer : chain),
      );
      expect(await oneLine(deribitSource({ currency: "ETH", api: stub.api }).read())).to.contain(said);
      await stub.close();
    }
  });

  it("counts entries that are no coin-settled options or have another shape", async () => {
    const source = await sourceFor((_, response) =>
      json(
        response,
        200,
        envelope([
          bookSummary("ETH-27MAR26-3000-C"),
          bookSummary("ETH-PERPETUAL"),
          bookSummary("ETH_USDC-27MAR26-3000-C"),
          bookSummary("BTC-27MAR26-90000-C"),
          bookSummary("ETH-31FEB26-3000-C"),
          bookSummary("ETH-27MAR26-2500-P", { bid_price: "0.05" }),
          null,
        ]),
      ),
    );
    const chain = await source.read();
    expect(chain.quotes).to.have.length(1);
    expect(chain.unread).to.deep.equal({
      "no option": 2,
      "not settled in the coin": 2,
      "entry of another shape": 2,
    });
  });

  it("says in one line that there is no network", async () => {
    const free = await startStub(() => {});
    await free.close();
    const source = deribitSource({ currency: "ETH", api: free.api });
    expect(await oneLine(source.read())).to.match(
      /^Deribit cannot be reached at 127\.0\.0\.1:\d+ \(ECONNREFUSED\): check the network, or use a recorded chain\.$/,
    );
    const nowhere = deribitSource({ currency: "ETH", api: "http://meniscus.invalid/api/v2" });
    expect(await oneLine(nowhere.read())).to.match(
      /cannot be reached at meniscus\.invalid \((ENOTFOUND|EAI_AGAIN)\)/,
    );
  });

  it("says in one line that no answer came in time, also when it stops half way", async () => {
    expect(await errorFor(() => {}, 50)).to.contain("(no answer in 0.05 s)");
    await stub!.close();
    const halfWay = (_: IncomingMessage, response: ServerResponse) => {
      response.writeHead(200);
      response.write('{"result": [');
    };
    expect(await errorFor(halfWay, 50)).to.contain("(no answer in 0.05 s)");
  });

  it("says in one line what Deribit refused", async () => {
    const error = { code: -32602, message: "Invalid params", data: { param: "currency", reason: "unknown" } };
    expect(await errorFor((_, response) => json(response, 400, { jsonrpc: "2.0", error }))).to.equal(
      "Deribit refused the chain of ETH: Invalid params (-32602).",
    );
    await stub!.close();
    expect(await errorFor((_, response) => json(response, 200, envelope([])))).to.equal(
      "Deribit lists no options on ETH.",
    );
  });

  it("says in one line that the answer is something else", async () => {
    const answers: [number, string][] = [
      [502, "<html>Bad Gateway</html>"],
      [200, "[1, 2]"],
      [200, '{"result": {"moved": true}}'],
    ];
    for (const [status, body] of answers) {
      const message = await errorFor((_, response) => {
        response.writeHead(status);
        response.end(body);
      });
      expect(message).to.contain(`answered HTTP ${status} with something else than Deribit's JSON-RPC`);
      await stub!.close();
    }
  });

  it("says in one line that no entry is readable any more", async () => {
    const renamed = [{ instrument: "ETH-27MAR26-3000-C", bid: 0.05 }];
    expect(await errorFor((_, response) => json(response, 200, envelope(renamed)))).to.equal(
      "Deribit's answer holds no readable option on ETH (entry of another shape: 1).",
    );
  });

  it("passes on the caller's interruption", async () => {
    const source = await sourceFor(() => {});
    const reason = await source.read(AbortSignal.timeout(30)).catch((error: Error) => error.name);
    expect(reason).to.equal("TimeoutError");
  });
});
