/** One look of a hedging keeper: configuration and key of a test chain on the command line. */
import { parseConfig } from "@meniscus/keeper/config";
import { runKeeper } from "@meniscus/keeper/run";
import { Wallet } from "ethers";
import { pino } from "pino";

const [, , config, key] = process.argv;
const options = { jobs: ["hedge"], dryRun: false, once: true, log: pino() } as const;
process.exitCode = await runKeeper(parseConfig(config!, "the test's"), new Wallet(key!), options);
