/**
 * All tests, in lanes side by side: a build, then the contracts' tests; meanwhile what needs no contracts, then what runs on chains of
 * its own, of which the services' tests wait more than they work. Each part's output comes in one piece as it ends, and all parts are run, those that need a build
 * only if there is one. A part that does not end is ended, so that what it said is seen. For npm, which puts the tools on the path.
 */
import { spawn } from "node:child_process";

/** Minutes that a part may take, of which the longest takes six on two cores. */
const MOST = 25;
/** Milliseconds for what a part has started to end with it. */
const GRACE = 5000;

/** What runs now, each as the leader of a group of its own with all that it has started. */
const running = new Set<number>();
const kill = (group: number) => {
  try {
    process.kill(-group, "SIGKILL");
  } catch {
    // Nobody is left of it.
  }
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => {
    for (const group of running) kill(group);
    process.exit(1);
  });

/** Runs a command and prints all that it said when it has ended; whether it succeeded. */
function run(part: string, command: string, ...args: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const startedAt = Date.now();
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], detached: true });
    const group = child.pid;
    if (group !== undefined) running.add(group);
    const said: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => said.push(data));
    const end = (succeeded: boolean, why = "") => {
      clearTimeout(timer);
      child.removeAllListeners("close");
      if (group !== undefined && running.delete(group)) kill(group);
      process.stdout.write(Buffer.concat(said));
      const seconds = Math.round((Date.now() - startedAt) / 1000);
      console.log(`${part}: ${succeeded ? "passed" : "FAILED"} in ${seconds} s${why}`);
      resolve(succeeded);
    };
    const timer = setTimeout(
      () =>
        end(
          false,
          `: not over after ${MOST} minutes, so look at what its last line says, and at what comes after that`,
        ),
      MOST * 60_000,
    );
    child.on("error", ({ message }) => end(false, ` (${message})`));
    // Whatever it has left running holds the pipes open, and would keep everybody waiting.
    child.on("exit", () => setTimeout(() => group !== undefined && running.has(group) && kill(group), GRACE));
    child.on("close", (code) => end(code === 0));
  });
}

const script = (name: string) => run(name, "npm", "run", "--silent", name);

const built = run("build", "hardhat", "build", "--quiet");
const lane = async (first: Promise<boolean>, then: string) => {
  const passed = await first;
  return (await built) && (await script(then)) && passed;
};
const offchain = script("test:offchain");
const passed = await Promise.all([
  lane(built, "test:contracts"),
  lane(offchain, "test:flow"),
  lane(offchain, "test:services"),
]);
if (passed.includes(false)) process.exitCode = 1;
