/** Uniswap's own Permit2. */
import { permit2Code } from "../../deploy/modules/LocalPermit2.ts";
import { type AnyContract, ethers } from "./surface.ts";

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
  const [deployer] = await ethers.getSigners();
  const contract = await new ethers.ContractFactory(ABI, permit2Code, deployer).deploy();
  return contract as unknown as AnyContract;
}
