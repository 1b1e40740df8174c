import { readFileSync } from "node:fs";
import path from "node:path";
import { deployTo, localJournal, withJournals } from "@meniscus/cli/hardhat/deployment";
import { startLocalChain } from "@meniscus/cli/hardhat/localChain";
import type { NetworkFile } from "@meniscus/cli/verbs/deploy/networkFile";
import { assertHandedOver, assertPowerless, assertUntouched } from "@meniscus/cli/verbs/deploy/rights";
import { expect } from "chai";
import { Wallet } from "ethers";
import hre from "hardhat";
import type { AnyContract } from "../../support/surface.ts";

const PARAMETERS = path.resolve(import.meta.dirname, "../../../deploy/parameters/local.json");

describe("the hand-over of a market", () => {
  it("goes on in the journal of a market whose signers, quorum, bounds and quarantine were changed since", async () => {
    const { Market } = JSON.parse(readFileSync(PARAMETERS, "utf8"));
    const { market, signers, quorum, ...surface } = Market;
    const chain = await startLocalChain(hre, { startAt: 1_800_000_000, port: 0 });
    try {
      const deployer = new Wallet(`0x${"1".repeat(64)}`, chain.provider);
      await chain.provider.send("hardhat_setBalance", [deployer.address, "0xde0b6b3a7640000"]);
      const holders = ["2", "3", "4", "5"].map((digit) => new Wallet(`0x${digit.repeat(64)}`).address);
      const [governor, council, guardian, lister] = holders;
      const roles = { governor, council, guardian, lister, governorDelay: 172_800 };
      const destination = {
        url: chain.url,
        journal: localJournal(chain, "handOver"),
        key: deployer.privateKey,
      };
      await withJournals(chain, async () => {
        const deployed = await deployTo(hre, destination, "Market", { Market });
        const { control, volSurface } = deployed as unknown as Record<string, AnyContract>;
        const asDeployer = volSurface!.connect(deployer) as AnyContract;
        await (await asDeployer.setSigners!(market, signers.slice(1), 1)).wait();
        const { quarantine, ...bounds } = { ...surface, levelBps: 5001, quarantine: 660 };
        await (await asDeployer.setBounds!(market, bounds, quarantine)).wait();

        const changed = { signers: signers.slice(1), quorum: 1 };
        const changedSurface = { ...bounds, quarantine };
        const file = { ...roles, market, ...changed, surface: changedSurface } as unknown as NetworkFile;
        const restricted = {
          name: "VolSurface",
          address: String(volSurface!.target),
          abi: volSurface!.interface,
        };
        const asked = [chain.provider, String(control!.target), file, [restricted], 0] as const;
        const before = await assertUntouched(...asked, deployer.address);
        await deployTo(hre, destination, "Handover", {
          Market: { market, ...changed, ...changedSurface },
          Handover: roles,
        });
        const handedOver = await assertHandedOver(...asked, before);
        expect(handedOver.holders).to.have.length(5);
        await assertPowerless(chain.provider, [restricted], deployer.address);
      });
    } finally {
      await chain.close();
    }
  });
});
