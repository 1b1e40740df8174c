import { hasClz } from "@meniscus/cli/verbs/deploy/preflight";
import { expect } from "chai";
import { JsonRpcProvider } from "ethers";
import { network } from "hardhat";

describe("the probe for CLZ, asked of nodes", () => {
  for (const [hardfork, isThere] of [
    ["osaka", true],
    ["prague", false],
  ] as const) {
    it(`says ${isThere} of ${hardfork}`, async () => {
      const server = await network.createServer({ network: "node", override: { hardfork } }, "127.0.0.1", 0);
      const { port } = await server.listen();
      const provider = new JsonRpcProvider(`http://127.0.0.1:${port}`);
      try {
        expect(await hasClz(provider)).to.equal(isThere);
      } finally {
        provider.destroy();
        await server.close();
      }
    });
  }
});
