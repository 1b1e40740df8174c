import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { ConfigError } from "@meniscus/pricer/service/config";
import { firstLine } from "@meniscus/pricer/service/firstLine";
import { openNode } from "@meniscus/pricer/service/node";
import { expect } from "chai";
import type { JsonRpcProvider } from "ethers";

/** For what is given up, and for what is answered. */
const SECONDS = 3;
/** Of a process that shares its cores with others. */
const MOST_SECONDS = 10;
const PATIENT = { seconds: 30 };

describe("the node as a service talks to it", () => {
  let server: Server;
  let provider: JsonRpcProvider;
  /** Connections that are open. */
  let sockets = new Set<Socket>();
  let asked: IncomingMessage[] = [];
  afterEach(() => {
    provider.destroy();
    server.closeAllConnections();
    server.close();
  });

  async function open(
    answer: (response: ServerResponse, body: string) => void,
    { seconds = SECONDS, login = "" } = {},
  ): Promise<void> {
    asked = [];
    sockets = new Set();
    server = createServer(async (request, response) => {
      asked.push(request);
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      answer(response, Buffer.concat(chunks).toString());
    });
    server.on("connection", (socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    provider = openNode(`http://${login}127.0.0.1:${port}/v3`, 1, seconds);
  }
  const head = (response: ServerResponse) => response.writeHead(200, { "content-type": "application/json" });
  const answerBlock = (response: ServerResponse, body: string) =>
    head(response).end(JSON.stringify({ jsonrpc: "2.0", id: JSON.parse(body).id, result: "0x7" }));

  /** What a request comes to, and after how many seconds; "pending" where that is too many. */
  async function told(): Promise<{ said: string; seconds: number }> {
    const startedAt = performance.now();
    const said = await Promise.race([
      provider.send("eth_blockNumber", []).then(String, firstLine),
      pause(1000 * PATIENT.seconds, "pending", { ref: false }),
    ]);
    return { said, seconds: (performance.now() - startedAt) / 1000 };
  }
  async function expectGivenUp(): Promise<void> {
    for (const { said, seconds } of await Promise.all(Array.from({ length: 5 }, told))) {
      expect(said).to.match(/timeout/);
      expect(seconds).to.be.within(0.9 * SECONDS, MOST_SECONDS);
    }
    await expectAllClosed();
  }
  /** Fetch opens one ahead in place of what it closed: there are some, not more with every request. */
  async function expectAllClosed(): Promise<void> {
    const open = () => asked.filter(({ socket }) => sockets.has(socket)).length;
    for (let times = 0; times < 200 && (open() > 0 || sockets.size > 2); times++) await pause(50);
    expect(open()).to.equal(0);
    expect(sockets.size).to.be.at.most(2);
  }

  it("is given up in time where it never answers, with its socket", async () => {
    await open(() => {});
    await expectGivenUp();
  });

  it("is given up in time where its answer drips, with its socket", async () => {
    const dripping: NodeJS.Timeout[] = [];
    await open((response) => {
      head(response);
      dripping.push(setInterval(() => response.write(" "), 50));
    });
    try {
      await expectGivenUp();
    } finally {
      for (const each of dripping) clearInterval(each);
    }
  });

  it("has one time for both tries, where it asks for patience, however long", async () => {
    // The rest has room for the second try to begin, and a second time of its own would be over the bound.
    const seconds = 5;
    await open(
      (response) => {
        if (asked.length > 1) return;
        setTimeout(() => response.writeHead(429, { "retry-after": "600000" }).end(), 600 * seconds);
      },
      { seconds },
    );
    const given = await told();
    expect(given.said).to.match(/timeout/);
    expect(given.seconds).to.be.within(0.9 * seconds, 1.55 * seconds);
    expect(asked).to.have.length(2);
  });

  it("is read no further than an answer can be long", async () => {
    let sent = 0;
    await open((response) => {
      head(response);
      const more = () => {
        while (!response.destroyed && sent < 1 << 28) {
          sent += 1 << 20;
          if (!response.write(" ".repeat(1 << 20))) return;
        }
        response.end();
      };
      response.on("drain", more);
      more();
    }, PATIENT);
    expect((await told()).said).to.equal("the node's answer is longer than 16777216 bytes");
    expect(sent).to.be.below(1 << 26);
    await expectAllClosed();
  });

  it("is sent nowhere else by a node that sends on", async () => {
    await open(
      (response) => response.writeHead(308, { location: "https://node.example/v3/SECRET" }).end(),
      PATIENT,
    );
    expect((await told()).said).to.equal(
      "the node sends on to node.example: give its own URL in the configuration",
    );
  });

  it("is asked with the name and password of its URL, and answers", async () => {
    await open(answerBlock, { ...PATIENT, login: "user:p%40ss@" });
    expect((await told()).said).to.equal("0x7");
    expect(asked[0]!.headers.authorization).to.equal(`Basic ${btoa("user:p@ss")}`);
    expect(asked[0]!.url).to.equal("/v3");
  });

  it("is not opened with a name or password that cannot be read, and the key is named", async () => {
    await open(answerBlock);
    for (const login of ["user:50%", "us%er:word"])
      expect(() => openNode(`http://${login}@127.0.0.1/v3`, 1, SECONDS)).to.throw(ConfigError, /^rpc: .*%25/);
  });

  it("says with what status it answers in place of the answer", async () => {
    await open((response) => response.writeHead(503).end("busy"), PATIENT);
    expect((await told()).said).to.match(/503/);
  });
});
