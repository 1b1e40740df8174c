/**
 * All tests, in two lanes side by side that take equally long: a build, then the contracts' tests in TypeScript; meanwhile what needs no
 * contracts, then what runs on a chain of its own, and the contracts' tests in Solidity. Each part's output comes in one piece as it
 * ends, and all parts are run, those that need a build only if there is one. For npm, which puts the tools on the path.
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
const contracts = (language: string) => run(`contracts, ${language}`, "hardhat", "test", language);

const built = run("build", "hardhat", "build", "--quiet");
const lanes = [
  [() => built, () => contracts("mocha")],
  [() => script("test:offchain"), () => script("test:flow"), () => contracts("solidity")],
];
/** All parts of a lane after one another; from its second on each needs the build. */
async function runLane([first, ...others]: (() => Promise<boolean>)[]): Promise<boolean> {
  const passed = [await first!()];
  for (const part of others) passed.push((await built) && (await part()));
  return !passed.includes(false);
}
const passed = await Promise.all(lanes.map(runLane));
if (passed.includes(false)) process.exitCode = 1;
