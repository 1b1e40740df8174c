/** `meniscus replay`: fits every recorded chain of a folder and keeps the score against the unconstrained fit. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { ChainError, type CleanChain } from "@meniscus/pricer/chain";
import { cleanChain } from "@meniscus/pricer/clean";
import { type ReplayedSurface, replay, totalsOf } from "@meniscus/pricer/replay";
import { recordedSource } from "@meniscus/pricer/source/recorded";
import { SingleBar } from "cli-progress";
import { Command } from "commander";
import { CliError } from "../cliError.ts";
import { printReplay } from "./table.ts";

interface ReplayCommandOptions {
  chains: string;
  json: boolean;
  warm: boolean;
}

export function replayCommand(): Command {
  return new Command("replay")
    .description("Fit every recorded chain of a folder; exit code 1 if a surface is not certified.")
    .requiredOption("--chains <folder>", "the folder of recorded chains (*.csv, *.csv.gz)")
    .option("--json", "print the totals as data", false)
    .option("--warm", "start each fit from the surface before it, as a running pricer does", false)
    .action(replayFolder);
}

async function replayFolder({ chains, json, warm }: ReplayCommandOptions): Promise<void> {
  const files = await chainFiles(chains);
  const bar = new SingleBar({
    format: "{bar} {value}/{total} {file}",
    stream: process.stderr,
    clearOnComplete: true,
  });
  const unread: string[] = [];
  const results: ReplayedSurface[] = [];
  bar.start(files.length, 0, { file: "" });
  try {
    for await (const result of replay(readAll(files, unread, bar), { warm })) results.push(result);
  } finally {
    bar.stop();
  }
  for (const reason of unread) console.error(`left out: ${reason}`);
  if (results.length === 0) throw new CliError(`No chain in ${chains} can be fitted.`);
  const totals = totalsOf(results);
  if (json) console.log(JSON.stringify(totals, null, 2));
  else printReplay(results, totals);
  if (totals.uncertified > 0) throw new CliError(`${totals.uncertified} surfaces are not certified.`);
}

/** The chain files of a folder by name, which for recordings is by currency and time. */
async function chainFiles(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => {
    throw new CliError(`There is no folder ${folder}: name the one that holds recorded chains.`);
  });
  const files = names.filter((name) => /\.csv(\.gz)?$/.test(name)).sort();
  if (files.length === 0) throw new CliError(`${folder} holds no recorded chain (*.csv, *.csv.gz).`);
  return files.map((name) => path.join(folder, name));
}

/** Reads and cleans one file after the other; what cannot be read is noted in `unread` and left out. */
async function* readAll(
  files: readonly string[],
  unread: string[],
  bar: SingleBar,
): AsyncGenerator<CleanChain> {
  for (const file of files) {
    try {
      yield cleanChain(await recordedSource(file).read());
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      unread.push(error.message);
    }
    bar.increment(1, { file: path.basename(file) });
  }
}
