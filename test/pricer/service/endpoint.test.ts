import { request } from "node:http";
import { ConfigError } from "@meniscus/pricer/service/config";
import { type Endpoint, type EndpointOptions, openEndpoint } from "@meniscus/pricer/service/endpoint";
import { expect } from "chai";
import { Gauge, Registry } from "prom-client";

describe("the endpoint of a service", () => {
  let endpoint: Endpoint;
  const open = async (more: Partial<EndpointOptions> = {}) => {
    const health = () => ({ isWell: false, reasons: ["blind"] });
    endpoint = await openEndpoint({ port: 0, registry: new Registry(), health, ...more });
  };
  afterEach(() => endpoint.close());

  /** What a request with just these headers is answered: `fetch` adds some, and a page could not set others. */
  const statusOf = (
    path: string,
    headers: Record<string, string>,
    method = "GET",
  ): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const asked = request(new URL(path, endpoint.url), { method, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on("error", reject);
      asked.end(method === "POST" ? "{}" : "");
    });

  it("answers 500 where an answer breaks, and goes on", async () => {
    const registry = new Registry();
    const collect = () => {
      throw new Error("no number");
    };
    new Gauge({ name: "broken", help: "breaks", registers: [registry], collect });
    await open({ registry, routes: { "GET /broken": () => Promise.reject(new Error("no answer")) } });
    for (const path of ["/metrics", "/broken"])
      expect((await fetch(new URL(path, endpoint.url))).status, path).to.equal(500);
    const health = await fetch(new URL("/health", endpoint.url));
    expect([health.status, await health.json()]).to.deep.equal([503, { isWell: false, reasons: ["blind"] }]);
  });

  it("asks on loopback that it is called by its own name, and elsewhere does not", async () => {
    await open();
    expect(await statusOf("/health", { host: "evil.example" })).to.equal(403);
    expect(await statusOf("/health", { host: "localhost:1" })).to.equal(503);
    await endpoint.close();
    await open({ host: "0.0.0.0" });
    expect(await statusOf("/health", { host: "keeper.example" })).to.equal(503);
  });

  it("lets programs post JSON, and no page in a browser post anything", async () => {
    const bodies: string[] = [];
    const sign = async (body: string) => {
      bodies.push(body);
      return { status: 200, body: "signed" };
    };
    await open({ routes: { "POST /sign": sign } });
    const json = { "content-type": "application/json" };
    const refused: [Record<string, string>, number][] = [
      [{ ...json, origin: "https://evil.example" }, 403],
      [{ ...json, origin: "null" }, 403],
      [{ ...json, origin: endpoint.url }, 403],
      [{ ...json, "sec-fetch-site": "cross-site" }, 403],
      [{ ...json, "sec-fetch-site": "same-site" }, 403],
      [{ "content-type": "text/plain", origin: "https://evil.example" }, 403],
      [{ "content-type": "text/plain" }, 415],
      [{ "content-type": "text/plain; of=application/json" }, 415],
      [{ "content-type": "application/json-not" }, 415],
      [{ "content-type": "application/x-www-form-urlencoded" }, 415],
      [{}, 415],
    ];
    for (const [headers, status] of refused)
      expect(await statusOf("/sign", headers, "POST"), JSON.stringify(headers)).to.equal(status);
    expect(bodies).to.deep.equal([]);
    for (const headers of [json, { "content-type": "application/json; charset=utf-8" }])
      expect(await statusOf("/sign", headers, "POST")).to.equal(200);
    expect(
      (await fetch(`${endpoint.url}/sign`, { method: "POST", headers: json, body: "[]" })).status,
    ).to.equal(200);
    expect(bodies).to.deep.equal(["{}", "{}", "[]"]);
  });

  it("answers what only reads whoever asks, a program, a person in a browser, or a proxy for a page", async () => {
    await open({ routes: { "GET /report": async () => ({ status: 200, body: "{}" }) } });
    const asked = [
      {},
      { "sec-fetch-site": "none" },
      { origin: "https://page.example", "sec-fetch-site": "cross-site" },
    ];
    for (const headers of asked) {
      expect(await statusOf("/metrics", headers)).to.equal(200);
      expect(await statusOf("/health", headers)).to.equal(503);
      expect(await statusOf("/report", headers)).to.equal(200);
    }
    const answered = await fetch(`${endpoint.url}/report`);
    expect(answered.headers.get("access-control-allow-origin")).to.equal(null);
  });

  it("says when its port is taken", async () => {
    await open();
    const { port } = new URL(endpoint.url);
    const again = openEndpoint({
      port: Number(port),
      registry: new Registry(),
      health: () => ({ isWell: true, reasons: [] }),
    });
    const error = await again.catch((each) => each);
    expect(error).to.be.instanceOf(ConfigError);
    expect(error.message).to.equal(`Port ${port} cannot be listened on: another process listens there.`);
  });
});
