import { readdirSync } from "node:fs";
import path from "node:path";

/** What is installed, built or written by a run: no part of the repository. */
const MADE = new Set(["node_modules", ".git", "artifacts", "cache", "out"]);

/** The repository's own files below a folder, by the end of their names. */
export function filesBelow(folder: string, end = ""): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return MADE.has(entry.name) ? [] : filesBelow(file, end);
    return entry.name.endsWith(end) ? [file] : [];
  });
}
