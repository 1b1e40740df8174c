import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { buildModule } from "@nomicfoundation/ignition-core";

/** Uniswap's own Permit2, as they compiled it: their universal router's package carries its creation code. */
const FACTORY = "@uniswap/universal-router/typechain/factories/Permit2__factory.ts";

// The file is for ethers 5, so it is read for its one constant and not imported.
const source = readFileSync(createRequire(import.meta.url).resolve(FACTORY), "utf8");

export const permit2Code = /_bytecode\s*=\s*"(0x[0-9a-f]+)"/.exec(source)![1]!;

/** Permit2 on a local chain. What calls it has an interface of its own. */
export default buildModule("LocalPermit2", (m) => {
  const artifact = {
    ...{ _format: "hh3-artifact-1", contractName: "Permit2", sourceName: "Permit2.sol", abi: [] },
    ...{ bytecode: permit2Code, linkReferences: {} },
    // Not asked for: nobody compares it.
    ...{ deployedBytecode: "0x", deployedLinkReferences: {} },
  } as const;
  return { permit2: m.contract("Permit2", artifact, []) };
});
