/**
 * Where mutants are tried: copies of the repository below the system's temporary folder, compiled once, in which a mutant replaces no
 * more than the bytecode of the contracts that it reaches. Of the optimizer there is only what keeps large functions within the stack: the
 * rest changes no behaviour and takes its time.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  globSync,
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
import { Worker } from "node:worker_threads";
import type { Artifact, Input, Task } from "./compile.ts";
import type { Mutant } from "./mutants.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const CARRIED = [
  ...["package.json", "tsconfig.json", "sdk", "cli/package.json", "cli/src", "bench", "deploy"],
  ...["contracts", "test/support", "docs", "scripts/coefficients"],
];
/** Rooms whose tests deploy the whole protocol; the others' do without them, and are compiled sooner. */
const WHOLE = ["book", "pool", "vault"];
/** Whose tests judge a room's mutants: the book is what the pool trades with and the vault stands on, so its limits and views are tested there. */
const judgesOf = (room: string): string[] => (room === "book" ? ["book", "pool", "vault"] : [room]);
/** What of other rooms' tests a room's tests use. */
const ALSO = (room: string): string[] => {
  if (WHOLE.includes(room))
    return globSync("test/contracts/*/*.{sol,ts}", { cwd: ROOT, exclude: ["**/*.t.sol", "**/*.test.ts"] });
  return room === "oracle"
    ? ["test/contracts/clearing/HostileTokens.sol", "test/contracts/clearing/OnePriceOracle.sol"]
    : [];
};
/** Tests of gas alone, which say nothing where nothing is optimized. */
const OF_GAS = ["genuineCrowd.test.ts"];
/** Expression splitting and joining, after which what is too deep in the stack goes to memory. */
const OPTIMIZER = `optimizer: {
      enabled: true,
      details: {
        peephole: false, inliner: false, jumpdestRemover: false, orderLiterals: false,
        deduplicate: false, cse: false, constantOptimizer: false,
        yul: true, yulDetails: { stackAllocation: true, optimizerSteps: "jmul:" },
      },
    }`;
/** For a mutant that loops for ever. No test has a limit of its own, because a loaded machine must not look like a kill. */
const TEST_TIMEOUT_MS = 1_200_000;

/** What the tests say of a mutant, and the first that failed. Undecided: the run ended without a test that failed. */
export interface Verdict {
  verdict: "killed" | "survived" | "does not compile" | "undecided";
  by?: string;
  /** The file of the test that failed, where its output tells. */
  killer?: string | undefined;
}

/** Files of artifacts, by their path in the workshop. */
type Artifacts = Map<string, string>;

/** A compiled copy without mutants. */
export class Workshop {
  readonly folder: string;
  private readonly originals: Artifacts;
  private readonly inputs: Map<string, Input>;
  /** A thread of its own, so that one workshop's compiler holds up no other's tests. */
  private compiler: Worker | undefined;

  private constructor(folder: string, originals: Artifacts = new Map(), inputs = new Map<string, Input>()) {
    this.folder = folder;
    this.originals = originals;
    this.inputs = inputs;
  }

  /** Copies what the tests of `room` need, and compiles it with Hardhat: the settings and names of every later compilation. */
  static async make(room: string): Promise<Workshop> {
    const workshop = new Workshop(mkdtempSync(path.join(tmpdir(), "meniscus-mutate-")));
    const tests = judgesOf(room).map((name) => `test/contracts/${name}`);
    for (const name of [...CARRIED, ...ALSO(room), ...tests]) {
      cpSync(path.join(ROOT, name), path.join(workshop.folder, name), { recursive: true });
    }
    if (!WHOLE.includes(room)) {
      for (const other of WHOLE)
        rmSync(path.join(workshop.folder, "contracts", other), { recursive: true, force: true });
    }
    // Tests in Solidity are slow to compile, and what a unit test finds need not be found twice.
    rmSync(path.join(workshop.folder, `test/contracts/${room}/campaign`), { recursive: true, force: true });
    for (const name of globSync("test/**/*.t.sol", { cwd: workshop.folder })) {
      rmSync(path.join(workshop.folder, name));
    }
    workshop.linkPackages();
    workshop.writeConfig();
    const { passed, output } = await workshop.hardhat(["build", "--quiet"]);
    if (!passed) throw new Error(`The copy does not compile: ${output}`);
    workshop.readArtifacts();
    return workshop;
  }

  /** A second place to run tests in, compiled already. */
  copy(): Workshop {
    const folder = mkdtempSync(path.join(tmpdir(), "meniscus-mutate-"));
    const other = new Workshop(folder, this.originals, this.inputs);
    cpSync(this.folder, other.folder, { recursive: true, verbatimSymlinks: true });
    rmSync(path.join(other.folder, "node_modules"), { recursive: true });
    other.linkPackages();
    return other;
  }

