import { get } from "node:http";
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

  const statusOf = (path: string, host: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      get(new URL(path, endpoint.url), { headers: { host } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      }).on("error", reject);
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
    expect(await statusOf("/health", "evil.example")).to.equal(403);
    expect(await statusOf("/health", "localhost:1")).to.equal(503);
    await endpoint.close();
    await open({ host: "0.0.0.0" });
    expect(await statusOf("/health", "keeper.example")).to.equal(503);
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
    expect(error.message).to.equal(`Port ${port} cannot be listened on: EADDRINUSE.`);
  });
});
