/**
<<<<<<< HEAD
 * The long campaigns, `npm run test:deep [-- --seeds N --runs N]`: every fuzz property with other seeds and more runs, then the
 * tests of contracts at their deep sizes (`MENISCUS_DEEP=1`). Hours rather than minutes; stops at the first failure and names its seed.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { seeds: { type: "string", default: "8" }, runs: { type: "string", default: "100000" } },
});

function run(title: string, args: string[], environment: Record<string, string>): void {
  console.log(`\n== ${title}`);
  const { status } = spawnSync("hardhat", args, {
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  if (status === 0) return;
  console.error(`${title}: failed`);
  process.exit(1);
}

for (let seed = 1; seed <= Number(values.seeds); seed++) {
  run(`fuzz, seed ${seed}, ${values.runs} runs`, ["test", "solidity"], {
    MENISCUS_FUZZ_RUNS: values.runs,
    MENISCUS_FUZZ_SEED: `0x${seed.toString(16)}`,
  });
}
run("contracts, deep", ["test", "mocha"], { MENISCUS_DEEP: "1" });
=======
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
>>>>>>> clearing
