/** Runs the command as a stranger would: in a process of its own. */
import { type ChildProcessWithoutNullStreams, execFile, spawn } from "node:child_process";
import path from "node:path";

export const COMMAND = path.resolve(import.meta.dirname, "../../cli/bin/meniscus.ts");

/** Milliseconds that a command that was asked to stop has for it. */
const PATIENCE = 60_000;

/** Milliseconds that no run of a test takes: without an end it would keep the tests from theirs. */
const LONGEST = 900_000;

export interface Run {
  code: number;
  stdout: string;
  stderr: string;
}

export function meniscus(
  args: readonly string[],
  { cwd, env, timeout = LONGEST }: { cwd?: string; env?: NodeJS.ProcessEnv; timeout?: number } = {},
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const options = {
      cwd,
      env: { ...process.env, NO_COLOR: "1", ...env },
      maxBuffer: 64 * 1024 * 1024,
      // Milliseconds, after which it is killed and the run fails.
      timeout,
      killSignal: "SIGKILL" as const,
    };
    execFile(process.execPath, [COMMAND, ...args], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code;
      if (typeof code !== "number") reject(error);
      else resolve({ code, stdout, stderr });
    });
  });
}

/** Runs the command until its output matches `pattern`, and does something to it then: gives its exit code or the signal's name, and what it printed. */
export function meniscusInterrupted(
  args: readonly string[],
  pattern: RegExp,
  interrupt: (child: ChildProcessWithoutNullStreams) => void,
): Promise<{ ended: number | NodeJS.Signals | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: { ...process.env, NO_COLOR: "1" } });
  let [output, stdout, stderr, isDone] = ["", "", "", false];
  const watch = (chunk: Buffer) => {
    output += chunk;
    if (isDone || !pattern.test(output)) return;
    isDone = true;
    interrupt(child);
  };
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
    watch(chunk);
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
    watch(chunk);
  });
  return new Promise((resolve) => {
    child.once("close", (code, signal) => resolve({ ended: code ?? signal, stdout, stderr }));
  });
}

/** Runs the command until its output matches, and leaves it running until `end` asks it to stop and gives its exit code, null where it had to be killed; `output` is what it has printed by then. */
export function meniscusUntil(
  args: readonly string[],
  pattern: RegExp,
): Promise<{ match: RegExpExecArray; output: () => string; end: () => Promise<number | null> }> {
  const child = spawn(process.execPath, [COMMAND, ...args], { env: { ...process.env, NO_COLOR: "1" } });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  return new Promise((resolve, reject) => {
    let output = "";
    child.stderr.on("data", (chunk) => {
      output += chunk;
    });
    child.stdout.on("data", (chunk) => {
      output += chunk;
      const match = pattern.exec(output);
      if (match !== null) {
        const end = () => {
          child.kill("SIGTERM");
          setTimeout(() => child.kill("SIGKILL"), PATIENCE).unref();
          return ended;
        };
        resolve({ match, output: () => output, end });
      }
    });
    ended.then(() => reject(new Error(`meniscus ended before it printed ${pattern}:\n${output}`)));
  });
}
