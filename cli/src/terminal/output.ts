/** What a command writes: files, and its figures as data. */
import { fstatSync, rmSync } from "node:fs";
import { access, appendFile, constants, mkdir, realpath, rename, stat, writeFile } from "node:fs/promises";
import { devNull } from "node:os";
import path from "node:path";
import { Option } from "commander";
import { withCleanUp } from "../cleanUp.ts";
import { CliError } from "../cliError.ts";
import { notEmpty } from "./options.ts";

/** Where the bytes go: links are followed; a pipe or a device, which cannot be replaced, is written to as it is. */
interface Target {
  readonly place: string;
  readonly isStream: boolean;
}

const STANDARD_OUTPUT = "/dev/stdout";

async function targetOf(file: string): Promise<Target> {
  const existing = await stat(file).catch(() => null);
  if (existing?.isDirectory()) throw new CliError(`${file} is a folder: name a file.`);
  const place = path.resolve(file);
  if (existing === null) return { place, isStream: false };
  // Where standard output is a file, /dev/stdout leads to it; a new file in its place would not be what the shell has opened.
  if (!existing.isFile() || place.startsWith("/dev/")) return { place, isStream: true };
  return { place: await realpath(place), isStream: false };
}

/** How the system says that a place is there, and not to be written by this user. */
const FORBIDDEN = ["EACCES", "EPERM", "EROFS"];

const draftOf = (place: string) => `${place}.${process.pid}.draft`;

/**
 * Fails when one of the files cannot be written, or two are one, before any work is done; creates their folders.
 * @throws CliError
 */
export async function assertWritable(...files: readonly string[]): Promise<void> {
  const places = new Set<string>();
  for (const file of files) {
    const { place, isStream } = await targetOf(file);
    if (places.has(place)) throw new CliError(`${file} is named twice: give each output a file of its own.`);
    places.add(place);
    try {
      await makeFolder(path.dirname(place));
      // Permissions say little (root has them all): the proof is a draft.
      if (isStream) await access(place, constants.W_OK);
      else await withDraft(place, (draft) => writeFile(draft, ""));
    } catch (error) {
      const isForbidden = FORBIDDEN.includes((error as NodeJS.ErrnoException).code ?? "");
      throw new CliError(
        `${file} cannot be written: choose a place whose folder exists or can be made${isForbidden ? ", and that you may write to" : ""}.`,
      );
    }
  }
}

/** Where `--json [file]` sends the data: into a file, alone to standard output (true), or nowhere. */
export type JsonPlace = string | true | undefined;

/** The option `--json [file]` of every command that has figures; `what` says which, as "the totals". */
export const jsonOption = (what: string): Option =>
  new Option(
    "--json [file]",
    `${what} as data: in the file, else on standard output and nothing else there`,
  ).argParser(notEmpty);

/**
 * {@link assertWritable} for the data and the other files of a command, none of which may be where data is printed.
 * @throws CliError
 */
export async function assertOutputs(json: JsonPlace, ...files: readonly string[]): Promise<void> {
  if (json === true) for (const file of files) await assertApartFromData(file);
  await assertWritable(...files, ...(typeof json === "string" ? [json] : []));
}

/** Writes or prints the data where {@link jsonOption} sends it. */
export async function writeJson(json: JsonPlace, data: unknown): Promise<void> {
  if (json === undefined) return;
  const content = `${JSON.stringify(data, null, 2)}\n`;
  await (json === true ? print(content) : writeOutput(json, content));
}

/** Says where the page went, beside the lines: on stderr where standard output holds data alone or the page itself. */
export function tellPage(file: string | undefined, json: JsonPlace): void {
  if (file === undefined) return;
  const say = json === true || path.resolve(file).startsWith("/dev/") ? console.error : console.log;
  say(`page: ${file}`);
}

/**
 * Fails where a file would be written into the midst of the data, however standard output is spelt.
 * @throws CliError
 */
async function assertApartFromData(file: string): Promise<void> {
  const [existing, output] = [await stat(file).catch(() => null), fstatSync(process.stdout.fd)];
  if (existing?.dev !== output.dev || existing.ino !== output.ino || path.resolve(file) === devNull) return;
  throw new CliError(
    `${file} is standard output, and the data of --json is printed there: name a file of its own.`,
  );
}

/** One by one: where no folder can be made and yet none is refused, as in /proc, Node's own `recursive` tries for ever. */
async function makeFolder(folder: string): Promise<void> {
  if ((await stat(folder).catch(() => null)) !== null) return;
  await makeFolder(path.dirname(folder));
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

/** Writes a file whole or not at all: a reader never sees half of it. */
export async function writeOutput(file: string, content: string): Promise<void> {
  const { place, isStream } = await targetOf(file);
  if (place === STANDARD_OUTPUT) return print(content);
  if (isStream) return appendFile(place, content);
  await withDraft(place, async (draft) => {
    await writeFile(draft, content);
    await rename(draft, place);
  });
}

/** By the stream that all else is printed to: another one would not know how far this one has come. */
function print(content: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(content, () => resolve());
  });
}

/** A draft beside the file, gone at the end whatever happens. */
function withDraft<T>(place: string, work: (draft: string) => Promise<T>): Promise<T> {
  const draft = draftOf(place);
  return withCleanUp(
    () => rmSync(draft, { force: true }),
    () => work(draft),
  );
}
