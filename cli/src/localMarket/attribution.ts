/** An epoch's result out of the events between two marks. */
import { type Leg, type Slices, slicesOf } from "@meniscus/sdk/pool/book";
import { BASE_UNIT, QUOTE_UNIT } from "@meniscus/sdk/pool/bookWords";
import { decodeReport, type EncodedReport, type Report } from "@meniscus/sdk/report";
import { type Series, seriesOfId } from "@meniscus/sdk/series";
import { SIDES } from "@meniscus/sdk/sides";
import {
  type Attribution,
  attribute,
  type EpochEvents,
  type EpochStart,
  type TradedLeg,
} from "@meniscus/sdk/vault/attribution";
import { fromWad, wadScale } from "@meniscus/sdk/wad";
import type { Log, LogDescription, Result, TransactionReceipt } from "ethers";
import type { AttributionSummary } from "../json/summary.ts";
import { type AnyContract, eventsOf } from "./contract.ts";
import type { Session } from "./session.ts";
import { readPositions } from "./stages/poolStage.ts";

/** What an epoch is read from. */
export interface VaultContracts {
  market: number;
  /** Whose positions the book can have. */
  expiries: readonly number[];
  base: { contract: AnyContract; decimals: number };
  quote: { decimals: number };
  book: AnyContract;
  pool: AnyContract;
  vault: AnyContract;
  hedger: AnyContract;
  clearinghouse: AnyContract;
  volSurface: AnyContract;
}

export const contractsOf = ({ stage, pool, surface }: Session): VaultContracts => ({
  market: stage.market,
  expiries: pool.expiries,
  base: stage.base,
  quote: stage.quote,
  book: pool.book,
  pool: pool.pool,
  vault: pool.vault,
  hedger: pool.hedger,
  clearinghouse: stage.clearinghouse,
  volSurface: surface.volSurface,
});

/** Where an epoch starts: the mark's surface, and the log after which its events count. */
export interface Beginning extends EpochStart {
  log: LogPlace;
}

interface LogPlace {
  block: number;
  index: number;
}

/** Of an epoch's end; after the mark nothing else moves the account. */
interface Flows {
  depositAssets: bigint;
  paidAssets: bigint;
}

/** Of `closeEpoch` or `seed`. */
type EndReceipt = Pick<TransactionReceipt, "blockNumber" | "logs">;

/**
 * The book after the epoch's end in `receipt`, marked at `report`. By events, for what else is in the block, before the end and
 * behind it, belongs to the epoch before and to the next one.
 */
export async function startOf(
  contracts: VaultContracts,
  report: Report,
  receipt: EndReceipt,
): Promise<Beginning> {
  const { vault, base } = contracts;
  const { log, claimBase, claimQuote } = assignedIn(contracts, receipt);
  const end = eventsOf(vault, receipt.logs).find(({ name }) => name === "EpochClosed" || name === "Seeded")!;
  const isSeed = end.name === "Seeded";
  const { mark }: { mark: { base: bigint } } = isSeed ? end.args : end.args.result;
  const flows: Flows = isSeed ? { depositAssets: 0n, paidAssets: 0n } : end.args.result.base;
  return {
    spot: report.spot,
    at: report.reportAt,
    slices: slicesOf(report),
    base: mark.base + (flows.depositAssets - flows.paidAssets) * wadScale(base.decimals),
    claimBase,
    claimQuote,
    positions: await positionsAt(contracts, log),
    log,
  };
}

/** What an epoch's end assigned: where its log is, and both claims in the units that the book keeps. */
function assignedIn({ book }: VaultContracts, { blockNumber, logs }: EndReceipt) {
  const log = logs.find(
    (each) => each.address === book.target && book.interface.parseLog(each)?.name === "Assigned",
  )!;
  const { claimBase, claimQuote } = book.interface.parseLog(log)!.args.assignment;
  return {
    log: { block: blockNumber, index: log.index },
    claimBase: claimBase - (claimBase % BASE_UNIT),
    claimQuote: claimQuote - (claimQuote % QUOTE_UNIT),
  };
}

/** The book's positions as of a log: those of the block before, and what the block did until then. */
async function positionsAt(contracts: VaultContracts, log: LogPlace): Promise<Leg[]> {
  const { pool, book } = contracts;
  let positions = await readPositions(contracts, contracts, log.block - 1);
  for (const { name, args } of await eventsWithin([pool, book], { block: log.block, index: -1 }, log)) {
    if (name === "LegTraded") positions.push(legOf(seriesOfId(args.series), 0n - args.amount));
    if (name === "ExpiryRealized")
      positions = positions.filter(({ expiryAt }) => expiryAt !== Number(args.expiryAt));
  }
  return positions;
}

