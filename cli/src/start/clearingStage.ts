/** Where the story of clearing is played: contracts, tokens, and three accounts of the development chain. */
import { ROLES } from "@meniscus/sdk/roles";
import { WAD } from "@meniscus/sdk/series";
import { Contract, encodeBytes32String, isError, type JsonRpcSigner, MaxUint256, parseUnits } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { deployModule } from "../deployment.ts";
import type { LocalChain } from "../localChain.ts";

export const MARKET = 1;

interface Token {
  contract: Contract;
  symbol: string;
  decimals: number;
}

export interface Stage {
  clearinghouse: Contract;
  oracle: Contract;
  base: Token;
  quote: Token;
  deployer: JsonRpcSigner;
  writer: JsonRpcSigner;
  holder: JsonRpcSigner;
  dealer: JsonRpcSigner;
}

/** What is somebody's, in the tokens' own decimals: wallet and balance in the Clearinghouse together. */
export interface Holding {
  who: string;
  base: bigint;
  quote: bigint;
}

/** Sends a transaction and waits for it. */
export async function send(
  contract: Contract,
  from: JsonRpcSigner,
  method: string,
  ...values: unknown[]
): Promise<void> {
  const sent = await (contract.connect(from) as Contract).getFunction(method)(...values);
  await sent.wait();
}

/** Deploys clearing with a market at `spot` (WAD), and makes the three accounts rich. */
export async function setStage(
  hardhat: HardhatRuntimeEnvironment,
  chain: LocalChain,
  { currency, spot }: { currency: string; spot: bigint },
): Promise<Stage> {
  // As their usual tokens have them: WBTC 8.
  const decimals = { base: currency === "BTC" ? 8 : 18, quote: 6 };
  const [deployer, writer, holder, dealer] = (await Promise.all(
    [0, 5, 6, 7].map((index) => chain.provider.getSigner(index)),
  )) as [JsonRpcSigner, JsonRpcSigner, JsonRpcSigner, JsonRpcSigner];
  const assets = await deployModule(hardhat, chain, "LocalAssets", {
    spot,
    baseSymbol: currency,
    baseDecimals: decimals.base,
    quoteSymbol: "USDC",
    quoteDecimals: decimals.quote,
  });
  const quote = await assets.quote!.getAddress();
  const clearing = await deployModule(hardhat, chain, "Clearing", { quote, quoteDecimals: decimals.quote });
  const bind = async (contract: Contract) =>
    new Contract(await contract.getAddress(), contract.interface, deployer);
  const stage: Stage = {
    clearinghouse: await bind(clearing.clearinghouse!),
    oracle: await bind(assets.oracle!),
    base: { contract: await bind(assets.base!), symbol: currency, decimals: decimals.base },
    quote: { contract: await bind(assets.quote!), symbol: "USDC", decimals: decimals.quote },
    deployer,
    writer,
    holder,
    dealer,
  };
  await send(await bind(clearing.control!), deployer, "grantRole", ROLES.governor, deployer, 0);
  await send(stage.clearinghouse, deployer, "registerMarket", MARKET, {
    base: stage.base.contract,
    baseDecimals: decimals.base,
    minimumAmount: WAD / 100n,
    spotOracle: stage.oracle,
    settlementOracle: stage.oracle,
    name: encodeBytes32String(currency),
  });
  const riches = {
    base: parseUnits("10", decimals.base),
    quote: parseUnits(String((20n * spot) / WAD), decimals.quote),
  };
  for (const account of [writer, holder, dealer]) {
    for (const side of ["base", "quote"] as const) {
      await send(stage[side].contract, deployer, "mint", account, riches[side]);
      await send(stage[side].contract, account, "approve", stage.clearinghouse, MaxUint256);
    }
  }
  return stage;
}

/** Lists the strikes of the first expiry that may be listed; null when none may. */
export async function listFirst(
  { clearinghouse, dealer }: Stage,
  expiries: readonly number[],
  strikes: Iterable<bigint>,
): Promise<number | null> {
  for (const expiryAt of expiries) {
    try {
      for (const strike of strikes) await send(clearinghouse, dealer, "list", MARKET, expiryAt, strike, 0);
      return expiryAt;
    } catch (error) {
      // Too far ahead for its kind: the next one may be a weekly or a monthly.
      if (!isError(error, "CALL_EXCEPTION")) throw error;
    }
  }
  return null;
}

/** An account's balance of a token in the Clearinghouse. */
export async function deposited(
  { clearinghouse }: Stage,
  account: JsonRpcSigner,
  token: Token,
): Promise<bigint> {
  return (await clearinghouse.getFunction("collateral")(account, token.contract)).balance;
}

/** What is whose, and what the Clearinghouse holds that is no account's: unpaid redemptions and dust. */
export async function holdings(stage: Stage): Promise<Holding[]> {
  const { clearinghouse, base, quote, writer, holder, dealer } = stage;
  const rest = { who: "clearinghouse", base: 0n, quote: 0n };
  const rows: Holding[] = [];
  for (const side of ["base", "quote"] as const)
    rest[side] = await stage[side].contract.getFunction("balanceOf")(clearinghouse);
  for (const [who, account] of Object.entries({ writer, holder, dealer })) {
    const row = { who, base: 0n, quote: 0n };
    for (const [side, token] of Object.entries({ base, quote }) as ["base" | "quote", Token][]) {
      const inside = await deposited(stage, account, token);
      row[side] = (await token.contract.getFunction("balanceOf")(account)) + inside;
      rest[side] -= inside;
    }
    rows.push(row);
  }
  return [...rows, rest];
}
