/** `npm run bench -- NAME [--json]`: one bench by name. */
const BENCHES: Record<string, (options: { json: boolean }) => Promise<void>> = {
  gas: async (options) => (await import("./gas.ts")).benchGas(options),
  fit: async (options) => (await import("./fit.ts")).benchFit(options),
  contaminated: async (options) => (await import("./contaminated.ts")).benchContaminated(options),
};

const [name = "", ...flags] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  console.error(`bench: say which one: ${Object.keys(BENCHES).join(", ")}`);
  process.exitCode = 1;
} else {
  await bench({ json: flags.includes("--json") });
}
