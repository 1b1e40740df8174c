/** A trade of the deployed market as the reference takes it: every number read from the contracts. */
import { seriesOfId } from "@meniscus/sdk/series";
import { answers } from "../oracle/fixture.ts";
import { MARKET, type Market, networkHelpers } from "./fixture.ts";
import type { ReferenceTrade } from "./referenceTrade.ts";
import type { Legs } from "./situations.ts";
import { readBook } from "./words.ts";

const BPS = 10n ** 14n;
const PPM = 10n ** 12n;

/** The parameters of pool and book, WAD. */
async function parametersOf({ pool, book }: Market): Promise<ReferenceTrade["parameters"]> {
  const [set, terms] = [await pool.parameters!(), await book.terms!()];
  return {
    potential: {
      lambda: terms.lambdaBps * BPS,
      slopeLow: -(terms.slopeLowPpm as bigint) * PPM,
      slopeHigh: terms.slopeHighPpm * PPM,
      mu: terms.muBps * BPS,
      theta: terms.thetaPpm * PPM,
      kappa: terms.kappaPpm * PPM,
      stickiness: terms.stickinessBps * BPS,
      riskAversion: 0n,
      hedgeCost: 0n,
      bandFloor: 0n,
      bandCap: 0n,
    },
    charges: {
      feeVol: set.feeVolPpm * PPM,
      feeNotional: set.feeNotionalPpm * PPM,
      feeOfValue: set.feeOfValueBps * BPS,
      ageSds: set.ageSdsBps * BPS,
      volOfVol: set.volOfVolBps * BPS,
      displacement: set.displacementBps * BPS,
      rentBelow: set.rentBelowPpm * PPM,
      rentAtKink: set.rentAtKinkPpm * PPM,
      rentFull: set.rentFullPpm * PPM,
    },
    limits: {
      vegaLow: -(terms.vegaLowBps as bigint) * BPS,
      vegaHigh: terms.vegaHighBps * BPS,
      gamma: terms.gammaBps * BPS,
      reportMaxAge: set.reportMaxAge,
      spotMaxMove: set.spotMaxMoveBps * BPS,
      outflowOfBlock: terms.blockOutflowBps * BPS,
      outflowOfEpoch: terms.epochOutflowBps * BPS,
    },
  };
}

/** What a trade of `legs` in a block at `now` rests on. */
export async function referenceOf(market: Market, legs: Legs, now: number): Promise<ReferenceTrade> {
  const { clearinghouse, surface, book } = market;
  const series = legs.map(({ series: id }) => seriesOfId(id));
  const expiriesAt = [...new Set(series.map(({ expiryAt }) => expiryAt))];
  const readings = await Promise.all(expiriesAt.map((expiryAt) => surface.read!(MARKET, expiryAt)));
  const state = await readBook(market);
  const isLatest = (await networkHelpers.time.latest()) === now;
  const opening = isLatest ? (await answers(market.spot)).opening : await pendingAnswer(market, now);
  // Only in the block of a post.
  const previous = readings.map(({ previous: word }) => (isLatest ? (word as bigint) : 0n));
  return {
    legs: await Promise.all(
      series.map(async ({ expiryAt, strike, isPut }, i) => ({
        expiryAt,
        strike,
        isPut,
        amount: legs[i]!.amount,
        position: (await clearinghouse.position!(book, legs[i]!.series)) as bigint,
      })),
    ),
    book: {
      ...state,
      optionsDelta: state.delta,
      base: state.collateral[0],
      shortestVol: state.shortVol,
      expiries: new Map(state.expiries.map(({ expiryAt, ...own }) => [expiryAt, own])),
    },
    now,
    reportAt: Number(readings[0].reportAt),
    reportSpot: readings[0].spot,
    words: new Map(expiriesAt.map((expiryAt, i) => [expiryAt, readings[i].current as bigint])),
    ...(previous.every((word) => word === 0n)
      ? {}
      : { previous: new Map(expiriesAt.map((expiryAt, i) => [expiryAt, previous[i]!])) }),
    spots: { ...opening, hasSigned: opening.deviation === 0n },
    parameters: await parametersOf(market),
  };
}

/** The oracle's opening answer in the next block, at `now`: the ages are those of its time. */
async function pendingAnswer(market: Market, now: number) {
  await networkHelpers.time.setNextBlockTimestamp(now);
  const reading = await market.spot.read!.staticCall(MARKET, { blockTag: "pending" });
  const { low, high, deviation, observedAt } = reading.opening;
  return { low, high, deviation, observedAt: Number(observedAt) } as const;
}
