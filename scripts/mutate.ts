/**
 * Mutation test of a folder of contracts: a seeded sample of small wrong changes, each run against that folder's tests until the first
 * fails. A mutant that lives is a hole in the tests, or equal to the original (scripts/mutate/equivalents.ts, with reasons).
 *
 *   node scripts/mutate.ts contracts/clearing [--sample 200] [--seed 1] [--workers 2] [--json FILE [--resume]]
 *
 * All mutants of Coverage.sol are in every sample. `--json` keeps every verdict as it comes; `--resume` takes over what
 * an earlier run killed, and judges all else again. Never works in the repository itself. Exit code 1 below 90 % killed of those
 * that compile and are not equal to the original.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { EQUIVALENTS } from "./mutate/equivalents.ts";
import { lineOf, type Mutant, mutantsOfFile, nameOf } from "./mutate/mutants.ts";
import { type Verdict, Workshop } from "./mutate/workshop.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const ALWAYS = ["Coverage.sol"];
const REQUIRED_PERCENT = 90;

interface Judged extends Verdict {
  file: string;
  line: number;
  what: string;
  name: string;
}

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

/** The room's tests, the fastest first: most mutants die early. Throws where one fails with a mutant that changes nothing. */
async function timedTests(workshops: Workshop[], room: string, file: string): Promise<string[]> {
  const nothing: Mutant = { file, start: 0, end: 0, text: "", what: "nothing" };
  const times = new Map<string, number>();
  const queue = workshops[0]!.testsOf(room);
  const work = async (workshop: Workshop) => {
    for (let test = queue.shift(); test !== undefined; test = queue.shift()) {
      const startedAt = Date.now();
      const { verdict, by } = await workshop.judge([test], nothing);
      if (verdict !== "survived") throw new Error(`${test} fails without any mutant: ${by}`);
      times.set(test, Date.now() - startedAt);
    }
  };
  await Promise.all(workshops.map(work));
  return [...times.keys()].sort((a, b) => times.get(a)! - times.get(b)!);
}

/** What has killed mutants of the same contract comes first, the last such test before all, then tests named after it. */
function orderFor(mutant: Mutant, tests: string[], killers: string[]): string[] {
  const stem = `${path.basename(mutant.file, ".sol")}.`;
  const named = tests.filter((test) => path.basename(test).startsWith(stem));
  return [...new Set([...killers, ...named, ...tests])];
}

async function judgeAll(
  sample: Mutant[],
  contents: Map<string, string>,
  room: string,
  workers: number,
  keep: (judged: Judged) => void,
): Promise<void> {
  const first = await Workshop.make(room);
  const workshops = [first];
  try {
    while (workshops.length < workers) workshops.push(first.copy());
    const tests = await timedTests(workshops, room, [...contents.keys()][0]!);
    const queue = [...sample];
    const killers = new Map(sample.map(({ file }) => [file, [] as string[]]));
    const work = async (workshop: Workshop) => {
      for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
        const { file, what } = mutant;
        const verdict = await workshop.judge(orderFor(mutant, tests, killers.get(file)!), mutant);
        if (tests.includes(verdict.killer!)) killers.get(file)!.unshift(verdict.killer!);
        const content = contents.get(file)!;
        keep({ file, line: lineOf(content, mutant), what, name: nameOf(content, mutant), ...verdict });
      }
    };
    await Promise.all(workshops.map(work));
  } finally {
    await Promise.all(workshops.map((workshop) => workshop.remove()));
  }
}

/** Prints the score; false where it is too low, or where what is said to be equal was killed. */
function report(judged: Judged[], minutes: number): boolean {
  const isEqual = ({ file, name }: Judged) =>
    EQUIVALENTS.some((each) => each.file === path.basename(file) && each.mutant === name);
  const killed = judged.filter(({ verdict }) => verdict === "killed");
  const survivors = judged.filter(({ verdict }) => verdict === "survived");
  const equal = survivors.filter(isEqual);
  const holes = survivors.filter((each) => !isEqual(each));
  const judgeable = killed.length + holes.length;
  const percent = judgeable === 0 ? 100 : (100 * killed.length) / judgeable;
  const compiled = killed.length + survivors.length;
  console.log(
    `${judged.length} mutants, ${compiled} compiled, ${equal.length} of them equal to the original: ` +
      `${killed.length} of ${judgeable} killed (${percent.toFixed(1)} %) in ${minutes.toFixed(1)} min`,
  );
  for (const { file, line, what, name } of holes)
    console.log(`survived: ${file}:${line}  ${what}  [${name}]`);
  const undecided = judged.filter(({ verdict }) => verdict === "undecided");
  for (const { file, line, name, by } of undecided)
    console.log(`undecided: ${file}:${line}  [${name}]  ${by}`);
  const wronged = killed.filter(isEqual);
  for (const { file, line, name } of wronged) console.log(`not equal after all: ${file}:${line}  [${name}]`);
  return percent >= REQUIRED_PERCENT && wronged.length + undecided.length === 0;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      sample: { type: "string", default: "200" },
      seed: { type: "string", default: "1" },
      workers: { type: "string", default: "2" },
      json: { type: "string" },
      resume: { type: "boolean", default: false },
    },
    allowPositionals: true,
  });
  const folder = (positionals[0] ?? "contracts/clearing").replace(/\/$/, "");
  const names = readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith(".sol"));
  const contents = new Map(
    names.map((name) => [`${folder}/${name}`, readFileSync(path.join(ROOT, folder, name), "utf8")]),
  );
  const all = [...contents].flatMap(([file, content]) => mutantsOfFile(file, content));
  const sample = sampleOf(all, Number(values.sample), Number(values.seed));
  console.log(`${all.length} mutants of ${folder}, ${sample.length} in the sample (seed ${values.seed})`);

  const judged: Judged[] = [];
  if (values.resume && values.json !== undefined && existsSync(values.json)) {
    const earlier = JSON.parse(readFileSync(values.json, "utf8")) as Judged[];
    judged.push(...earlier.filter(({ verdict }) => verdict === "killed" || verdict === "does not compile"));
  }
  const isKnown = (mutant: Mutant) => {
    const name = nameOf(contents.get(mutant.file)!, mutant);
    return judged.some((each) => each.file === mutant.file && each.name === name);
  };
  const keep = (one: Judged) => {
    judged.push(one);
    const { file, line, what, name, verdict, by } = one;
    const told = by === undefined ? verdict : `${verdict} by "${by}"`;
    console.log(`${judged.length}/${sample.length}  ${file}:${line}  ${what}  [${name}]  ${told}`);
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(judged, null, 2)}\n`);
  };
  const startedAt = Date.now();
  const rest = sample.filter((mutant) => !isKnown(mutant));
  await judgeAll(rest, contents, path.basename(folder), Number(values.workers), keep);
  if (!report(judged, (Date.now() - startedAt) / 60_000)) process.exitCode = 1;
}

await main();
