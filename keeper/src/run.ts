/** A keeper as a process: crash-only, so it may be ended at any moment and is started again by whoever runs it. */
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "@meniscus/pricer/service/clock";
import { openEndpoint } from "@meniscus/pricer/service/endpoint";
import { openNode } from "@meniscus/pricer/service/node";
import { systemReason } from "@meniscus/sdk/systemReason";
import type { Wallet } from "ethers";
import type { Logger } from "pino";
import { type Config, ConfigError, type JobName } from "./config.ts";
import { Keeper } from "./keeper.ts";
import { Journal } from "./sending/journal.ts";
import { lockLog } from "./sending/lock.ts";
import { HealthBook } from "./watching/health.ts";
import { logFinding } from "./watching/log.ts";
import { Metrics } from "./watching/metrics.ts";

interface RunOptions {
  jobs: readonly JobName[];
  dryRun: boolean;
  /** One look, then the end: 1 where it or a job was not sound, or somebody has to see to the keeper. */
  once: boolean;
  log: Logger;
}

function openJournal({ journal: path, chainId }: Config, { address: account }: Wallet): Journal {
  try {
    return new Journal(path, { account, chainId });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`The intent log ${path} cannot be opened: ${systemReason(error)}.`);
  }
}

interface LockedJournal {
  journal: Journal;
  unlock(): void;
}

/** The intent log, with the lock that makes this keeper its only one; who only looks writes nothing, and may look beside a keeper that runs. */
function lockJournal(config: Config, wallet: Wallet, dryRun: boolean): LockedJournal {
  // Refuses what is no log of this keeper's, before a lock is laid beside it.
  const journal = openJournal(config, wallet);
  if (dryRun) return { journal, unlock: () => {} };
  journal.close();
  const unlock = lockLog(config.journal);
  // Again, for until now another keeper may have written.
  return { journal: openJournal(config, wallet), unlock };
}

/** Where health and metrics are read, if the configuration has a port for them. */
async function openWatch({ host, port }: Config, health: HealthBook, { registry }: Metrics) {
  return port === null ? null : openEndpoint({ host, port, registry, health: () => health.read() });
}

/** Runs until it is told to end; gives the exit code. */
export async function runKeeper(config: Config, wallet: Wallet, options: RunOptions): Promise<number> {
  const { jobs, dryRun, once, log } = options;
  const { journal, unlock } = lockJournal(config, wallet, dryRun);
  const provider = openNode(config.rpc, config.chainId, config.rpcSeconds);
  const [health, metrics] = [new HealthBook(config.intervalSeconds, systemClock), new Metrics()];
  let [hasLooked, hasFailed] = [false, false];
  const keeper = new Keeper({
    config,
    jobs,
    wallet,
    provider,
    journal,
    dryRun,
    now: systemClock,
    notify: (finding) => {
      if (finding.kind === "looked") hasLooked = true;
      if (finding.kind === "failed") hasFailed = true;
      health.note(finding);
      metrics.note(finding);
      logFinding(log, finding);
    },
  });
  const endpoint = once ? null : await openWatch(config, health, metrics);
  log.info({ account: wallet.address, jobs, endpoint: endpoint?.url }, "keeper");
  const end = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => end.abort());
  try {
    while (!end.signal.aborted) {
      await keeper.look();
      if (once) return hasLooked && !hasFailed && health.read().isWell ? 0 : 1;
      // The signal may come at any moment, a look among them, and is no error.
      await pause(config.intervalSeconds * 1000, null, { signal: end.signal }).catch(() => {});
    }
    return 0;
  } finally {
    await endpoint?.close();
    provider.destroy();
    journal.close();
    unlock();
  }
}
