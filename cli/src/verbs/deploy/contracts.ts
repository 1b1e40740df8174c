/** The contracts of a network: deployed by the modules of deploy/, checked, and written down. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { inPlainWords } from "@meniscus/pricer/service/config";
import { bookAbi } from "@meniscus/sdk/abi/book";
import { clearinghouseAbi } from "@meniscus/sdk/abi/clearinghouse";
import { deltaHedgerAbi } from "@meniscus/sdk/abi/deltaHedger";
import { liquidityVaultAbi } from "@meniscus/sdk/abi/liquidityVault";
import { optionPoolAbi } from "@meniscus/sdk/abi/optionPool";
import { settlementOracleAbi } from "@meniscus/sdk/abi/settlementOracle";
import { spotOracleAbi } from "@meniscus/sdk/abi/spotOracle";
import { trancheAbi } from "@meniscus/sdk/abi/tranche";
import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { Interface, type InterfaceAbi, isAddress, type Provider } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { z } from "zod";
import { CliError } from "../../cliError.ts";
import { type Destination, deployTo, journalFolder } from "../../hardhat/deployment.ts";
import type { Restricted } from "./accessManager.ts";
import { moduleParameters } from "./moduleParameters.ts";
import { mistakesOf, type NetworkFile } from "./networkFile.ts";
import { type DeployedContract, verifyDeployment } from "./verification.ts";

/** In the order in which they are deployed; each stands on those before it. */
export const MODULES = [
  "Market",
  "Oracles",
  "OptionMarket",
  "OptionPool",
  "Vault",
  "UniswapFiller",
  "Router",
];

/** Contract by its name in {@link Addresses}: the name in sdk/src/roles.ts, and the ABI. */
const RESTRICTED_CONTRACTS: Record<string, [name: string, abi: InterfaceAbi]> = {
  volSurface: ["VolSurface", volSurfaceAbi],
  spotOracle: ["SpotOracle", spotOracleAbi],
  settlementOracle: ["SettlementOracle", settlementOracleAbi],
  clearinghouse: ["Clearinghouse", clearinghouseAbi],
  book: ["Book", bookAbi],
  optionPool: ["OptionPool", optionPoolAbi],
  baseTranche: ["Tranche", trancheAbi],
  quoteTranche: ["Tranche", trancheAbi],
  liquidityVault: ["LiquidityVault", liquidityVaultAbi],
  deltaHedger: ["DeltaHedger", deltaHedgerAbi],
};

const address = z.string().refine((text) => isAddress(text), "no address");
const contract = z.object({
  address,
  contract: z.string(),
  transaction: z.string(),
  constructorArguments: z.string(),
  libraries: z.record(z.string(), z.string()),
  buildInfoId: z.string(),
}) satisfies z.ZodType<DeployedContract>;

/** What the steps after the first ask for by name. */
const NEEDED = Object.fromEntries(
  ["control", ...Object.keys(RESTRICTED_CONTRACTS)].map((name) => [name, contract]),
);

/** What is written down of a deployment: `deploy/addresses/NETWORK.json`. */
const addresses = z.object({
  network: z.string(),
  chainId: z.int(),
  market: z.int(),
  deployer: address,
  /** Of the first transaction. */
  block: z.int().min(0),
  contracts: z.object(NEEDED).catchall(contract),
});
export type Addresses = z.infer<typeof addresses>;

/** Deploys all modules, `around` each of which a caller may measure. A second run resumes or changes nothing. */
export async function deployContracts(
  hardhat: HardhatRuntimeEnvironment,
  destination: Destination,
  file: NetworkFile,
  pool: string,
  around: <T>(module: string, work: () => Promise<T>) => Promise<T>,
): Promise<void> {
  const parameters = moduleParameters(file, pool);
  for (const module of MODULES)
    await around(module, () => deployTo(hardhat, destination, module, parameters));
}

/** Compares every contract with the build, and gives their addresses. */
export async function readAddresses(
  hardhat: HardhatRuntimeEnvironment,
  provider: Provider,
  journal: string,
  file: NetworkFile,
): Promise<Addresses> {
  const found = await verifyDeployment(hardhat, provider, journalFolder(journal));
  const first = (await provider.getTransaction(found[0]!.transaction))!;
  let block = first.blockNumber!;
  const contracts: Addresses["contracts"] = {};
  const tranches = found.filter(({ contract }) => contract.endsWith(":Tranche"));
  for (const each of found) {
    contracts[nameOf(each, tranches, file)] = each;
    const { blockNumber } = (await provider.getTransaction(each.transaction))!;
    block = Math.min(block, blockNumber!);
  }
  return {
    network: file.network,
    chainId: file.chainId,
    market: file.market,
    deployer: first.from,
    block,
    contracts,
  };
}

/** `optionPool`; the two tranches by their asset. */
function nameOf(
  { contract, constructorArguments }: DeployedContract,
  tranches: readonly DeployedContract[],
  { base }: NetworkFile,
): string {
  const name = contract.split(":")[1]!;
  if (tranches.length > 0 && name === "Tranche")
    return constructorArguments.includes(base.token.slice(2).toLowerCase()) ? "baseTranche" : "quoteTranche";
  return `${name[0]!.toLowerCase()}${name.slice(1)}`;
}

/** The contracts whose functions need roles. */
export const restrictedOf = ({ contracts }: Addresses): Restricted[] =>
  Object.entries(RESTRICTED_CONTRACTS).map(([key, [name, abi]]) => ({
    name,
    address: contracts[key]!.address,
    abi: new Interface(abi),
  }));

export const addressesFile = (folder: string, network: string): string =>
  path.join(folder, `${network}.json`);

/**
 * @throws CliError when the network was not deployed to from here, the file is not what `deploy contracts` wrote, or what it wrote is of
 * another market than the parameter file's.
 */
export function loadAddresses(file: string, { network, chainId, market }: NetworkFile): Addresses {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new CliError(
      `${file} cannot be read: deploy the contracts first, or name another with --addresses.`,
    );
  }
  const parsed = addresses.safeParse(content, { error: inPlainWords });
  if (!parsed.success)
    throw new CliError(`${file} holds no addresses of a deployment:\n${mistakesOf(parsed.error)}`);
  const found = parsed.data;
  if (found.network !== network || found.chainId !== chainId || found.market !== market)
    throw new CliError(
      `${file} is of market ${found.market} of ${found.network}, chain ${found.chainId}, not of market ${market} of ${network}, chain ` +
        `${chainId}: each market needs a network name of its own in its parameter file.`,
    );
  return found;
}
