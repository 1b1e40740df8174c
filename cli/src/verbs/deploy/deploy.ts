/** A market on a public network, one step a run: each checks again what the one before it left. */

import { existsSync } from "node:fs";
import path from "node:path";
import { isoDay } from "@meniscus/sdk/clock";
import { type JsonRpcApiProvider, parseUnits, Wallet } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { CliError } from "../../cliError.ts";
import { type Destination, journalFolder } from "../../hardhat/deployment.ts";
import { loadHardhat } from "../../hardhat/localChain.ts";
import { type KeystoreOptions, openWallet } from "../../service/wallet.ts";
import { assertWritable, writeOutput } from "../../terminal/output.ts";
import { step as underWay } from "../../terminal/progress.ts";
import { holderText } from "./accessManager.ts";
import {
  addressesFile,
  deployContracts,
  loadAddresses,
  MODULES,
  readAddresses,
  restrictedOf,
} from "./contracts.ts";
import { type Asset, type NetworkFile, readNetworkFile } from "./networkFile.ts";
import { assertChain, withNode } from "./node.ts";
import { handOver, listExpiries, listStrikes, seedVault } from "./opening.ts";
import { handOverPreflight, preflight, printWarnings } from "./preflight.ts";
import { assertHandedOver, assertPowerless, type HandedOver } from "./rights.ts";
import { assertJournal, writeStandardInputs } from "./verification.ts";

export const STEPS = ["check", "contracts", "verify", "list", "seed", "hand-over", "roles"] as const;
export type Step = (typeof STEPS)[number];

export const PASSWORD_VARIABLE = "MENISCUS_DEPLOYER_PASSWORD";

export interface DeployOptions extends Partial<KeystoreOptions> {
  parameters: string;
  rpc: string;
  addresses: string;
  out: string;
  /** Of `list`: Unix seconds, and WAD, listed at each of them. */
  expiry?: number[];
  strike?: bigint[];
  /** Of `seed`: decimal amounts of the assets. */
  base?: string;
  quote?: string;
}

/** A step under way: what it is told, the chain that it is done on, and where its files go. */
interface Run {
  options: DeployOptions;
  file: NetworkFile;
  provider: JsonRpcApiProvider;
  hardhat: HardhatRuntimeEnvironment;
  /** The file of addresses. */
  place: string;
  /** The folder of an explorer's inputs. */
  inputs: string;
}

export async function deploy(step: Step, options: DeployOptions): Promise<void> {
  const file = readNetworkFile(options.parameters);
  const place = addressesFile(options.addresses, file.network);
  const inputs = path.join(options.out, file.network);
  await withNode(options.rpc, async (provider) => {
    await assertChain(provider, file);
    await take(step, { options, file, provider, hardhat: await loadHardhat(), place, inputs });
  });
}

async function take(step: Step, run: Run): Promise<void> {
  if (step === "verify") return verify(run);
  if (step === "roles") return tellRoles(run);
  const sender = await openSender(step, run.options);
  if (step === "list" || step === "seed") return open(step, run, sender);
  if (step === "hand-over") return handOverRoles(run, sender);
  const pool = await check(run, sender);
  if (step === "contracts") await deployAll(run, sender, pool);
}

/** Compares every contract with the build again, and writes what an explorer is given. */
async function verify({ file, provider, hardhat, inputs }: Run): Promise<void> {
  await assertWritable(path.join(inputs, "contracts.json"));
  const found = await underWay("Compiling, and comparing every contract", () =>
    readAddresses(hardhat, provider, file.network, file),
  );
  await writeStandardInputs(Object.values(found.contracts), inputs);
  console.log(`${Object.keys(found.contracts).length} contracts hold what this build says.`);
}

async function tellRoles({ file, provider, place }: Run): Promise<void> {
  const found = loadAddresses(place, file);
  const control = found.contracts.control!.address;
  print(await assertHandedOver(provider, control, file, restrictedOf(found), found.block));
}

