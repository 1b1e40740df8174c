/** Published test vectors. */
import { readFileSync } from "node:fs";
import { dataFile } from "../../support/data.ts";

/** The rows of a CSV file by column name. */
export function readVectors(file: string): Record<string, string>[] {
  const [header, ...lines] = readFileSync(dataFile(file), "utf8").trim().split("\n");
  const names = header!.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, i) => [names[i]!, value])));
}
