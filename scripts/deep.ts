/**
 * The long campaigns, `npm run test:deep [-- --seeds N] [--from M] [--only WORD]`: the off-chain properties with other seeds, every
 * fuzz property and stateful campaign at its deep size with them, then the tests of contracts at theirs. Hours rather than minutes;
 * stops at the first failure and names its seed. `--seeds` is how many, `--from` the first: M to M + N - 1, 1 to 8 by default.
 * `--only campaign` runs no more than the files in Solidity whose path holds the word; a campaign's figures are printed.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync, rmSync } from "node:fs";
import { parseArgs } from "node:util";

const FIGURES = "out/campaign-*.json";
const SEED_END = 2 ** 31;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "8" },
    from: { type: "string", default: "1" },
    only: { type: "string" },
  },
});
const [count, first] = [Number(values.seeds), Number(values.from)];
for (const [name, number] of Object.entries({ seeds: count, from: first }))
  if (!Number.isInteger(number) || number < 1) refuse(`--${name} is a whole number from 1 on.`);
if (first + count > SEED_END) refuse(`--from and --seeds lead beyond ${SEED_END - 1}, the last seed.`);
const seeds = Array.from({ length: count }, (_, i) => first + i);

function refuse(reason: string): never {
  console.error(reason);
  process.exit(1);
}

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

const { only } = values;
const files =
  only === undefined ? [] : globSync("test/contracts/**/*.t.sol").filter((file) => file.includes(only));
if (only !== undefined && files.length === 0)
  refuse(`--only: no test in Solidity has "${only}" in its path.`);
if (only === undefined) {
  for (const seed of seeds)
    for (const part of ["test:offchain", "test:flow", "test:services"])
      run(`${part}, seed ${seed}`, ["run", "--silent", part], { MENISCUS_SEED: `${seed}` }, "npm");
}
// A campaign takes what it tests out of the artifacts.
run("build", ["build", "--quiet"]);
for (const seed of seeds) {
  for (const file of globSync(FIGURES)) rmSync(file);
  const environment = { MENISCUS_SEED: `0x${seed.toString(16)}` };
  run(`fuzz and campaigns, seed ${seed}`, ["test", "solidity", ...files], environment);
  for (const file of globSync(FIGURES)) {
    console.log(`${file}: ${JSON.stringify(JSON.parse(readFileSync(file, "utf8")))}`);
  }
}
if (only === undefined) run("contracts", ["test", "mocha"]);
