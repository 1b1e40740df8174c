/**
 * The long campaigns, `npm run test:deep [-- --seeds N]`: the off-chain properties with other seeds, every fuzz property and stateful
 * campaign at its deep size with them, then the tests of contracts at theirs. Hours rather than minutes; stops at the first failure and
 * names its seed.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { seeds: { type: "string", default: "8" } } });

function run(
  title: string,
  args: string[],
  environment: Record<string, string> = {},
  command = "hardhat",
): void {
  const startedAt = Date.now();
  console.log(`\n== ${title}`);
  const env = { ...process.env, MENISCUS_DEEP: "1", ...environment };
  const { status } = spawnSync(command, args, { stdio: "inherit", env });
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  console.log(`${title}: ${status === 0 ? "passed" : "FAILED"} in ${seconds} s`);
  if (status !== 0) process.exit(1);
}

for (let seed = 1; seed <= Number(values.seeds); seed++)
  run(`off chain, seed ${seed}`, ["run", "--silent", "test:offchain"], { MENISCUS_SEED: `${seed}` }, "npm");
for (let seed = 1; seed <= Number(values.seeds); seed++)
  run(`fuzz and campaigns, seed ${seed}`, ["test", "solidity"], { MENISCUS_SEED: `0x${seed.toString(16)}` });
run("contracts", ["test", "mocha"]);
