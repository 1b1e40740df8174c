/** The examples of the pages, run as a reader would: in a process of its own, inside the repository. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";

const ROOT = path.resolve(import.meta.dirname, "../..");
/** The programs of docs/INTEGRATOR.md, each of which is all blocks of one language that a number stands before. */
const PROGRAMS = { examples: "ts", day: "js" } as const;

/** Runs a program of docs/INTEGRATOR.md as one module; gives what it printed. @throws where it fails */
export async function runExamples(
  program: keyof typeof PROGRAMS,
  { rpc, addresses }: { rpc: string; addresses: string },
): Promise<string> {
  const page = readFileSync(path.join(ROOT, "docs/INTEGRATOR.md"), "utf8");
  const language = PROGRAMS[program];
  const numbered = new RegExp(
    `^(\\d+)\\. [^\\n]*(?:\\n(?!\`\`\`)[^\\n]*)*\\n\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``,
    "gm",
  );
  const blocks = [...page.matchAll(numbered)];
  expect(blocks.map(([, number]) => Number(number))).to.deep.equal(blocks.map((_, i) => i + 1));
  const env = { MENISCUS_RPC: rpc, MENISCUS_ADDRESSES: addresses };
  return runProgram(blocks.map(([, , code]) => code).join("\n"), language, env);
}

/** Runs a program in the repository; gives what it printed. @throws where it fails */
export async function runProgram(
  code: string,
  language: "ts" | "js",
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const place = path.join(ROOT, "out/examples", `${process.pid}.${language}`);
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, code);
  try {
    const options = { env: { ...process.env, ...env } };
    return (await promisify(execFile)(process.execPath, [place], options)).stdout;
  } finally {
    rmSync(place);
  }
}
