/** Recorded market data of the benches: in the folder that `MENISCUS_DATA` names, else in `../shared/data` beside the clone. */
import { readdirSync } from "node:fs";
import path from "node:path";

export const DATA_FOLDER =
  process.env.MENISCUS_DATA ?? path.resolve(import.meta.dirname, "../../shared/data");

/** Every `step`th file of the recorded chains whose name is of a pattern, by name. */
export function recordedChains(pattern: RegExp, step: number): string[] {
  const folder = path.join(DATA_FOLDER, "chains");
  const names = readdirSync(folder).filter((name) => pattern.test(name));
  return names
    .sort()
    .filter((_, i) => i % step === 0)
    .map((name) => path.join(folder, name));
}
