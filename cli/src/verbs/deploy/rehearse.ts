/**
 * A deployment rehearsed on a local chain, from an account that has never sent anything to the first trade: the same modules, checks and
 * steps as on a public network, from its parameter file.
 */
import path from "node:path";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { SIDES } from "@meniscus/sdk/sides";
import { strikeDown } from "@meniscus/sdk/strikeGrid";
import { toWad, WAD } from "@meniscus/sdk/wad";
import { Contract, JsonRpcProvider, parseEther, Wallet } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { type Destination, deployModule, localJournal, withJournals } from "../../hardhat/deployment.ts";
import {
  assertPortIsFree,
  buildContracts,
  type LocalChain,
  startLocalChain,
} from "../../hardhat/localChain.ts";
import { send } from "../../localMarket/contract.ts";
import { laterReport } from "../../localMarket/laterReport.ts";
import type { Scene } from "../../localMarket/leftUp/outsideWorld.ts";
import { type Sources, setSources } from "../../localMarket/stages/oracleStage.ts";
import { post, postSurface } from "../../localMarket/surfaceOnChain.ts";
import { fitChain } from "../../market/fitChain.ts";
import { assertWritable, writeOutput } from "../../terminal/output.ts";
import { step } from "../../terminal/progress.ts";
import type { Holder } from "./accessManager.ts";
import {
  type Addresses,
  addressesFile,
  deployContracts,
  MODULES,
  readAddresses,
  restrictedOf,
} from "./contracts.ts";
import { firstTrade, type Traded } from "./firstTrade.ts";
import { GasMeter, type GasStep } from "./gasMeter.ts";
import { type NetworkFile, readParameterFile } from "./networkFile.ts";
import { handOver, listStrikes, seedVault } from "./opening.ts";
import { preflight, printWarnings } from "./preflight.ts";
import { rehearsalFile, rehearsedMarket } from "./rehearsalFile.ts";
import { assertPowerless } from "./rights.ts";
import { writeStandardInputs } from "./verification.ts";

export interface RehearsalOptions {
  parameters: string;
  out: string;
  port: number;
}

/** What was rehearsed, while its chain is still there, and what keeps that going. */
type WhileUp = (rehearsal: Rehearsal, hardhat: HardhatRuntimeEnvironment, scene: Scene) => Promise<void>;

export interface Rehearsal {
  network: string;
  deployer: string;
  /** Transactions that it had sent before, and what it held of each token: nothing. */
  deployerNonce: number;
  gas: GasStep[];
  contracts: number;
  holders: Holder[];
  trade: Traded;
}

/** The chain's clock starts this long before the first report. */
const DEPLOYMENT_SECONDS = 3600;
const SEED = 1_000_000n;
/** Strikes in percent of spot, at the expiry nearest to {@link TENOR} ahead. */
const STRIKES = [90n, 100n, 110n];
const TENOR = 30 * SECONDS_PER_DAY;

const nearest = (slices: readonly { expiryAt: number }[], at: number): number =>
  slices.reduce((best, { expiryAt }) =>
    Math.abs(expiryAt - at) < Math.abs(best.expiryAt - at) ? { expiryAt } : best,
  ).expiryAt;

export async function rehearse({ parameters, out, port }: RehearsalOptions, whileUp: WhileUp): Promise<void> {
  await assertPortIsFree(port);
  const content = readParameterFile(parameters);
  const files = ["parameters.json", "rehearsal.json", "verify/contracts.json"];
  await assertWritable(...files.map((each) => path.join(out, each)));
  const market = cleanChain(await rehearsedMarket(content, parameters));
  const surface = await step("Fitting a simulated market", async () => fitChain(market));
  const hardhat = await buildContracts();
  const chain = await startLocalChain(hardhat, { startAt: market.snapshotAt - DEPLOYMENT_SECONDS, port });
  // Ethers would answer a nonce from its cache.
  const provider = new JsonRpcProvider(chain.url, undefined, {
    staticNetwork: true,
    batchStallTime: 0,
    cacheTimeout: -1,
    pollingInterval: 20,
  });
  try {
    const spot = toWad(market.spot);
    const report = { reportAt: market.snapshotAt, spot, slices: surface.slices };
    const stage = { hardhat, chain, provider, content, out };
    const { rehearsal, ...scene } = await withJournals(chain, () => play(stage, report));
    await whileUp(rehearsal, hardhat, { chain, ...scene });
  } finally {
    provider.destroy();
    await chain.close();
  }
}

interface Stage {
  hardhat: HardhatRuntimeEnvironment;
  chain: LocalChain;
  provider: JsonRpcProvider;
  content: Record<string, unknown>;
  out: string;
}

