/** Where the story of clearing is played: contracts, tokens, and three accounts of the development chain. */
import { SIDES, type Side } from "@meniscus/sdk/sides";
import { WAD } from "@meniscus/sdk/wad";
import {
  type Addressable,
  type Contract,
  encodeBytes32String,
  isError,
  type JsonRpcSigner,
  MaxUint256,
  parseUnits,
} from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { deployModule } from "../../hardhat/deployment.ts";
import type { LocalChain } from "../../hardhat/localChain.ts";
import { bind, send } from "../contract.ts";
import type { SurfaceOnChain } from "../surfaceOnChain.ts";
import type { Token } from "../tokens.ts";
import type { OracleStage } from "./oracleStage.ts";

export interface Stage {
  market: number;
  /** What the modules so far were given. */
  parameters: Record<string, object>;
  clearinghouse: Contract;
  /** Of the options' ERC-20 wrappers. */
  factory: Contract;
  oracles: OracleStage;
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

/** Deploys clearing with a market over the oracles, and makes the three accounts rich. */
export async function setStage(
  hardhat: HardhatRuntimeEnvironment,
  chain: LocalChain,
  { market }: SurfaceOnChain,
  oracles: OracleStage,
  { currency, spot }: { currency: string; spot: bigint },
): Promise<Stage> {
  const [deployer, writer, holder, dealer] = (await Promise.all(
    [0, 5, 6, 7].map((index) => chain.provider.getSigner(index)),
  )) as [JsonRpcSigner, JsonRpcSigner, JsonRpcSigner, JsonRpcSigner];
  const { base, quote } = oracles;
  const parameters = {
    ...oracles.parameters,
    OptionMarket: {
      market,
      base: base.contract.target,
      baseDecimals: base.decimals,
      minimumAmount: WAD / 100n,
      name: encodeBytes32String(currency),
    },
  };
  const clearing = await deployModule(hardhat, chain, "OptionMarket", parameters);
  const clearinghouse = await bind(clearing.clearinghouse!, deployer);
  const stage: Stage = {
    market,
    parameters,
    clearinghouse,
    oracles,
    base,
    quote,
    factory: await bind(clearing.factory!, deployer),
    deployer,
    writer,
    holder,
    dealer,
  };
  const riches = {
    base: parseUnits("10", base.decimals),
    quote: parseUnits(String((20n * spot) / WAD), quote.decimals),
  };
  for (const account of [writer, holder, dealer]) {
    for (const side of SIDES) {
      await send(stage[side].contract, deployer, "mint", account, riches[side]);
      await send(stage[side].contract, account, "approve", clearinghouse, MaxUint256);
    }
  }
  return stage;
}

/** Lists the strikes of the first expiry that may be listed; null when none may. */
export async function listFirst(
  { market, clearinghouse, dealer }: Stage,
  expiries: readonly number[],
  strikes: Iterable<bigint>,
): Promise<number | null> {
  for (const expiryAt of expiries) {
    try {
      const there: bigint[] = [...(await clearinghouse.getFunction("strikes")(market, expiryAt))];
      for (const strike of strikes)
        if (!there.includes(strike)) await send(clearinghouse, dealer, "list", market, expiryAt, strike, 0);
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
  account: Addressable,
  token: Token,
): Promise<bigint> {
  return (await clearinghouse.getFunction("collateral")(account, token.contract)).balance;
}

/** What is whose, and what the Clearinghouse holds that is neither theirs nor `others'`: unpaid redemptions and dust. */
export async function holdings(stage: Stage, others: readonly Addressable[] = []): Promise<Holding[]> {
  const { clearinghouse, base, quote, writer, holder, dealer } = stage;
  const rest = { who: "clearinghouse", base: 0n, quote: 0n };
  const rows: Holding[] = [];
  for (const side of SIDES) rest[side] = await stage[side].contract.getFunction("balanceOf")(clearinghouse);
  for (const other of others)
    for (const side of SIDES) rest[side] -= await deposited(stage, other, stage[side]);
  for (const [who, account] of Object.entries({ writer, holder, dealer })) {
    const row = { who, base: 0n, quote: 0n };
    for (const [side, token] of Object.entries({ base, quote }) as [Side, Token][]) {
      const inside = await deposited(stage, account, token);
      row[side] = (await token.contract.getFunction("balanceOf")(account)) + inside;
      rest[side] -= inside;
    }
    rows.push(row);
  }
  return [...rows, rest];
}
