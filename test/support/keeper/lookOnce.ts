/** One look of a hedging keeper: configuration and key of a test chain on the command line. */
import { KeeperSchema } from "@meniscus/keeper/config";
import { runKeeper } from "@meniscus/keeper/run";
import { parseConfig } from "@meniscus/pricer/service/config";
import { Wallet } from "ethers";
import { pino } from "pino";

const [, , config, key] = process.argv;
const options = { jobs: ["hedge"], dryRun: false, once: true, log: pino() } as const;
const settings = parseConfig(config!, "the test's", KeeperSchema);
process.exitCode = await runKeeper(settings, new Wallet(key!), options);
