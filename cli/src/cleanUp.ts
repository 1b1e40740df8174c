/** How a command ends: what it must not leave behind, and when it is told to. */
import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Runs `work`, then `cleanUp`: also when it fails, and when a signal ends the process meanwhile (`finally` does not see that). */
export async function withCleanUp<T>(cleanUp: () => void, work: () => Promise<T>): Promise<T> {
  const end = (signal: NodeJS.Signals) => {
    try {
      cleanUp();
    } catch (error) {
      // The process ends as one that the signal ended, whatever stays behind.
      console.error(`error: something is left behind: ${(error as Error).message}`);
    }
    process.exit(128 + constants.signals[signal]);
  };
  for (const signal of SIGNALS) process.once(signal, end);
  try {
    return await work();
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
    cleanUp();
  }
}

/** Settles once the process is told to end, from the call on: so call it before anybody can know that there is something to end. */
export function untilEnded(): Promise<void> {
  return new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
}
