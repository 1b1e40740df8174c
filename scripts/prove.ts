/**
 * Proves the ledger's arithmetic with solc's SMTChecker (engine CHC) and Debian's z3, over every sequence of calls; then plants bugs
 * in the ledger, each of which some proof must refute, because a proof that no bug can break proves nothing. Coverage has loops and
 * divisions that no solver here follows: its proof is by exhaustion, every small book against its definition, and its planted bugs
 * are the mutants of scripts/mutate.ts.
 *
 *   node scripts/prove.ts [--seconds N]     N: limit of each query, default 300
 *
 * "Unknown" counts as a failure. Without z3 the ledger is one visible skip. MENISCUS_Z3 names another binary.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { BUGS } from "../proofs/plantedBugs.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const PROOFS = "proofs/LedgerProofs.sol";
const LEDGER = "contracts/clearing/Ledger.sol";
const CONTRACTS = ["Conservation", "Collateral", "Steps"] as const;
const Z3 = process.env.MENISCUS_Z3 ?? "z3";
/** Of solc's own: what its bundled callback gives z3. */
const Z3_PARAMETERS = [
  "rewriter.pull_cheap_ite=true",
  "fp.spacer.q3.use_qgen=true",
  "fp.spacer.mbqi=false",
  "fp.spacer.ground_pobs=false",
];

interface Diagnostic {
  errorCode?: string;
  message: string;
  severity: string;
  formattedMessage: string;
}

interface Outcome {
  proved: number;
  refuted: number;
  unknown: number;
  seconds: number;
  messages: string[];
}

const require = createRequire(import.meta.url);
const solc = require("solc") as { compile(input: string, callbacks: object): string };
const { smtCallback } = require("solc/smtchecker") as {
  smtCallback(solve: (query: string) => string): (query: string) => object;
};

function askZ3(query: string, seconds: number): string {
  const folder = mkdtempSync(path.join(tmpdir(), "meniscus-prove-"));
  try {
    const file = path.join(folder, "query.smt2");
    writeFileSync(file, query);
    const run = spawnSync(Z3, ["-smt2", `-T:${seconds}`, ...Z3_PARAMETERS, file], {
      encoding: "utf8",
      maxBuffer: 1 << 28,
    });
    // z3 exits with 1 when it is asked for a model of what has none; its answer counts all the same.
    return run.stdout === "" ? "unknown" : run.stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Counts what the solver says of one contract's assertions, with the ledger as it is or with a bug in it. */
function prove(contract: string, ledger: string, seconds: number): Outcome {
  const startedAt = Date.now();
  const input = {
    language: "Solidity",
    sources: {
      [PROOFS]: { content: readFileSync(path.join(ROOT, PROOFS), "utf8") },
      [LEDGER]: { content: ledger },
    },
    settings: {
      modelChecker: {
        engine: "chc",
        solvers: ["smtlib2"],
        targets: ["assert"],
        contracts: { [PROOFS]: [contract] },
        showProvedSafe: true,
        showUnproved: true,
        divModNoSlacks: true,
      },
    },
  };
  const smtSolver = smtCallback((query) => askZ3(query, seconds));
  const output = JSON.parse(solc.compile(JSON.stringify(input), { smtSolver })) as { errors?: Diagnostic[] };
  const diagnostics = output.errors ?? [];
  const fatal = diagnostics.find(({ severity }) => severity === "error");
  if (fatal) throw new Error(fatal.formattedMessage);
  const messages = diagnostics
    .filter(({ message }) => message.startsWith("CHC:"))
    .map(({ formattedMessage }) => formattedMessage);
  const count = (pattern: RegExp) => messages.filter((message) => pattern.test(message)).length;
  return {
    proved: count(/check is safe/),
    refuted: count(/violation happens here/),
    unknown: count(/might happen|could not be proved/),
    seconds: (Date.now() - startedAt) / 1000,
    messages,
  };
}

function report(name: string, outcome: Outcome, good: boolean): void {
  const { proved, refuted, unknown, seconds } = outcome;
  const counts = `${proved} proved, ${refuted} refuted, ${unknown} unknown`;
  console.log(`${good ? "ok  " : "FAIL"}  ${name.padEnd(48)} ${counts}  ${seconds.toFixed(1)} s`);
}

/** How many assertions a proof contract states. */
function assertionsOf(contract: string): number {
  const source = readFileSync(path.join(ROOT, PROOFS), "utf8");
  const body = source.slice(source.indexOf(`contract ${contract} `)).split("\n}\n")[0]!;
  return body.split("assert(").length - 1;
}

/** Every small book, counted by the test itself; false where one differs. */
function proveCoverage(): boolean {
  const startedAt = Date.now();
  const test = ["test", "mocha", "test/contracts/clearing/Coverage.test.ts", "--grep", "every small book"];
  const env = { ...process.env, HARDHAT_DISABLE_TELEMETRY: "true" };
  const { status, stdout, stderr } = spawnSync("hardhat", test, { cwd: ROOT, env, encoding: "utf8" });
  const good = status === 0 && / [1-9]\d* passing/.test(stdout);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `${good ? "ok  " : "FAIL"}  ${"every small book".padEnd(48)} ${seconds} s, compilation included`,
  );
  if (!good) console.log(stdout + stderr);
  return good;
}

function main(): void {
  const { values } = parseArgs({ options: { seconds: { type: "string", default: "300" } } });
  console.log("Coverage, by exhaustion");
  let failures = proveCoverage() ? 0 : 1;
  if (failures > 0) process.exitCode = 1;
  if (spawnSync(Z3, ["--version"]).status !== 0) {
    console.log("Ledger: skipped, z3 is not installed (Debian: apt-get install z3)");
    return;
  }
  const ledger = readFileSync(path.join(ROOT, LEDGER), "utf8");
  console.log("Proofs of contracts/clearing/Ledger.sol");
  for (const contract of CONTRACTS) {
    const outcome = prove(contract, ledger, Number(values.seconds));
    const good = outcome.proved === assertionsOf(contract) && outcome.refuted + outcome.unknown === 0;
    report(contract, outcome, good);
    if (!good)
      for (const message of outcome.messages) console.log(`      ${message.replaceAll("\n", "\n      ")}`);
    failures += good ? 0 : 1;
  }
  console.log("Planted bugs, each to be refuted");
  for (const { name, from, to } of BUGS) {
    if (ledger.split(from).length !== 2) throw new Error(`"${from}" is not in the ledger once: mend BUGS`);
    const buggy = ledger.replace(from, to);
    let caught: Outcome | undefined;
    for (const contract of CONTRACTS) {
      const outcome = prove(contract, buggy, Number(values.seconds));
      if (outcome.refuted > 0) caught = outcome;
      if (caught) break;
    }
    failures += caught ? 0 : 1;
    report(
      name,
      caught ?? { proved: 0, refuted: 0, unknown: 0, seconds: 0, messages: [] },
      caught !== undefined,
    );
  }
  if (failures > 0) process.exitCode = 1;
}

if (import.meta.main) main();
