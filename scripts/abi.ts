/**
 * Writes sdk/src/abi/<name>.ts from the compiled contracts: each ABI as a const, so that types follow from it.
 *
 *   node scripts/abi.ts           writes the files (build first)
 *   node scripts/abi.ts --check   exits 1 where a file is not what it would write
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "..");

/** The contracts whose ABI the sdk carries: source below contracts/, without `.sol`. */
export const ABI_SOURCES = [
  "control/Control",
  "pricing/VolSurface",
  "oracle/SpotOracle",
  "oracle/SettlementOracle",
  "periphery/Lens",
  "periphery/Router",
  "clearing/Clearinghouse",
  "clearing/Listing",
  "clearing/OptionERC20",
  "clearing/OptionERC20Factory",
  "book/Book",
  "book/BookTermsBounds",
  "pool/OptionPool",
  "vault/Tranche",
  "vault/LiquidityVault",
  "vault/DeltaHedger",
  "periphery/UniswapFiller",
  "periphery/Upkeep",
] as const;

/** Where a contract's ABI goes: `pricing/VolSurface` to `sdk/src/abi/volSurface.ts`. */
export function abiFile(source: string): string {
  return path.join(ROOT, "sdk/src/abi", `${lowerFirst(path.basename(source))}.ts`);
}

/** The text of that file, from the contract's artifact. */
export function abiText(source: string): string {
  const name = path.basename(source);
  const artifact = path.join(ROOT, "artifacts/contracts", `${source}.sol`, `${name}.json`);
  if (!existsSync(artifact)) throw new Error(`${artifact} is missing: run \`hardhat build\` first`);
  const { abi } = JSON.parse(readFileSync(artifact, "utf8")) as { abi: unknown[] };
  const entries = abi.map((entry) => `  ${JSON.stringify(entry)},`).join("\n");
  return [
    `/** The ABI of contracts/${source}.sol, written by scripts/abi.ts. */`,
    "// biome-ignore format: generated, one entry a line",
    `export const ${lowerFirst(name)}Abi = [`,
    entries,
    "] as const;",
    "",
  ].join("\n");
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

function main(): void {
  const stale = ABI_SOURCES.filter((source) => {
    const file = abiFile(source);
    return !existsSync(file) || readFileSync(file, "utf8") !== abiText(source);
  });
  if (process.argv.includes("--check")) {
    for (const source of stale) console.error(`${abiFile(source)} is stale: run node scripts/abi.ts`);
    process.exitCode = stale.length > 0 ? 1 : 0;
    return;
  }
  for (const source of stale) writeFileSync(abiFile(source), abiText(source));
  console.log(`${stale.length} of ${ABI_SOURCES.length} ABIs written`);
}

if (import.meta.main) main();