const legOf = ({ expiryAt, strike, isPut }: Series, amount: bigint): Leg => ({
  expiryAt,
  strike: fromWad(strike),
  isPut,
  amount: fromWad(amount),
});

interface Told extends LogDescription {
  block: number;
}

/** The events of these contracts after one log and up to another, in their order. */
async function eventsWithin(
  contracts: readonly AnyContract[],
  after: LogPlace,
  last: LogPlace,
): Promise<Told[]> {
  const address = contracts.map(({ target }) => target as string);
  const { provider } = contracts[0]!.runner!;
  const logs = await provider!.getLogs({ address, fromBlock: after.block, toBlock: last.block });
  const isWithin = ({ blockNumber, index }: Log) =>
    (blockNumber > after.block || index > after.index) && (blockNumber < last.block || index <= last.index);
  return logs.filter(isWithin).map((log) => {
    const contract = contracts.find(({ target }) => target === log.address)!;
    const { name, args } = contract.interface.parseLog(log)!;
    return { name, args, block: log.blockNumber } as Told;
  });
}

/**
 * The parts of the epoch that ended in `receipt` at the mark of `report`, WAD of quote. Null where the end had no mark, its report
 * being in doubt: then there is nothing to attribute, and what began at `start` goes on until the next end.
 *
 * @param result Of `EpochClosed`.
 */
export async function attributionOf(
  contracts: VaultContracts,
  start: Beginning,
  report: Report,
  receipt: EndReceipt,
  { doubt, mark }: Result,
): Promise<Attribution | null> {
  if (doubt !== 0n) return null;
  const { market, book, pool, vault, hedger, clearinghouse, volSurface } = contracts;
  const baseScale = wadScale(contracts.base.decimals);
  const { log: end } = assignedIn(contracts, receipt);
  const told = await eventsWithin([pool, vault, hedger, book, clearinghouse, volSurface], start.log, end);
  const events = {
    legs: [] as TradedLeg[],
    trades: [] as EpochEvents["trades"][number][],
    hedges: [] as EpochEvents["hedges"][number][],
    exits: [] as EpochEvents["exits"][number][],
    settled: new Map<number, bigint>(),
    rent: mark.rentBase + mark.rentQuote,
    impact: 0n,
  };
  let { slices, spot: reported }: { slices: Slices; spot: bigint } = start;
  let [spot, at, lowered] = [reported, start.at, 0n];
  for (const { name, args, block } of told) {
    if (name === "ReportPosted" && Number(args.market) === market) {
      slices = new Map([...slices, ...slicesOf(decodeReport(args as unknown as EncodedReport))]);
      reported = args.spot;
    }
    if (name === "Traded") {
      // The legs of a trade come after it, in their own events, at its time and lowest spot; the floor's own is a bound, and may be 0.
      const { value, spread, fee, spotLow } = args.parts;
      spot = args.isFloor ? reported : spotLow;
      at = (await pool.runner!.provider!.getBlock(block))!.timestamp;
      events.trades.push({ value, spread, fee, base: args.baseProceeds * baseScale, spot });
    }
    if (name === "LegTraded") {
      const { amount, leg } = args;
      events.legs.push({ series: seriesOfId(args.series), amount, value: leg.value, spot, at, slices });
    }
    if (name === "Hedged") events.hedges.push({ base: args.base, spot: args.spot, cost: args.cost });
    // A floor exit lowers the claim first, in the same transaction.
    if (name === "ClaimLowered") lowered = args.by;
    if (name === "ExitedAtFloor") events.exits.push({ ...exitOf(contracts, args, lowered), spot: reported });
    if (name === "Settled" && Number(args.market) === market)
      events.settled.set(Number(args.expiryAt), args.price);
    // An end without a mark releases nothing.
    if (name === "Assigned") events.impact += args.released;
  }
  return attribute(
    start,
    events,
    { spot: report.spot, at: report.reportAt, slices: slicesOf(report) },
    mark.equity + mark.rentBase + mark.rentQuote,
  );
}

/** What a provider's claim was lowered by, and what was taken of either asset: WAD. */
function exitOf({ base, quote }: VaultContracts, { side, assets, other }: Result, lowered: bigint) {
  const isBase = SIDES[Number(side)] === "base";
  const [ofBase, ofQuote]: bigint[] = isBase ? [assets, other] : [other, assets];
  return {
    claimBase: isBase ? lowered : 0n,
    claimQuote: isBase ? 0n : lowered,
    base: ofBase! * wadScale(base.decimals),
    quote: ofQuote! * wadScale(quote.decimals),
  };
}

/** The parts in quote. */
export const attributionSummary = (parts: Attribution): AttributionSummary =>
  Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, fromWad(part)]),
  ) as unknown as AttributionSummary;
