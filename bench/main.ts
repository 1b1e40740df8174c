/** `npm run bench -- NAME [--json]`: one bench by name. */
import type { PoolBenchOptions } from "./pool.ts";

/** The pool's bench has options of its own; the others leave them. */
const BENCHES: Record<string, (options: PoolBenchOptions) => Promise<void>> = {
  gas: async (options) => (await import("./gas.ts")).benchGas(options),
  fit: async (options) => (await import("./fit.ts")).benchFit(options),
  contaminated: async (options) => (await import("./contaminated.ts")).benchContaminated(options),
  pool: async (options) => (await import("./pool.ts")).benchPool(options),
};

const [name = "", ...flags] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  console.error(`bench: say which one: ${Object.keys(BENCHES).join(", ")}`);
  process.exitCode = 1;
} else {
  const given = (flag: string) => flags.includes(flag);
  await bench({ json: given("--json"), all: given("--all"), sensitivity: given("--sensitivity") });
}
