import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { KeeperSchema } from "@meniscus/keeper/config";
import { runKeeper } from "@meniscus/keeper/run";
import { expect } from "chai";
import { Wallet } from "ethers";
import { pino } from "pino";
import { startStub } from "../support/deribitStub.ts";
import { OWNER } from "../support/keeper/intent.ts";

describe("a keeper's process", () => {
  it("ends after the look in which it is told to, and not an interval later", async () => {
    const folder = mkdtempSync(path.join(tmpdir(), "meniscus-run-"));
    const node = await startStub((_, response) => {
      process.emit("SIGTERM");
      response.end("{}");
    });
    const config = KeeperSchema.parse({
      ...{ rpc: node.api, rpcSeconds: 1, chainId: 1, vault: OWNER.account, filler: OWNER.account },
      ...{ journal: path.join(folder, "journal"), port: null, intervalSeconds: 3600 },
    });
    const options = { jobs: ["hedge"], dryRun: true, once: false, log: pino({ level: "silent" }) } as const;
    try {
      expect(await runKeeper(config, new Wallet(`0x${"01".repeat(32)}`), options)).to.equal(0);
      expect(node.requests).to.not.be.empty;
    } finally {
      await node.close();
      rmSync(folder, { recursive: true, force: true });
    }
  }).timeout(20_000);
});
