/** Compiles mutants in a thread in which solc stays loaded: no more than the bytecode of the contracts that they reach. */
import { createRequire } from "node:module";
import path from "node:path";
import { parentPort } from "node:worker_threads";
import { apply, type Mutant } from "./mutants.ts";

const require = createRequire(import.meta.url);
const solc = require("solc") as { compile(input: string): string };

/** What Hardhat gave to solc. */
export interface Input {
  language: string;
  sources: Record<string, { content: string }>;
  settings: Record<string, unknown>;
}

/** A contract as Hardhat keeps it. */
export interface Artifact {
  contractName: string;
  inputSourceName: string;
  buildInfoId: string;
  [key: string]: unknown;
}

/** What the thread is sent; it answers with what {@link mutated} gives. */
export interface Task {
  artifacts: Map<string, Artifact>;
  input: Input;
  mutant: Mutant;
}

interface Bytecode {
  object: string;
  linkReferences: object;
  immutableReferences?: object;
}

interface Output {
  errors?: { severity: string }[];
  contracts?: Record<string, Record<string, { evm: { bytecode: Bytecode; deployedBytecode: Bytecode } }>>;
}

/**
 * Those of a compilation's artifacts that the mutated file is part of, with the mutant's bytecode; their ABI stays the original's,
 * so that no test fails for want of a name. Undefined where the mutant does not compile.
 */
function mutated(
  artifacts: Map<string, Artifact>,
  input: Input,
  mutant: Mutant,
): Map<string, Artifact> | undefined {
  const source = Object.keys(input.sources).find((name) => name.endsWith(`/${mutant.file}`));
  if (source === undefined) return new Map();
  const reached = importersOf(source, input);
  const own = [...artifacts].filter(([, { inputSourceName }]) => reached.has(inputSourceName));
  const content = apply(input.sources[source]!.content, mutant);
  const outputSelection = selectionOf(own.map(([, artifact]) => artifact));
  const output = JSON.parse(
    solc.compile(
      JSON.stringify({
        ...input,
        sources: { ...input.sources, [source]: { content } },
        settings: { ...input.settings, outputSelection },
      }),
    ),
  ) as Output;
  if (output.errors?.some(({ severity }) => severity === "error")) return undefined;
  return new Map(own.map(([name, artifact]) => [name, renewed(artifact, output)]));
}

function renewed(artifact: Artifact, output: Output): Artifact {
  const { evm } = output.contracts![artifact.inputSourceName]![artifact.contractName]!;
  return {
    ...artifact,
    bytecode: `0x${evm.bytecode.object}`,
    linkReferences: evm.bytecode.linkReferences,
    deployedBytecode: `0x${evm.deployedBytecode.object}`,
    deployedLinkReferences: evm.deployedBytecode.linkReferences,
    immutableReferences: evm.deployedBytecode.immutableReferences,
  };
}

/** A source and every one that imports it, directly or not. Our own imports are relative. */
function importersOf(source: string, { sources }: Input): Set<string> {
  const reached = new Set([source]);
  for (let before = 0; before !== reached.size; ) {
    before = reached.size;
    for (const [name, { content }] of Object.entries(sources)) {
      const imports = [...content.matchAll(/from "(\.[^"]+)"/g)].map((match) =>
        path.posix.join(path.posix.dirname(name), match[1]!),
      );
      if (imports.some((imported) => reached.has(imported))) reached.add(name);
    }
  }
  return reached;
}

function selectionOf(artifacts: Artifact[]): Record<string, Record<string, string[]>> {
  const parts = [
    ...["object", "linkReferences"].map((part) => `evm.bytecode.${part}`),
    ...["object", "linkReferences", "immutableReferences"].map((part) => `evm.deployedBytecode.${part}`),
  ];
  const selection: Record<string, Record<string, string[]>> = {};
  for (const { inputSourceName, contractName } of artifacts) {
    selection[inputSourceName] = { ...selection[inputSourceName], [contractName]: parts };
  }
  return selection;
}

parentPort?.on("message", ({ artifacts, input, mutant }: Task) => {
  parentPort!.postMessage(mutated(artifacts, input, mutant));
});
