/** A market on a public network, one step a run: each checks again what the one before it left. */

import { existsSync } from "node:fs";
import path from "node:path";
import { isoDay } from "@meniscus/sdk/clock";
import { type JsonRpcApiProvider, parseUnits, Wallet } from "ethers";
import { CliError } from "../cliError.ts";
import { journalFolder } from "../deployment.ts";
import { loadHardhat } from "../localChain.ts";
import { assertWritable, writeOutput } from "../output.ts";
import { step as underWay } from "../progress.ts";
import { type KeystoreOptions, openWallet } from "../wallet.ts";
import { holderText } from "./accessManager.ts";
import {
  type Addresses,
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

export async function deploy(step: Step, options: DeployOptions): Promise<void> {
  const file = readNetworkFile(options.parameters);
  await withNode(options.rpc, (provider) => run(step, options, file, provider));
}

async function run(
  step: Step,
  options: DeployOptions,
  file: NetworkFile,
  provider: JsonRpcApiProvider,
): Promise<void> {
  const { rpc, keystore, passwordFile, addresses: folder, out } = options;
  const place = addressesFile(folder, file.network);
  const inputs = path.join(out, file.network, "contracts.json");
  await assertChain(provider, file);
  const hardhat = await loadHardhat();
  if (step === "verify") {
    await assertWritable(inputs);
    const found = await underWay("Compiling, and comparing every contract", () =>
      readAddresses(hardhat, provider, file.network, file),
    );
    await writeStandardInputs(Object.values(found.contracts), path.join(out, file.network));
    console.log(`${Object.keys(found.contracts).length} contracts hold what this build says.`);
    return;
  }
  if (step === "roles") {
    const found = loadAddresses(place, file);
    const control = found.contracts.control!.address;
    print(await assertHandedOver(provider, control, file, restrictedOf(found), found.block));
    return;
  }
  if (keystore === undefined)
    throw new CliError(`The sender's key is missing: ${step} needs --keystore (docs/DEPLOY.md).`);
  const wallet = await openWallet({ keystore, passwordFile }, PASSWORD_VARIABLE);
  const { address: deployer, privateKey: key } = wallet;
  if (step === "list" || step === "seed") {
    await open(step, options, file, loadAddresses(place, file), new Wallet(key, provider));
    return;
  }
  const destination = { url: rpc, journal: file.network, key };
  if (step === "hand-over") {
    printWarnings(await handOverPreflight(provider, file, deployer));
    const found = loadAddresses(place, file);
    assertJournal(journalFolder(file.network));
    const handedOver = await underWay("Handing over", () =>
      handOver(hardhat, destination, file, found, provider),
    );
    await assertPowerless(provider, restrictedOf(found), deployer);
    print(handedOver);
    return;
  }
  const { pool, warnings } = await underWay("Checking the chain against the file", () =>
    preflight(provider, file, deployer),
  );
  printWarnings(warnings);
  if (step === "contracts") {
    if (existsSync(place)) loadAddresses(place, file);
    // The last of what can be wrong, because the proof makes folders.
    await assertWritable(place, inputs);
    await underWay("Compiling", () => hardhat.tasks.getTask("build").run({ noTests: true, quiet: true }));
    await deployContracts(hardhat, destination, file, pool, (module, work) => underWay(module, work));
    const found = await readAddresses(hardhat, provider, file.network, file);
    await writeOutput(place, `${JSON.stringify(found, null, 2)}\n`);
    await writeStandardInputs(Object.values(found.contracts), path.join(out, file.network));
    console.log(`${MODULES.length} modules; addresses in ${place}, an explorer's inputs in ${out}.`);
  }
}

/** What lister and governor do before a market trades; the deployer is both until the hand-over. */
async function open(
  step: "list" | "seed",
  { expiry = [], strike = [], base, quote }: DeployOptions,
  file: NetworkFile,
  addresses: Addresses,
  sender: Wallet,
): Promise<void> {
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
