/**
 * Mutation test of a folder of contracts: a seeded sample of small wrong changes, each run against that folder's tests until the first
 * fails. A mutant that lives is a hole in the tests, or equal to the original.
 *
 *   node scripts/mutate.ts contracts/clearing [--sample 200] [--seed 1] [--workers 2] [--json FILE]
 *
 * All mutants of Coverage.sol are in every sample. Works in copies below the system's temporary folder, with the optimizer off (it
 * changes no behaviour and halves the time), and never in the repository. Exit code 1 below 90 % killed.
 */
import { spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { apply, lineOf, type Mutant, mutantsOfFile } from "./mutate/mutants.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const ALWAYS = ["Coverage.sol"];
/** What a room's tests need beyond the room: those of the oracles a surface, feeds and a pool of the local chain, and clearing. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  oracle: [
    ...["contracts/pricing", "contracts/clearing", "contracts/periphery"],
    ...["deploy", "cli/package.json", "cli/src/local"],
    ...["test/contracts/clearing/HostileTokens.sol", "test/contracts/clearing/OnePriceOracle.sol"],
  ],
};
const REQUIRED_PERCENT = 90;
/** For a mutant that loops for ever; generous, because a loaded machine must not look like a kill. */
const MUTANT_TIMEOUT_MS = 600_000;

type Verdict = "killed" | "survived" | "does not compile";

/** mulberry32: the sample is the same for the same seed. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function sampleOf(mutants: Mutant[], size: number, seed: number): Mutant[] {
  const always = mutants.filter(({ file }) => ALWAYS.includes(path.basename(file)));
  const rest = mutants.filter((mutant) => !always.includes(mutant));
  const next = random(seed);
  for (let i = rest.length - 1; i > 0; i -= 1) {
    const j = Math.floor(next() * (i + 1));
    [rest[i], rest[j]] = [rest[j]!, rest[i]!];
  }
  return [...always, ...rest].slice(0, Math.max(size, always.length));
}

/** A copy of what the folder's tests need, with a configuration that compiles fast. */
function makeWorkshop(room: string): string {
  const workshop = mkdtempSync(path.join(tmpdir(), "meniscus-mutate-"));
  const carried = ["package.json", "tsconfig.json", "sdk", "bench", "test/support", `test/contracts/${room}`];
  const rooms = ["types", "interfaces", "control", "local", room];
  for (const name of [...carried, ...(ALSO[room] ?? []), ...rooms.map((each) => `contracts/${each}`)]) {
    cpSync(path.join(ROOT, name), path.join(workshop, name), { recursive: true });
  }
  // The campaign's contracts are slow to compile, and what a unit test finds need not be found twice.
  rmSync(path.join(workshop, `test/contracts/${room}/campaign`), { recursive: true, force: true });
  mkdirSync(path.join(workshop, "node_modules"));
  for (const name of readdirSync(path.join(ROOT, "node_modules"))) {
    if (name !== "@meniscus")
      symlinkSync(path.join(ROOT, "node_modules", name), path.join(workshop, "node_modules", name));
  }
  mkdirSync(path.join(workshop, "node_modules/@meniscus"));
  for (const name of ["sdk", "cli"].filter((each) => existsSync(path.join(workshop, each)))) {
    symlinkSync(path.join(workshop, name), path.join(workshop, "node_modules/@meniscus", name));
  }
  const config = readFileSync(path.join(ROOT, "hardhat.config.ts"), "utf8")
    .replace(/optimizer: \{[^}]*\}/, "optimizer: { enabled: false }")
    .replace(
      /default: \{ type: "edr-simulated"/,
      'default: { allowUnlimitedContractSize: true, type: "edr-simulated"',
    );
  writeFileSync(path.join(workshop, "hardhat.config.ts"), config);
  return workshop;
}

function run(workshop: string, args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(path.join(ROOT, "node_modules/.bin/hardhat"), args, {
      cwd: workshop,
      env: { ...process.env, HARDHAT_DISABLE_TELEMETRY: "true" },
      stdio: "ignore",
      timeout: MUTANT_TIMEOUT_MS,
    });
    child.on("exit", (code) => resolve(code === 0));
  });
}

function testsOf(workshop: string, room: string): string[] {
  const folder = `test/contracts/${room}`;
  // Gas grows and shrinks with any change: it says nothing of what a mutant breaks.
  return readdirSync(path.join(workshop, folder))
    .filter((name) => name.endsWith(".test.ts") && name !== "Gas.test.ts")
    .map((name) => path.join(folder, name));
}

async function judge(workshop: string, mutant: Mutant, original: string, tests: string[]): Promise<Verdict> {
  const file = path.join(workshop, mutant.file);
  writeFileSync(file, apply(original, mutant));
  try {
    if (!(await run(workshop, ["build", "--quiet"]))) return "does not compile";
    return (await run(workshop, ["test", "mocha", "--no-compile", "--bail", ...tests]))
      ? "survived"
      : "killed";
  } finally {
    writeFileSync(file, original);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      sample: { type: "string", default: "200" },
      seed: { type: "string", default: "1" },
      workers: { type: "string", default: "2" },
      json: { type: "string" },
    },
    allowPositionals: true,
  });
  const folder = (positionals[0] ?? "contracts/clearing").replace(/\/$/, "");
  const room = path.basename(folder);
  const files = readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith(".sol"));
  const contents = new Map(
    files.map((name) => [`${folder}/${name}`, readFileSync(path.join(ROOT, folder, name), "utf8")]),
  );
  const all = [...contents].flatMap(([file, content]) => mutantsOfFile(file, content));
  const sample = sampleOf(all, Number(values.sample), Number(values.seed));
  console.log(`${all.length} mutants of ${folder}, ${sample.length} in the sample (seed ${values.seed})`);

  const startedAt = Date.now();
  const verdicts: { mutant: Mutant; line: number; verdict: Verdict }[] = [];
  const queue = [...sample];
  const work = async () => {
    const workshop = makeWorkshop(room);
    try {
      const tests = testsOf(workshop, room);
      if (!(await run(workshop, ["test", "mocha", "--bail", ...tests]))) {
        throw new Error(`The tests of ${folder} fail without any mutant: run them first.`);
      }
      for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
        const original = contents.get(mutant.file)!;
        const verdict = await judge(workshop, mutant, original, tests);
        const line = lineOf(original, mutant);
        verdicts.push({ mutant, line, verdict });
        console.log(
          `${verdicts.length}/${sample.length}  ${verdict.padEnd(16)} ${mutant.file}:${line}  ${mutant.what}`,
        );
      }
    } finally {
      rmSync(workshop, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: Number(values.workers) }, work));

  const killed = verdicts.filter(({ verdict }) => verdict === "killed").length;
  const survivors = verdicts.filter(({ verdict }) => verdict === "survived");
  const compiled = killed + survivors.length;
  const percent = compiled === 0 ? 0 : (100 * killed) / compiled;
  const minutes = (Date.now() - startedAt) / 60_000;
  console.log(
    `${killed} of ${compiled} compiled mutants killed (${percent.toFixed(1)} %) in ${minutes.toFixed(1)} min`,
  );
  for (const { mutant, line } of survivors) console.log(`survived: ${mutant.file}:${line}  ${mutant.what}`);
  if (values.json !== undefined)
    writeFileSync(values.json, `${JSON.stringify({ killed, compiled, percent, survivors }, null, 2)}\n`);
  if (percent < REQUIRED_PERCENT) process.exitCode = 1;
}

await main();
