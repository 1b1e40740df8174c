/** An epoch's result out of the events between two marks. */
import { slicesOf } from "@meniscus/sdk/pool/book";
import { decodeClaims } from "@meniscus/sdk/pool/bookWords";
import type { Report } from "@meniscus/sdk/report";
import { attribute, type EpochEvents, type EpochStart } from "@meniscus/sdk/vault/attribution";
import { fromWad } from "@meniscus/sdk/wad";
import type { Contract, LogDescription, Result, TransactionReceipt } from "ethers";
import type { AttributionSummary } from "../json/summary.ts";
import { eventsOf } from "./contract.ts";
import type { Session } from "./session.ts";
import { readPositions } from "./stages/poolStage.ts";

/** Where an epoch starts: the mark's surface, and the block after which its events count. */
export interface Beginning extends EpochStart {
  block: number;
}

/** The book after the epoch's end in `block`, marked at `report`. */
export async function startOf(session: Session, report: Report, block: number): Promise<Beginning> {
  const { stage, pool } = session;
  const { clearinghouse, base } = stage;
  const then = { blockTag: block };
  const { claimBase, claimQuote } = decodeClaims(await pool.book.getFunction("claims")(then));
  const { balance } = await clearinghouse.getFunction("collateral")(pool.book, base.contract, then);
  return {
    spot: report.spot,
    at: report.reportAt,
    slices: slicesOf(report),
    base: balance * 10n ** BigInt(18 - base.decimals),
    claimBase,
    claimQuote,
    positions: await readPositions(stage, pool, block),
    block,
  };
}

async function eventsWithin(contract: Contract, from: number, to: number): Promise<LogDescription[]> {
  const address = contract.target as string;
  const logs = await contract.runner!.provider!.getLogs({ address, fromBlock: from, toBlock: to });
  return eventsOf(contract, logs);
}

/** The parts of the epoch that ended in `receipt`, quote. */
export async function attributionOf(
  session: Session,
  start: Beginning,
  report: Report,
  { blockNumber }: Pick<TransactionReceipt, "blockNumber">,
  mark: Result,
): Promise<AttributionSummary> {
  const { pool } = session;
  const within = (contract: Contract) => eventsWithin(contract, start.block + 1, blockNumber);
  const [trades, hedges, booked] = [
    await within(pool.pool),
    await within(pool.hedger),
    await within(pool.book),
  ];
  const traded = trades.filter(({ name }) => name === "Traded").map(({ args }) => args);
  // The legs of a trade come after it, in their own events, at its lowest spot.
  const legs: EpochEvents["legs"][number][] = [];
  let spot = 0n;
  for (const { name, args } of trades) {
    if (name === "Traded") spot = args.parts.spotLow;
    if (name === "LegTraded")
      legs.push({ amount: args.amount, value: args.leg.value, delta: args.leg.delta, spot });
  }
  const parts = attribute(
    start,
    {
      legs,
      charges: traded.map(({ parts: of }) => of.fee + of.spread),
      hedges: hedges
        .filter(({ name }) => name === "Hedged")
        .map(({ args: { base, spot: at, cost } }) => ({ base, spot: at, cost })),
      rent: mark.rentBase + mark.rentQuote,
      impact: booked.find(({ name }) => name === "Assigned")!.args.released,
    },
    { spot: report.spot, at: report.reportAt, slices: slicesOf(report) },
    mark.equity + mark.rentBase + mark.rentQuote,
  );
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, fromWad(part)]),
  ) as unknown as AttributionSummary;
}
