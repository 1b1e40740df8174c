/** The first trade of a market, by somebody who has no role in it: one call at the money, bought with a report of the same minute. */
import { bookAbi } from "@meniscus/sdk/abi/book";
import { clearinghouseAbi } from "@meniscus/sdk/abi/clearinghouse";
import { optionPoolAbi } from "@meniscus/sdk/abi/optionPool";
import type { Report } from "@meniscus/sdk/report";
import { seriesId } from "@meniscus/sdk/series";
import { strikeDown } from "@meniscus/sdk/strikeGrid";
import { formatSymbol } from "@meniscus/sdk/symbol";
import { WAD } from "@meniscus/sdk/wad";
import { Contract, MaxUint256, parseUnits } from "ethers";
import { CliError } from "../../cliError.ts";
import type { LocalChain } from "../../hardhat/localChain.ts";
import { FOR_EVER, send } from "../../localMarket/contract.ts";
import { laterReport } from "../../localMarket/laterReport.ts";
import { refusalOf } from "../../localMarket/stages/poolStage.ts";
import { carried } from "../../localMarket/surfaceOnChain.ts";
import type { Tokens } from "../../localMarket/tokens.ts";
import type { Addresses } from "./contracts.ts";

export interface Traded {
  symbol: string;
  amount: number;
  /** In quote. */
  cost: number;
  gas: number;
}

interface Scene {
  chain: LocalChain;
  addresses: Addresses;
  tokens: Tokens;
  volSurface: Contract;
  report: Report;
  expiryAt: number;
  currency: string;
}

/** An account of the development chain that holds no role. */
const TRADER = 8;
const BUDGET = "1000000";
const LATENCY = 5;

/** @throws CliError with the pool's reason when it would not sell. */
export async function firstTrade(scene: Scene): Promise<Traded> {
  const { chain, addresses, tokens, volSurface, expiryAt, currency } = scene;
  const { contracts, market } = addresses;
  const trader = await chain.provider.getSigner(TRADER);
  const bound = (name: string, abi: ConstructorParameters<typeof Contract>[1]) =>
    new Contract(contracts[name]!.address, abi, trader);
  const pool = bound("optionPool", optionPoolAbi);
  const clearinghouse = bound("clearinghouse", clearinghouseAbi);
  const { quote } = tokens;
  const rich = await chain.provider.getSigner(0);
  await send(quote.contract, rich, "mint", trader, parseUnits(BUDGET, quote.decimals));
  await send(quote.contract, trader, "approve", pool, MaxUint256);
  await send(bound("book", bookAbi), trader, "refresh", [
    ...(await clearinghouse.getFunction("expiries")(market)),
  ]);

  const { timestamp } = (await chain.provider.getBlock("latest"))!;
  const fresh = laterReport(scene.report, timestamp + LATENCY, scene.report.spot);
  const strike = strikeDown(fresh.spot);
  const legs = [{ series: seriesId({ market, expiryAt, strike, isPut: false }), amount: WAD }];
  const quoted = await pool.getFunction("quote")(legs);
  const refusal = refusalOf(quoted);
  if (refusal !== null) throw new CliError(`The pool refuses the first trade: ${refusal}.`);
  const report = await carried(volSurface, fresh);
  await chain.setNextBlockAt(timestamp + 2 * LATENCY);
  const before = await quote.contract.getFunction("balanceOf")(trader);
  // A tenth above the quote: spot and age move it until the block.
  const sent = await pool.getFunction("trade")(legs, (quoted.cost * 11n) / 10n, FOR_EVER, trader, report);
  const { gasUsed } = await sent.wait();
  const cost = before - (await quote.contract.getFunction("balanceOf")(trader));
  return {
    symbol: formatSymbol({ market: currency, expiryAt, strike, isPut: false }),
    amount: 1,
    cost: Number(cost) / 10 ** quote.decimals,
    gas: Number(gasUsed),
  };
}
