/** Files that a command writes. */
import { access, constants, mkdir, rename, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { CliError } from "./cliError.ts";

/**
 * Fails when `file` cannot be written, before any work is done; creates its folder.
 * @throws CliError
 */
export async function assertWritable(file: string): Promise<void> {
  const target = path.resolve(file);
  try {
    await mkdir(path.dirname(target), { recursive: true });
    await access(path.dirname(target), constants.W_OK);
  } catch {
    throw new CliError(`${file} cannot be written: choose a place whose folder exists or can be made.`);
  }
  const existing = await stat(target).catch(() => null);
  if (existing?.isDirectory()) throw new CliError(`${file} is a folder: name a file.`);
}

/** Writes a file whole or not at all: a reader never sees half of it. */
export async function writeOutput(file: string, content: string): Promise<void> {
  const draft = `${path.resolve(file)}.draft`;
  await writeFile(draft, content);
  await rename(draft, path.resolve(file));
}
