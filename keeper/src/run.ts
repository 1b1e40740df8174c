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

/** Runs until it is told to end; gives the exit code. */
export async function runKeeper(config: Config, wallet: Wallet, options: RunOptions): Promise<number> {
  const { jobs, dryRun, once, log } = options;
  // Refuses what is no log of this keeper's, before a lock is laid beside it.
  let journal = openJournal(config, wallet);
  let unlock = () => {};
  // Who only looks writes nothing, and may look beside a keeper that runs.
  if (!dryRun) {
    journal.close();
    unlock = lockLog(config.journal);
    // Again, for until now another keeper may have written.
    journal = openJournal(config, wallet);
  }
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
  const endpoint =
    config.port === null || once
      ? null
      : await openEndpoint({
          host: config.host,
          port: config.port,
          registry: metrics.registry,
          health: () => health.read(),
        });
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
