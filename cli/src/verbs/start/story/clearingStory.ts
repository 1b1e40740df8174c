/**
 * Clearing, played once: a covered call and a put spread are written and tokens move; once the expiry has passed the holder redeems,
 * the writers realize, and every balance is told before and after.
 */
import { seriesId } from "@meniscus/sdk/series";
import { strikeDown } from "@meniscus/sdk/strikeGrid";
import { formatSymbol } from "@meniscus/sdk/symbol";
import { WAD } from "@meniscus/sdk/wad";
import { type Addressable, formatUnits } from "ethers";
import type { LocalChain } from "../../../hardhat/localChain.ts";
import { send } from "../../../localMarket/contract.ts";
import {
  deposited,
  type Holding,
  holdings,
  listFirst,
  type Stage,
} from "../../../localMarket/stages/clearingStage.ts";
import { LEAD, settleExpiry } from "./settlementStage.ts";

/** How many of each option are written, WAD. */
const OPTIONS = 2n * WAD;

interface Series {
  id: bigint;
  symbol: string;
  strike: bigint;
}

/** A call below spot, and a put spread from above spot down to it: all but the lower put end in the money if spot stays. */
interface Cast {
  expiryAt: number;
  call: Series;
  put: Series;
  lowerPut: Series;
}

export interface ClearingStory {
  /** What happened, a line each. */
  lines: string[];
  base: { symbol: string; decimals: number };
  quote: { symbol: string; decimals: number };
  before: Holding[];
  after: Holding[];
}

interface Setting {
  currency: string;
  /** The report's, WAD. */
  spot: bigint;
  /** Expiries on the surface, rising, unix seconds. */
  expiries: readonly number[];
  /** Who else has an account in the Clearinghouse, and no part in this. */
  others: readonly Addressable[];
}

/** What was written and waits for its expiry. */
export interface Written {
  cast: Cast;
  setting: Setting;
  before: Holding[];
  lines: string[];
}

/** Writes a covered call and a put spread at the first expiry that may be listed; null where none may. */
export async function write(chain: LocalChain, stage: Stage, setting: Setting): Promise<Written | null> {
  const { timestamp } = (await chain.provider.getBlock("latest"))!;
  // The story takes a while before it is about to settle.
  const expiries = setting.expiries.filter((expiryAt) => expiryAt - 2 * LEAD > timestamp);
  const cast = await chooseCast(stage, { ...setting, expiries });
  if (cast === null) return null;
  const before = await holdings(stage, setting.others);
  const lines = [...(await writeCall(stage, cast)), ...(await writeSpread(stage, cast))];
  return { cast, setting, before, lines };
}

/** Settles it at rounds around `spot`; holders redeem and writers realize. */
export async function settleWritten(
  chain: LocalChain,
  stage: Stage,
  { cast, setting, before, lines }: Written,
  spot: bigint,
): Promise<ClearingStory> {
  const settled = await settle(stage, chain, cast, spot);
  const left = await leave(stage, cast);
  return {
    lines: [...lines, ...settled, ...left],
    base: stage.base,
    quote: stage.quote,
    before,
    after: await holdings(stage, setting.others),
  };
}

async function chooseCast(stage: Stage, { currency, spot, expiries }: Setting): Promise<Cast | null> {
  const [low, middle, high] = [95n, 100n, 105n].map((percent) => strikeDown((spot * percent) / 100n)) as [
    bigint,
    bigint,
    bigint,
  ];
  const expiryAt = await listFirst(stage, expiries, [low, middle, high]);
  if (expiryAt === null) return null;
  const series = (strike: bigint, isPut: boolean): Series => ({
    id: seriesId({ market: stage.market, expiryAt, strike, isPut }),
    symbol: formatSymbol({ market: currency, expiryAt, strike, isPut }),
    strike,
  });
  return { expiryAt, call: series(low, false), put: series(high, true), lowerPut: series(middle, true) };
}

async function writeCall({ clearinghouse, base, writer, holder }: Stage, { call }: Cast): Promise<string[]> {
  const cover = (OPTIONS * 10n ** BigInt(base.decimals)) / WAD;
  await send(clearinghouse, writer, "deposit", base.contract, cover, writer);
  await send(clearinghouse, writer, "mint", call.id, OPTIONS, writer, writer);
  await send(clearinghouse, writer, "transfer", holder, call.id, OPTIONS);
  return [
    `writer deposits ${formatUnits(cover, base.decimals)} ${base.symbol} and writes 2 ${call.symbol}`,
    `2 ${call.symbol} move from writer to holder, as ERC-6909 tokens`,
  ];
}

async function writeSpread(stage: Stage, { put, lowerPut }: Cast): Promise<string[]> {
  const { clearinghouse, quote, writer, holder, dealer } = stage;
  const cash = (strike: bigint) => (OPTIONS * strike * 10n ** BigInt(quote.decimals)) / (WAD * WAD);
  const spelt = (assets: bigint) => `${formatUnits(assets, quote.decimals)} ${quote.symbol}`;
  await send(clearinghouse, dealer, "deposit", quote.contract, cash(lowerPut.strike), dealer);
  await send(clearinghouse, dealer, "mint", lowerPut.id, OPTIONS, dealer, writer);

  const worstCase = cash(put.strike - lowerPut.strike);
  await send(clearinghouse, writer, "deposit", quote.contract, worstCase, writer);
  const terms = { account: writer, from: writer, to: holder, quoteAssets: 0, baseAssets: 0 };
  await send(clearinghouse, writer, "exchange", terms, [
    { series: lowerPut.id, amount: -OPTIONS },
    { series: put.id, amount: OPTIONS },
  ]);
  const { locked } = await clearinghouse.getFunction("collateral")(writer, quote.contract);
  return [
    `dealer deposits ${spelt(cash(lowerPut.strike))} and writes 2 ${lowerPut.symbol} to writer`,
    `writer deposits these and writes 2 ${put.symbol} to holder: the spread's worst case is ${spelt(worstCase)}, locked are ${spelt(locked)}`,
  ];
}

async function settle(stage: Stage, chain: LocalChain, { expiryAt }: Cast, spot: bigint): Promise<string[]> {
  return settleExpiry(stage, chain, { expiryAt, spot });
}

async function leave(stage: Stage, { expiryAt, call, put }: Cast): Promise<string[]> {
  const { market, clearinghouse, base, quote, writer, holder, dealer } = stage;
  for (const { id } of [call, put]) await send(clearinghouse, holder, "redeem", id, OPTIONS, holder, holder);
  for (const account of [writer, dealer]) {
    await send(clearinghouse, account, "realize", account, market, expiryAt);
    for (const token of [base, quote]) {
      const balance = await deposited(stage, account, token);
      if (balance > 0n)
        await send(clearinghouse, account, "withdraw", token.contract, balance, account, account);
    }
  }
  return [
    `holder redeems ${call.symbol} in ${base.symbol} and ${put.symbol} in ${quote.symbol}`,
    "writer and dealer realize, and withdraw what is theirs",
  ];
}