async function openSender(step: Step, { keystore, passwordFile }: DeployOptions): Promise<Wallet> {
  if (keystore === undefined)
    throw new CliError(`The sender's key is missing: ${step} needs --keystore (docs/DEPLOY.md).`);
  return openWallet({ keystore, passwordFile }, PASSWORD_VARIABLE);
}

/** Where Ignition sends what the sender signs. */
const destinationOf = ({ options, file }: Run, { privateKey: key }: Wallet): Destination => ({
  url: options.rpc,
  journal: file.network,
  key,
});

async function handOverRoles(run: Run, sender: Wallet): Promise<void> {
  const { file, provider, hardhat, place } = run;
  printWarnings(await handOverPreflight(provider, file, sender.address));
  const found = loadAddresses(place, file);
  assertJournal(journalFolder(file.network));
  const handedOver = await underWay("Handing over", () =>
    handOver(hardhat, destinationOf(run, sender), file, found, provider),
  );
  await assertPowerless(provider, restrictedOf(found), sender.address);
  print(handedOver);
}

/** The chain against the file; gives the Uniswap pool that the file names. */
async function check({ file, provider }: Run, { address }: Wallet): Promise<string> {
  const { pool, warnings } = await underWay("Checking the chain against the file", () =>
    preflight(provider, file, address),
  );
  printWarnings(warnings);
  return pool;
}

async function deployAll(run: Run, sender: Wallet, pool: string): Promise<void> {
  const { options, file, provider, hardhat, place, inputs } = run;
  if (existsSync(place)) loadAddresses(place, file);
  // The last of what can be wrong, because the proof makes folders.
  await assertWritable(place, path.join(inputs, "contracts.json"));
  await underWay("Compiling", () => hardhat.tasks.getTask("build").run({ noTests: true, quiet: true }));
  await deployContracts(hardhat, destinationOf(run, sender), file, pool, (module, work) =>
    underWay(module, work),
  );
  const found = await readAddresses(hardhat, provider, file.network, file);
  await writeOutput(place, `${JSON.stringify(found, null, 2)}\n`);
  await writeStandardInputs(Object.values(found.contracts), inputs);
  console.log(`${MODULES.length} modules; addresses in ${place}, an explorer's inputs in ${options.out}.`);
}

/** What lister and governor do before a market trades; the deployer is both until the hand-over. */
async function open(step: "list" | "seed", run: Run, { privateKey }: Wallet): Promise<void> {
  const { options, file, provider, place } = run;
  const { expiry = [], strike = [], base, quote } = options;
  const addresses = loadAddresses(place, file);
  const sender = new Wallet(privateKey, provider);
  if (step === "list") {
    if (expiry.length === 0) throw new CliError("Name what to list: --expiry YYYY-MM-DD, and --strike.");
    await underWay("Listing expiries", () => listExpiries(addresses, sender, expiry));
    for (const expiryAt of strike.length === 0 ? [] : expiry)
      await underWay(`Listing strikes of ${isoDay(expiryAt)}`, () =>
        listStrikes(addresses, sender, expiryAt, strike),
      );
    console.log(`Listed: ${expiry.map(isoDay).join(", ")}.`);
    return;
  }
  if (base === undefined || quote === undefined)
    throw new CliError("Name the seed: --base and --quote, amounts of either asset.");
  const amounts = { base: unitsOf(base, file.base), quote: unitsOf(quote, file.quote) };
  await underWay("Seeding the vault", () => seedVault(addresses, sender, file, amounts));
  console.log(
    `Seeded with ${base} ${file.base.symbol} and ${quote} ${file.quote.symbol}, nobody's for good.`,
  );
}

function unitsOf(amount: string, { symbol, decimals }: Asset): bigint {
  try {
    return parseUnits(amount, decimals);
  } catch {
    throw new CliError(`${amount} is no amount of ${symbol}, which has ${decimals} decimals.`);
  }
}

function print({ holders, operations }: HandedOver): void {
  for (const each of holders) console.log(holderText(each));
  for (const each of operations) console.log(`announced: ${each}`);
}
