/**
 * The long campaigns: every stateful campaign of the repository with eight seeds, 256 runs of 100 calls each.
 *
 *   node scripts/deep.ts [--seeds N] [file.t.sol ...]
 */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { parseArgs } from "node:util";

const ROOT = path.resolve(import.meta.dirname, "..");
const CAMPAIGNS = ["test/contracts/clearing/campaign/Clearing.t.sol"];
const HARDHAT = path.join(ROOT, "node_modules/.bin/hardhat");

function hardhat(args: string[], seed?: string): boolean {
  const env = { ...process.env, HARDHAT_DISABLE_TELEMETRY: "true", ...(seed && { MENISCUS_SEED: seed }) };
  return spawnSync(HARDHAT, args, { cwd: ROOT, env, stdio: "inherit" }).status === 0;
}

const { values, positionals } = parseArgs({
  options: { seeds: { type: "string", default: "8" } },
  allowPositionals: true,
});
const files = positionals.length > 0 ? positionals : CAMPAIGNS;
let failed = !hardhat(["build", "--quiet"]);
for (let seed = 1; seed <= Number(values.seeds) && !failed; seed += 1) {
  const startedAt = Date.now();
  console.log(`seed ${seed} of ${values.seeds}`);
  const args = ["--config", "hardhat.deep.config.ts", "test", "solidity", "--no-compile", ...files];
  failed = !hardhat(args, `0x${seed.toString(16)}`);
  console.log(
    `seed ${seed}: ${failed ? "FAILED" : "passed"} in ${Math.round((Date.now() - startedAt) / 1000)} s`,
  );
}
process.exitCode = failed ? 1 : 0;
