/** Progress of long steps on stderr, so that stdout holds results only. */
import ora from "ora";

/** Runs one step under a spinner with its elapsed seconds; plain lines, without colours, where there is no terminal. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const elapsed = () => `${title} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`;
  const quietly = () => withLogOnStderr(work);
  return process.stderr.isTTY ? underSpinner(title, elapsed, quietly) : inPlainLines(title, elapsed, quietly);
}

/** Hardhat prints while it compiles, be it told to be quiet or not. */
async function withLogOnStderr<T>(work: () => Promise<T>): Promise<T> {
  const { log } = console;
  console.log = console.error;
  try {
    return await work();
  } finally {
    console.log = log;
  }
}

async function underSpinner<T>(title: string, elapsed: () => string, work: () => Promise<T>): Promise<T> {
  const spinner = ora({ text: title, discardStdin: false }).start();
  const timer = setInterval(() => {
    spinner.text = elapsed();
  }, 500);
  try {
    const result = await work();
    spinner.succeed(elapsed());
    return result;
  } catch (error) {
    spinner.fail(title);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

async function inPlainLines<T>(title: string, elapsed: () => string, work: () => Promise<T>): Promise<T> {
  console.error(`- ${title}`);
  try {
    const result = await work();
    console.error(`✔ ${elapsed()}`);
    return result;
  } catch (error) {
    console.error(`✖ ${title}`);
    throw error;
  }
}
