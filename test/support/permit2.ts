/** Uniswap's own Permit2, as they compiled it: their universal router's package carries its creation code. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { type AnyContract, ethers } from "./surface.ts";

const FACTORY = "@uniswap/universal-router/typechain/factories/Permit2__factory.ts";
const ABI = [
  "function DOMAIN_SEPARATOR() view returns (bytes32)",
  "function nonceBitmap(address, uint256) view returns (uint256)",
  "error InvalidNonce()",
  "error InvalidSigner()",
  "error InvalidAmount(uint256 maxAmount)",
  "error SignatureExpired(uint256 signatureDeadline)",
];

/** What is signed for a transfer by signature. */
export const TRANSFER_TYPES = {
  PermitTransferFrom: [
    { name: "permitted", type: "TokenPermissions" },
    { name: "spender", type: "address" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
  TokenPermissions: [
    { name: "token", type: "address" },
    { name: "amount", type: "uint256" },
  ],
};

export async function deployPermit2(): Promise<AnyContract> {
  // The file is for ethers 5, so it is read for its one constant and not imported.
  const source = readFileSync(createRequire(import.meta.url).resolve(FACTORY), "utf8");
  const code = /_bytecode\s*=\s*"(0x[0-9a-f]+)"/.exec(source)![1]!;
  const [deployer] = await ethers.getSigners();
  const contract = await new ethers.ContractFactory(ABI, code, deployer).deploy();
  return contract as unknown as AnyContract;
}
