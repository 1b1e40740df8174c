/** An epoch's result out of the events between two marks. */
import { type Slices, slicesOf } from "@meniscus/sdk/pool/book";
import { decodeClaims } from "@meniscus/sdk/pool/bookWords";
import { decodeReport, type EncodedReport, type Report } from "@meniscus/sdk/report";
import { seriesOfId } from "@meniscus/sdk/series";
import {
  type Attribution,
  attribute,
  type EpochEvents,
  type EpochStart,
  type TradedLeg,
} from "@meniscus/sdk/vault/attribution";
import { fromWad } from "@meniscus/sdk/wad";
import type { LogDescription, Result, TransactionReceipt } from "ethers";
import type { AttributionSummary } from "../json/summary.ts";
import type { AnyContract } from "./contract.ts";
import type { Session } from "./session.ts";
import { readPositions } from "./stages/poolStage.ts";

/** What an epoch is read from. */
export interface VaultContracts {
  market: number;
  /** Whose positions the book can have. */
  expiries: readonly number[];
  base: { contract: AnyContract; decimals: number };
  book: AnyContract;
  pool: AnyContract;
  hedger: AnyContract;
  clearinghouse: AnyContract;
  volSurface: AnyContract;
}

export const contractsOf = ({ stage, pool, surface }: Session): VaultContracts => ({
  market: stage.market,
  expiries: pool.expiries,
  base: stage.base,
  book: pool.book,
  pool: pool.pool,
  hedger: pool.hedger,
  clearinghouse: stage.clearinghouse,
  volSurface: surface.volSurface,
});

/** Where an epoch starts: the mark's surface, and the block after which its events count. */
export interface Beginning extends EpochStart {
  block: number;
}

/** The book after the epoch's end in `block`, marked at `report`. */
export async function startOf(contracts: VaultContracts, report: Report, block: number): Promise<Beginning> {
  const { book, base, clearinghouse } = contracts;
  const then = { blockTag: block };
  const { claimBase, claimQuote } = decodeClaims(await book.getFunction("claims")(then));
  const { balance } = await clearinghouse.getFunction("collateral")(book, base.contract, then);
  return {
    spot: report.spot,
    at: report.reportAt,
    slices: slicesOf(report),
    base: balance * 10n ** BigInt(18 - base.decimals),
    claimBase,
    claimQuote,
    positions: await readPositions(contracts, contracts, block),
    block,
  };
}

interface Told extends LogDescription {
  block: number;
}

/** The events of these contracts after one block and up to another, in their order. */
async function eventsWithin(contracts: readonly AnyContract[], after: number, last: number): Promise<Told[]> {
  const address = contracts.map(({ target }) => target as string);
  const { provider } = contracts[0]!.runner!;
  const logs = await provider!.getLogs({ address, fromBlock: after + 1, toBlock: last });
  return logs.map((log) => {
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
  { market, book, pool, hedger, clearinghouse, volSurface }: VaultContracts,
  start: Beginning,
  report: Report,
  { blockNumber }: Pick<TransactionReceipt, "blockNumber">,
  { doubt, mark }: Result,
): Promise<Attribution | null> {
  if (doubt !== 0n) return null;
  const told = await eventsWithin([pool, hedger, book, clearinghouse, volSurface], start.block, blockNumber);
  const events = {
    legs: [] as TradedLeg[],
    trades: [] as EpochEvents["trades"][number][],
    hedges: [] as EpochEvents["hedges"][number][],
    settled: new Map<number, bigint>(),
    rent: mark.rentBase + mark.rentQuote,
    impact: 0n,
  };
  let { slices, spot: reported }: { slices: Slices; spot: bigint } = start;
  let spot = reported;
  for (const { name, args, block } of told) {
    if (name === "ReportPosted" && Number(args.market) === market) {
      slices = new Map([...slices, ...slicesOf(decodeReport(args as unknown as EncodedReport))]);
      reported = args.spot;
    }
    if (name === "Traded") {
      // The legs of a trade come after it, in their own events, at its lowest spot; the floor's own is a bound, and may be 0.
      const { value, spread, fee, spotLow } = args.parts;
      spot = args.isFloor ? reported : spotLow;
      events.trades.push({ value, spread, fee });
    }
    if (name === "LegTraded") {
      const { timestamp: at } = (await pool.runner!.provider!.getBlock(block))!;
      const { amount, leg } = args;
      events.legs.push({ series: seriesOfId(args.series), amount, value: leg.value, spot, at, slices });
    }
    if (name === "Hedged") events.hedges.push({ base: args.base, spot: args.spot, cost: args.cost });
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

/** The parts in quote. */
export const attributionSummary = (parts: Attribution): AttributionSummary =>
  Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, fromWad(part)]),
  ) as unknown as AttributionSummary;
