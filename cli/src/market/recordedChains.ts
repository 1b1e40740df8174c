/** The recorded chains of a folder, read one by one behind a progress bar. */
import { readdirSync } from "node:fs";
import path from "node:path";
import { ChainError, type CleanChain } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { type ReplayedSurface, type ReplayOptions, replay } from "@meniscus/pricer/evaluation/replay";
import { recordedSource } from "@meniscus/pricer/source/recorded";
import { systemReason } from "@meniscus/sdk/systemReason";
import { SingleBar } from "cli-progress";
import { CliError } from "../cliError.ts";

interface FolderOptions extends ReplayOptions {
  /** Of every file; one that holds a single currency needs none. */
  readonly currency?: string | undefined;
}

interface ReplayedFolder {
  readonly results: ReplayedSurface[];
  /** Why each file that could not be read was left out. */
  readonly leftOut: readonly string[];
}

/** Fits every chain of `folder`, by name; what cannot be read is told on stderr and left out. */
export async function replayFolder(
  folder: string,
  { currency, ...options }: FolderOptions = {},
): Promise<ReplayedFolder> {
  const files = chainFiles(folder);
  const bar = new SingleBar({
    format: "{bar} {value}/{total} {file}",
    stream: process.stderr,
    clearOnComplete: true,
  });
  const unread: string[] = [];
  const results: ReplayedSurface[] = [];
  bar.start(files.length, 0, { file: "" });
  try {
    for await (const result of replay(readAll(files, currency, unread, bar), options)) results.push(result);
  } finally {
    bar.stop();
  }
  for (const reason of unread) console.error(`left out: ${reason}`);
  if (results.length === 0) throw new CliError(`No chain in ${folder} can be fitted.`);
  return { results, leftOut: unread };
}

/** The chain files of a folder by name, which for recordings is by currency and time. @throws CliError where there are none */
export function chainFiles(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT")
      throw new CliError(`There is no folder ${folder}: name the one that holds recorded chains.`);
    if (code === "ENOTDIR")
      throw new CliError(`${folder} is no folder: name the one that holds the recorded chains.`);
    throw new CliError(
      `The folder ${folder} cannot be read: ${systemReason(error)}. Allow it, or name another.`,
    );
  }
  const files = names.filter((name) => /\.csv(\.gz)?$/i.test(name)).sort();
  if (files.length === 0) throw new CliError(`${folder} holds no recorded chain (*.csv, *.csv.gz).`);
  return files.map((name) => path.join(folder, name));
}

/** Reads and cleans one file after the other; what cannot be read is noted in `unread` and left out. */
async function* readAll(
  files: readonly string[],
  currency: string | undefined,
  unread: string[],
  bar: SingleBar,
): AsyncGenerator<CleanChain> {
  for (const file of files) {
    try {
      yield cleanChain(await recordedSource(file, currency).read());
    } catch (error) {
      if (!(error instanceof ChainError)) throw error;
      unread.push(error.message);
    }
    bar.increment(1, { file: path.basename(file) });
  }
}