  async remove(): Promise<void> {
    await this.compiler?.terminate();
    rmSync(this.folder, { recursive: true, force: true });
  }

  testsOf(room: string): string[] {
    const folders = judgesOf(room).map((name) => `test/contracts/${name}`);
    const all = folders.flatMap((folder) => globSync(`${folder}/*.test.ts`, { cwd: this.folder }));
    return all.filter((name) => !OF_GAS.includes(path.basename(name)));
  }

  /** Runs tests with a mutant in place of the original, until one fails. */
  async judge(tests: string[], mutant: Mutant): Promise<Verdict> {
    const changed = await this.compile(mutant);
    if (changed === undefined) return { verdict: "does not compile" };
    this.write(changed);
    try {
      const { passed, output } = await this.hardhat(["test", "mocha", "--no-compile", "--bail", ...tests]);
      if (passed) return { verdict: "survived" };
      // Mocha numbers what fails; a crash or the limit above is no verdict.
      const failed = /^ +1\) (.+)$/m.exec(output);
      if (failed === null) return { verdict: "undecided", by: output.slice(-500) };
      const killer = /test\/contracts\/\S+?\.test\.ts/.exec(output.slice(failed.index))?.[0];
      return { verdict: "killed", by: failed[1]!, killer };
    } finally {
      this.write(new Map([...changed.keys()].map((name) => [name, this.originals.get(name)!])));
    }
  }

  /** The artifacts of every contract that the mutated file is part of. */
  private async compile(mutant: Mutant): Promise<Artifacts | undefined> {
    const changed: Artifacts = new Map();
    for (const [id, input] of this.inputs) {
      const own = [...this.originals]
        .map(([name, text]) => [name, JSON.parse(text) as Artifact] as const)
        .filter(([, artifact]) => artifact.buildInfoId === id);
      this.compiler ??= new Worker(new URL("./compile.ts", import.meta.url));
      this.compiler.postMessage({ artifacts: new Map(own), input, mutant } satisfies Task);
      const [compiled] = (await once(this.compiler, "message")) as [Map<string, Artifact> | undefined];
      if (compiled === undefined) return undefined;
      for (const [name, artifact] of compiled) changed.set(name, JSON.stringify(artifact));
    }
    return changed;
  }

  private write(artifacts: Artifacts): void {
    for (const [name, text] of artifacts) writeFileSync(path.join(this.folder, name), text);
  }

  /** Takes up what was compiled, and the compiler's inputs out of Hardhat's way: it would read them for stack traces at every start. */
  private readArtifacts(): void {
    for (const name of globSync("artifacts/{contracts,test}/**/*.json", { cwd: this.folder })) {
      this.originals.set(name, readFileSync(path.join(this.folder, name), "utf8"));
    }
    for (const name of globSync("artifacts/build-info/*.json", { cwd: this.folder })) {
      if (name.endsWith(".output.json")) continue;
      const { id, input } = JSON.parse(readFileSync(path.join(this.folder, name), "utf8")) as {
        id: string;
        input: Input;
      };
      this.inputs.set(id, input);
    }
    rmSync(path.join(this.folder, "artifacts/build-info"), { recursive: true });
  }

  /** Packages are shared, but for those of this repository, which are the copy's own. */
  private linkPackages(): void {
    const modules = path.join(this.folder, "node_modules");
    mkdirSync(path.join(modules, "@meniscus"), { recursive: true });
    for (const name of readdirSync(path.join(ROOT, "node_modules"))) {
      if (name !== "@meniscus") symlinkSync(path.join(ROOT, "node_modules", name), path.join(modules, name));
    }
    for (const name of ["sdk", "cli"]) {
      symlinkSync(path.join(this.folder, name), path.join(modules, "@meniscus", name));
    }
  }

  private writeConfig(): void {
    const config = readFileSync(path.join(ROOT, "hardhat.config.ts"), "utf8")
      .replace(/optimizer: \{[^}]*\}/g, OPTIMIZER)
      .replace(/mocha: \{ timeout: [\d_]+ \}/, "mocha: { timeout: 0 }")
      .replace(
        /default: \{ type: "edr-simulated"/,
        'default: { allowUnlimitedContractSize: true, type: "edr-simulated"',
      );
    writeFileSync(path.join(this.folder, "hardhat.config.ts"), config);
  }

  private hardhat(args: string[]): Promise<{ passed: boolean; output: string }> {
    return new Promise((resolve) => {
      const child = spawn(path.join(ROOT, "node_modules/.bin/hardhat"), args, {
        cwd: this.folder,
        env: { ...process.env, HARDHAT_DISABLE_TELEMETRY: "true" },
        stdio: ["ignore", "pipe", "pipe"],
        timeout: TEST_TIMEOUT_MS,
      });
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
      child.on("close", (code) => resolve({ passed: code === 0, output }));
    });
  }
}
