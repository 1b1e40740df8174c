/** From deployed contracts to a market that trades: what the deployer does as lister and governor, and how his powers end. */
import { clearinghouseAbi } from "@meniscus/sdk/abi/clearinghouse";
import { liquidityVaultAbi } from "@meniscus/sdk/abi/liquidityVault";
import { Contract, type Signer, ZeroAddress } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { type Destination, deployTo } from "../deployment.ts";
import { send } from "../local/contract.ts";
import type { Addresses } from "./contracts.ts";
import { restrictedOf } from "./contracts.ts";
import { moduleParameters } from "./moduleParameters.ts";
import type { NetworkFile } from "./networkFile.ts";
import { assertHandedOver, assertUntouched, type HandedOver } from "./rights.ts";

const ERC20 = [
  "function approve(address spender, uint256 amount) returns (bool)",
  "function balanceOf(address) view returns (uint256)",
];

/** Lists strikes at an expiry; anybody may. Those listed already are left alone. */
export async function listStrikes(
  { contracts, market }: Addresses,
  signer: Signer,
  expiryAt: number,
  strikes: readonly bigint[],
): Promise<void> {
  const clearinghouse = new Contract(contracts.clearinghouse!.address, clearinghouseAbi, signer);
  const there: bigint[] = [...(await clearinghouse.getFunction("strikes")(market, expiryAt))];
  for (const strike of strikes.filter((each) => !there.includes(each)))
    await send(clearinghouse, signer, "list", market, expiryAt, strike, 0);
}

/** The vault's first assets, in units of the tokens, from the governor's wallet: they are nobody's afterwards. Needs a report of 120 s at most. */
export async function seedVault(
  { contracts }: Addresses,
  governor: Signer,
  { base, quote }: NetworkFile,
  amounts: { base: bigint; quote: bigint },
): Promise<void> {
  const vault = new Contract(contracts.liquidityVault!.address, liquidityVaultAbi, governor);
  for (const [asset, amount] of [
    [base, amounts.base],
    [quote, amounts.quote],
  ] as const)
    await send(new Contract(asset.token, ERC20, governor), governor, "approve", vault, amount);
  await send(vault, governor, "seed", amounts.base, amounts.quote);
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
  const before = await assertUntouched(...asked);
  // It stands on Market alone, which knows no pool.
  await deployTo(hardhat, destination, "Handover", moduleParameters(file, ZeroAddress));
  return assertHandedOver(...asked, before);
}
