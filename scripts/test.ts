/**
 * All tests, in two lanes side by side that take about as long: a build, then the contracts' tests; meanwhile what needs no contracts, then
 * what runs on a chain of its own. Each part's output comes in one piece as it ends, and all parts are run, those that need a build
 * only if there is one. For npm, which puts the tools on the path.
 */
import { spawn } from "node:child_process";

/** Runs a command and prints all that it said when it has ended; whether it succeeded. */
function run(part: string, command: string, ...args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const startedAt = Date.now();
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    const said: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => said.push(data));
    const end = (succeeded: boolean, why = "") => {
      child.removeAllListeners("close");
      process.stdout.write(Buffer.concat(said));
      const seconds = Math.round((Date.now() - startedAt) / 1000);
      console.log(`${part}: ${succeeded ? "passed" : "FAILED"} in ${seconds} s${why}`);
      resolve(succeeded);
    };
    child.on("error", ({ message }) => end(false, ` (${message})`));
    child.on("close", (code) => end(code === 0));
  });
}

const script = (name: string) => run(name, "npm", "run", "--silent", name);

const built = run("build", "hardhat", "build", "--quiet");
const lane = async (first: Promise<boolean>, then: string) => {
  const passed = await first;
  return (await built) && (await script(then)) && passed;
};
const passed = await Promise.all([lane(built, "test:contracts"), lane(script("test:offchain"), "test:flow")]);
if (passed.includes(false)) process.exitCode = 1;
