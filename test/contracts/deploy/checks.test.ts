import { readFileSync } from "node:fs";
import path from "node:path";
import type { NetworkFile } from "@meniscus/cli/deploy/networkFile";
import { assertHandedOver, assertPowerless } from "@meniscus/cli/deploy/rights";
import { verifyContract } from "@meniscus/cli/deploy/verification";
import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { expect } from "chai";
import { type EventLog, Interface, makeError, type Provider, type TransactionRequest } from "ethers";
import hre, { network } from "hardhat";
import Handover from "../../../deploy/modules/Handover.ts";
import Market from "../../../deploy/modules/Market.ts";

const PARAMETERS = path.resolve(import.meta.dirname, "../../../deploy/parameters/local.json");
const LENS = "contracts/periphery/Lens.sol:Lens";
const DELAY = 172_800;
const NO_DETAILS = {
  action: "call",
  reason: null,
  transaction: { to: null, data: "0x" },
  invocation: null,
  revert: null,
} as const;
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => "",
    (error: Error) => error.message,
  );

/** A Lens, which keeps its surface as an immutable, and what a journal would say of it. */
async function lens() {
  const { ethers, networkHelpers } = await network.create();
  const surface = `0x${"5".repeat(40)}`;
  const contract = await ethers.deployContract("Lens", [surface]);
  const information = {
    address: await contract.getAddress(),
    contract: LENS,
    constructorArgs: [surface],
    libraries: {},
    creationTxHash: contract.deploymentTransaction()!.hash,
  };
  const provider = ethers.provider as unknown as Provider;
  const verify = (changes: object = {}) => verifyContract(hre, provider, { ...information, ...changes });
  return { provider, information, verify, setCode: networkHelpers.setCode };
}

describe("what a deployment is checked for", () => {
  it("a contract that is this build's passes, immutables and all", async () => {
    const { information, verify } = await lens();
    const { address, constructorArguments } = await verify();
    expect(address).to.equal(information.address);
    expect(constructorArguments).to.equal(`0x${"5".repeat(40).padStart(64, "0")}`);
  });

  it("one that differs in its last byte, or has no code, does not", async () => {
    const { provider, information, verify, setCode } = await lens();
    const code = await provider.getCode(information.address);
    await setCode(information.address, `${code.slice(0, -2)}${code.endsWith("00") ? "01" : "00"}`);
    expect(await messageOf(verify())).to.match(
      new RegExp(`not this build's: byte ${code.length / 2 - 2} of`),
    );
    await setCode(information.address, "0x");
    expect(await messageOf(verify())).to.match(/not this build's: byte 0 of 0 on chain/);
  });

  it("nor does one that was made with other arguments, though its code outside immutables is the same", async () => {
    const { verify } = await lens();
    const message = await messageOf(verify({ constructorArgs: [`0x${"6".repeat(40)}`] }));
    expect(message).to.match(/was not made by this build's creation code and arguments/);
  });

  describe("roles", () => {
    /** A surface behind its access manager, as a module leaves it, and the questions. */
    async function market(module: typeof Handover | typeof Market) {
      const { ethers, ignition } = await network.create();
      const parameters = JSON.parse(readFileSync(PARAMETERS, "utf8"));
      const [deployer, governor, council, guardian, lister] = (await ethers.getSigners()).map(
        ({ address }) => address,
      ) as [string, string, string, string, string];
      const file = { governor, council, guardian, lister, governorDelay: DELAY } as NetworkFile;
      const { control } = await ignition.deploy(module, { parameters: { ...parameters, Handover: file } });
      const [mapped] = await control.queryFilter(control.filters.TargetFunctionRoleUpdated!());
      const abi = new Interface(volSurfaceAbi);
      const surface = { name: "VolSurface", address: (mapped as EventLog).args.target, abi };
      const provider = ethers.provider as unknown as Provider;
      const at = await control.getAddress();
      // Hardhat's provider in this process has errors of its own; a node answers as ethers expects.
      const node = {
        call: (request: TransactionRequest) =>
          ethers.provider.call(request).catch((error: { data?: string }) => {
            throw makeError("reverted", "CALL_EXCEPTION", { ...NO_DETAILS, data: error.data ?? null });
          }),
      } as unknown as Provider;
      return {
        ...{ file, deployer },
        handedOver: (changes: object = {}) =>
          messageOf(assertHandedOver(provider, at, { ...file, ...changes }, [surface], 0)),
        powerless: () => messageOf(assertPowerless(node, [surface], deployer)),
      };
    }

    it("are not the file's before the hand-over, when the deployer is not refused", async () => {
      const { file, deployer, handedOver, powerless } = await market(Market);
      const message = await handedOver();
      expect(message).to.include(`nobody was to be admin ${deployer} after 0 s`);
      expect(message).to.include(`missing is guardian ${file.guardian} after 0 s`);
      expect(await powerless()).to.match(/VolSurface\.setSigners does not refuse/);
    });

    it("are the file's after it, to the holder and the delay, and the deployer is refused everywhere", async () => {
      const { file, handedOver, powerless } = await market(Handover);
      expect(await handedOver()).to.equal("");
      expect(await powerless()).to.equal("");
      expect(await handedOver({ council: file.lister })).to.include(`missing is council ${file.lister}`);
      expect(await handedOver({ governorDelay: 0 })).to.include(`missing is governor ${file.governor}`);
    });
  });
});
