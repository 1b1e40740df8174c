/**
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
    // The stateful campaigns.
    MENISCUS_CAMPAIGN_RUNS: "256",
    MENISCUS_CAMPAIGN_DEPTH: "100",
  });
}
run("contracts, deep", ["test", "mocha"], { MENISCUS_DEEP: "1" });
