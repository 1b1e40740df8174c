/** Progress of long steps on stderr, so that stdout holds results only. */
import ora from "ora";

/** Runs one step under a spinner with its elapsed seconds; plain lines where there is no terminal. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const elapsed = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
  const spinner = ora({ text: title, discardStdin: false }).start();
  const timer = setInterval(() => {
    if (spinner.isEnabled) spinner.text = `${title} (${elapsed()})`;
  }, 500);
  try {
    const result = await work();
    spinner.succeed(`${title} (${elapsed()})`);
    return result;
  } catch (error) {
    spinner.fail(title);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
