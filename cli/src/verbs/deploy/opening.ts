/** From deployed contracts to a market that trades: what the deployer does as lister and governor, and how his powers end. */
import { clearinghouseAbi } from "@meniscus/sdk/abi/clearinghouse";
import { controlAbi } from "@meniscus/sdk/abi/control";
import { liquidityVaultAbi } from "@meniscus/sdk/abi/liquidityVault";
import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { isoTime } from "@meniscus/sdk/clock";
import { unpackDays } from "@meniscus/sdk/report";
import { revertOf } from "@meniscus/sdk/revert";
import { ROLES } from "@meniscus/sdk/roles";
import { expiryOfDay } from "@meniscus/sdk/series";
import { VAULT_PHASES } from "@meniscus/sdk/vault/terms";
import { Contract, formatUnits, isError, type Signer, ZeroAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { CliError } from "../../cliError.ts";
import { type Destination, deployTo } from "../../hardhat/deployment.ts";
import { send } from "../../localMarket/contract.ts";
import { delayText, governed, holdersOf, roleFor } from "./accessManager.ts";
import type { Addresses } from "./contracts.ts";
import { restrictedOf } from "./contracts.ts";
import { moduleParameters } from "./moduleParameters.ts";
import type { NetworkFile } from "./networkFile.ts";
import { assertHandedOver, assertUntouched, type HandedOver } from "./rights.ts";

const ERC20 = [
  "function approve(address spender, uint256 amount) returns (bool)",
  "function allowance(address, address) view returns (uint256)",
  "function balanceOf(address) view returns (uint256)",
];

/** What the access manager answers to the holder of a role with a delay, whose call is not announced, not due yet, or lapsed. */
const UNREADY = ["AccessManagerNotScheduled", "AccessManagerNotReady", "AccessManagerExpired"];

/** A report of the vault's seed may be this old (contracts/vault/LiquidityVault.sol). */
const SEED_REPORT_MAX_AGE = 120;

/** Sends what a trial lets pass. @throws CliError with the contract's reason, and of a role that is missing or slow what to do. */
async function sendTried(
  addresses: Addresses,
  contract: Contract,
  from: Signer,
  method: string,
  ...values: unknown[]
) {
  const refused = await refusalOf(addresses, contract, from, method, values);
  if (refused !== null) throw refused.error;
  await send(contract, from, method, ...values);
}

/** What a trial of a call is refused with, and whether that is for its sender's role or delay; null where it would pass. */
async function refusalOf(
  addresses: Addresses,
  contract: Contract,
  from: Signer,
  method: string,
  values: unknown[],
): Promise<{ error: Error; isOfRole: boolean } | null> {
  try {
    await contract.getFunction(method).staticCall(...values);
    return null;
  } catch (error) {
    if (!isError(error, "CALL_EXCEPTION")) throw error;
    if (error.data === null) return { error, isOfRole: false };
    const advice = await roleAdvice(addresses, contract, from, method, values, error.data);
    const refused = `${method}(${values.join(", ")}) is refused: ${revertOf(error.data)}.`;
    return { error: new CliError(`${refused}${advice}`), isOfRole: advice !== "" };
  }
}

/** Who may, and what to do, where the access manager says that this account may not, or not at once; else nothing. */
async function roleAdvice(
  addresses: Addresses,
  contract: Contract,
  from: Signer,
  method: string,
  values: unknown[],
  data: string,
): Promise<string> {
  const contracts = restrictedOf(addresses);
  const role = roleFor(contracts, contract.target as string, method);
  if (role === null) return "";
  const [error = "", ...told] = revertOf(data).split(/[(,)]/);
  if (UNREADY.includes(error)) {
    const control = new Contract(addresses.contracts.control!.address, controlAbi, from.provider);
    const [, delay] = await control.getFunction("getAccess")(ROLES[role], from);
    const slow = ` The ${role} acts ${delayText(Number(delay))}`;
    const again = "do this again with the same values, within a week (docs/OPERATOR.md).";
    if (error === "AccessManagerNotReady") {
      const due = Number(await control.getFunction("getSchedule")(told[0]));
      return `${slow}: the call is announced, and due at ${isoTime(due)}. Then ${again}`;
    }
    const state = error === "AccessManagerExpired" ? "what was announced has lapsed" : "nothing is announced";
    const call = contract.interface.encodeFunctionData(method, values);
    return `${slow}, and ${state}: call Control.schedule(${contract.target}, ${call}, 0), and once that is due ${again}`;
  }
  if (error !== "AccessManagedUnauthorized") return "";
  const missing = ` It takes the role ${role}, which the key's account ${await from.getAddress()} does not hold.`;
  let holders: string[];
  try {
    const all = await governed(
      from.provider!,
      addresses.contracts.control!.address,
      contracts,
      addresses.block,
    );
    // Who gets it later cannot act now.
    holders = (await holdersOf(all))
      .filter((each) => each.role === role && each.from === undefined)
      .map(({ holder }) => holder);
  } catch {
    return `${missing} \`deploy roles\` tells who does: give that key as --keystore.`;
  }
  return holders.length === 0
    ? `${missing} Nobody does: the admin grants it in Control (docs/ROLES.md).`
    : `${missing} ${holders.join(", ")} ${holders.length === 1 ? "does" : "do"}: give that key as --keystore.`;
}

/** Lists expiries in the surface, as its lister; those that are there are left alone. */
export async function listExpiries(
  addresses: Addresses,
  lister: Signer,
  expiries: readonly number[],
): Promise<void> {
  const { contracts, market } = addresses;
  const volSurface = new Contract(contracts.volSurface!.address, volSurfaceAbi, lister);
  const there = unpackDays(await volSurface.getFunction("expiries")(market)).map(expiryOfDay);
  for (const expiryAt of expiries.filter((each) => !there.includes(each)))
    await sendTried(addresses, volSurface, lister, "listExpiry", market, expiryAt);
}

/** Lists strikes at an expiry; anybody may. Those listed already are left alone. */
export async function listStrikes(
  addresses: Addresses,
  signer: Signer,
  expiryAt: number,
  strikes: readonly bigint[],
): Promise<void> {
  const { contracts, market } = addresses;
  const clearinghouse = new Contract(contracts.clearinghouse!.address, clearinghouseAbi, signer);
  const there: bigint[] = [...(await clearinghouse.getFunction("strikes")(market, expiryAt))];
  for (const strike of strikes.filter((each) => !there.includes(each)))
    await sendTried(addresses, clearinghouse, signer, "list", market, expiryAt, strike, 0);
}

/**
 * The vault's first assets, in units of the tokens, from the governor's wallet: they are nobody's afterwards. A governor with a delay calls
 * the vault himself once the call is due, for it takes them from its caller.
 * @throws CliError before anything is sent where the vault has its seed, the account may not or not yet, the wallet holds less, or the last
 * report is too old.
 */
export async function seedVault(
  addresses: Addresses,
  governor: Signer,
  { base, quote }: NetworkFile,
  amounts: { base: bigint; quote: bigint },
): Promise<void> {
  const { contracts, market } = addresses;
  const vault = new Contract(contracts.liquidityVault!.address, liquidityVaultAbi, governor);
  if (VAULT_PHASES[Number(await vault.getFunction("phase")())] !== "Seeding")
    throw new CliError("The vault has its seed already.");
  // The allowances come later: what else is in the way is told once they are there.
  const refused = await refusalOf(addresses, vault, governor, "seed", [amounts.base, amounts.quote]);
  if (refused?.isOfRole) throw refused.error;
  const assets = [
    { asset: base, amount: amounts.base },
    { asset: quote, amount: amounts.quote },
  ].map((each) => ({ ...each, token: new Contract(each.asset.token, ERC20, governor) }));
  for (const { asset, amount, token } of assets) {
    const held: bigint = await token.getFunction("balanceOf")(governor);
    if (held >= amount) continue;
    const text = (units: bigint) => `${formatUnits(units, asset.decimals)} ${asset.symbol}`;
    throw new CliError(`The governor holds ${text(held)}, and the seed takes ${text(amount)}.`);
  }
  const volSurface = new Contract(contracts.volSurface!.address, volSurfaceAbi, governor);
  const { reportAt } = await volSurface.getFunction("surface")(market);
  const { timestamp } = (await governor.provider!.getBlock("latest"))!;
  if (timestamp - Number(reportAt) > SEED_REPORT_MAX_AGE)
    throw new CliError(
      `The seed needs a report of the last ${SEED_REPORT_MAX_AGE} s, and the last one was ` +
        `${reportAt === 0n ? "never posted" : `${timestamp - Number(reportAt)} s ago`}: have one posted, and try again.`,
    );
  for (const { amount, token } of assets) {
    const allowed: bigint = await token.getFunction("allowance")(governor, vault);
    if (allowed < amount) await send(token, governor, "approve", vault, amount);
  }
  await sendTried(addresses, vault, governor, "seed", amounts.base, amounts.quote);
}

/**
 * Gives every role to its holder, and proves that the deployer keeps none; gives who holds what. Nothing is given away while anything
 * else is not as the file says: the deployer could not mend it afterwards.
 */
export async function handOver(
  hardhat: HardhatRuntimeEnvironment,
  destination: Destination,
  file: NetworkFile,
  addresses: Addresses,
  provider: Parameters<typeof assertHandedOver>[0],
): Promise<HandedOver> {
  const control = addresses.contracts.control!.address;
  const asked = [provider, control, file, restrictedOf(addresses), addresses.block] as const;
  const before = await assertUntouched(...asked, addresses.deployer);
  // It stands on Control alone, which knows no pool.
  await deployTo(hardhat, destination, "Handover", moduleParameters(file, ZeroAddress));
  return assertHandedOver(...asked, before);
}
