/** The standards' interfaces against what the standards state, so that wallets and integrators find what they look for. */
import IERC4626 from "@openzeppelin/contracts/build/contracts/IERC4626.json" with { type: "json" };
import { expect } from "chai";
import { Interface, type InterfaceAbi } from "ethers";
import hre from "hardhat";

/** ERC-165 id: XOR of the selectors of the functions that the interface declares. */
function interfaceId(abi: InterfaceAbi): string {
  let id = 0n;
  new Interface(abi).forEachFunction((declared) => {
    id ^= BigInt(declared.selector);
  });
  return `0x${id.toString(16).padStart(8, "0")}`;
}

async function abiOf(name: string): Promise<InterfaceAbi> {
  return (await hre.artifacts.readArtifact(name)).abi;
}

function signatures(abi: InterfaceAbi): string[] {
  return new Interface(abi).fragments
    .filter((fragment) => fragment.type === "function" || fragment.type === "event")
    .map((fragment) => fragment.format("sighash"));
}

/** As the ERCs state them: eips.ethereum.org/EIPS/eip-7540, eip-7575, eip-7887. */
const STATED = {
  IERC7540Operator: "0xe3bc4e65",
  IERC7540Deposit: "0xce3bbe50",
  IERC7540Redeem: "0x620ee8e4",
  IERC7575: "0x2f0a18c5",
  IERC7887Deposit: "0x8bf840e3",
  IERC7887Redeem: "0xe76cffc7",
};

describe("standard interfaces", () => {
  for (const [name, stated] of Object.entries(STATED)) {
    it(`${name} has the ERC-165 id ${stated} that its standard states`, async () => {
      expect(interfaceId(await abiOf(name))).to.equal(stated);
    });
  }

  it("a tranche has every function and event of ERC-4626, though it does not inherit them", async () => {
    expect(signatures(await abiOf("ITranche"))).to.include.members(signatures(IERC4626.abi));
  });

  it("an ERC-7575 vault has the events of ERC-4626 with the same parameters indexed", async () => {
    const indexed = (abi: InterfaceAbi, event: string) =>
      new Interface(abi).getEvent(event)?.inputs.map((input) => `${input.type} ${input.indexed}`);
    for (const event of ["Deposit", "Withdraw"])
      expect(indexed(await abiOf("IERC7575"), event)).to.deep.equal(indexed(IERC4626.abi, event));
  });
});