type FirstReport = Parameters<typeof postSurface>[2];

/** All of it, on a chain that is up. */
async function play(
  stage: Stage,
  first: FirstReport,
): Promise<{ rehearsal: Rehearsal } & Omit<Scene, "chain">> {
  const { hardhat, chain, provider, content, out } = stage;
  const [sources, permit2] = await step("Building what a public network has", async () => [
    await setSources(hardhat, chain, { currency: String(content.name), spot: first.spot }),
    (await deployModule(hardhat, chain, "LocalPermit2", {}, "permit2")).permit2!,
  ]);
  const file = await rehearsalFile(content, sources, permit2.target as string);
  await writeOutput(path.join(out, "parameters.json"), `${JSON.stringify(file, null, 2)}\n`);
  const deployer = new Wallet(Wallet.createRandom().privateKey, provider);
  const rich = await chain.provider.getSigner(0);
  await (await rich.sendTransaction({ to: deployer, value: parseEther("10") })).wait();
  const deployerNonce = await provider.getTransactionCount(deployer);
  const { pool, warnings } = await step("Checking the chain against the file", () =>
    preflight(provider, file, deployer.address),
  );
  printWarnings(warnings);
  const meter = new GasMeter(provider);
  const journal = localJournal(chain, "rehearsal");
  const destination: Destination = { url: chain.url, journal, key: deployer.privateKey };
  const addresses = await deployAndCompare(stage, destination, file, pool, meter);
  const opened = await open(stage, { addresses, deployer, file, sources, meter }, first);
  const { holders } = await meter.around("hand over", () =>
    handOver(hardhat, destination, file, addresses, provider),
  );
  await assertPowerless(provider, restrictedOf(addresses), deployer.address);
  const trade = await meter.around("first trade, with its allowances", () =>
    firstTrade({ chain, addresses, tokens: sources, ...opened, currency: file.name }),
  );
  const rehearsal: Rehearsal = {
    network: String(content.network),
    deployer: deployer.address,
    deployerNonce,
    gas: meter.steps,
    contracts: Object.keys(addresses.contracts).length,
    holders,
    trade,
  };
  const { liquidityVault, uniswapFiller } = addresses.contracts;
  const places = { vault: liquidityVault!.address, filler: uniswapFiller!.address };
  return { rehearsal, sources, first: opened.report, places };
}

async function deployAndCompare(
  { hardhat, provider, out }: Stage,
  destination: Destination,
  file: NetworkFile,
  pool: string,
  meter: GasMeter,
): Promise<Addresses> {
  await step(`Deploying ${MODULES.length} modules`, () =>
    deployContracts(hardhat, destination, file, pool, (module, work) => meter.around(module, work)),
  );
  const addresses = await step("Comparing every contract with the build", () =>
    readAddresses(hardhat, provider, destination.journal, file),
  );
  await writeOutput(addressesFile(out, file.network), `${JSON.stringify(addresses, null, 2)}\n`);
  await writeStandardInputs(Object.values(addresses.contracts), path.join(out, "verify"));
  return addresses;
}

interface Deployed {
  addresses: Addresses;
  deployer: Wallet;
  file: NetworkFile;
  sources: Sources;
  meter: GasMeter;
}

/** Expiries, two reports, strikes and the seed: what the deployer does as lister and governor. */
async function open(
  { chain }: Stage,
  { addresses, deployer, file, sources, meter }: Deployed,
  first: FirstReport,
) {
  const { spot } = first;
  const volSurface = new Contract(addresses.contracts.volSurface!.address, volSurfaceAbi, deployer);
  const onChain = { market: file.market, parameters: {}, volSurface, lens: volSurface };
  const posted = await meter.around("list expiries, first report", () => postSurface(onChain, chain, first));
  const secondAt = posted.report.reportAt + file.surface.quarantine + 60;
  const report = laterReport(posted.report, secondAt, spot);
  await meter.around("second report, after the quarantine", () => post(volSurface, chain, report));
  const expiryAt = nearest(report.slices, secondAt + TENOR);
  const strikes = STRIKES.map((percent) => strikeDown((spot * percent) / 100n));
  await meter.around("list strikes", () => listStrikes(addresses, deployer, expiryAt, strikes));
  const seed = {
    base: (SEED * WAD * 10n ** BigInt(file.base.decimals)) / (2n * spot),
    quote: (SEED * 10n ** BigInt(file.quote.decimals)) / 2n,
  };
  const rich = await chain.provider.getSigner(0);
  for (const side of SIDES) await send(sources[side].contract, rich, "mint", deployer, seed[side]);
  await meter.around("seed the vault", () => seedVault(addresses, deployer, file, seed));
  return { volSurface, report, expiryAt };
}
