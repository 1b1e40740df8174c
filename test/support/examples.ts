/** The numbered examples of docs/INTEGRATOR.md, run as a reader would: in a process of its own, inside the repository. */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { expect } from "chai";

const ROOT = path.resolve(import.meta.dirname, "../..");
/** The page's programs, each of which is all blocks of one language that a number stands before. */
const PROGRAMS = { examples: "ts", day: "js" };

/** Runs a program as one module; gives what it printed. @throws where it fails */
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
  const place = path.join(ROOT, "out/examples", `${process.pid}.${language}`);
  mkdirSync(path.dirname(place), { recursive: true });
  writeFileSync(place, blocks.map(([, , code]) => code).join("\n"));
  try {
    const env = { ...process.env, MENISCUS_RPC: rpc, MENISCUS_ADDRESSES: addresses };
    return (await promisify(execFile)(process.execPath, [place], { env })).stdout;
  } finally {
    rmSync(place);
  }
}
