/** The vault as it stands after a step: marked by the contracts, and what a gap of spot would do to it. */
import { isoTime } from "@meniscus/sdk/clock";
import { type Leg, type Slices, slicesOf } from "@meniscus/sdk/pool/book";
import { decodeClaims } from "@meniscus/sdk/pool/bookWords";
import { encodeReport, type Report } from "@meniscus/sdk/report";
import { fromWad } from "@meniscus/sdk/wad";
import type { SimulationSample } from "../../json/simulation.ts";
import { readGreeks, readPositions } from "../../localMarket/stages/poolStage.ts";
import { type Truth, valueAt } from "./flow.ts";
import type { Playing } from "./keepers.ts";

export const GAP = 0.2;

/** What the seed brought, in float64. */
export interface Seed {
  base: number;
  quote: number;
}

export async function measure(playing: Playing, report: Report, seed: Seed): Promise<SimulationSample> {
  const { stage, pool } = playing;
  const [mark, greeks, claims, positions] = await Promise.all([
    pool.book.getFunction("mark")(encodeReport(report)),
    readGreeks(pool),
    pool.book.getFunction("claims")(),
    readPositions(stage, pool),
  ]);
  const spot = fromWad(report.spot);
  const equity = fromWad(mark.equity + mark.rentBase + mark.rentQuote);
  const held = fromWad(mark.base - decodeClaims(claims).claimBase);
  const gap = (move: number) =>
    changeIn(positions, slicesOf(report), spot, report.reportAt, move, held) / equity;
  return {
    at: isoTime(report.reportAt),
    spot,
    equity,
    profit: equity - seed.base * spot - seed.quote,
    optionsDelta: fromWad(mark.delta),
    delta: fromWad(mark.delta) + held,
    vega: greeks.vega,
    gamma: greeks.gamma,
    gapDown: gap(-GAP),
    gapUp: gap(GAP),
  };
}

/** Worth of the positions and of the base beyond claims after an instant move, less before. */
function changeIn(
  positions: readonly Leg[],
  slices: Slices,
  spot: number,
  at: number,
  move: number,
  held: number,
): number {
  const worth = (truth: Truth) =>
    positions
      .filter(({ expiryAt }) => slices.has(expiryAt))
      .reduce((all, leg) => all + leg.amount * valueAt(leg, truth, at).value, 0);
  const moved = spot * (1 + move);
  return worth({ spot: moved, slices }) - worth({ spot, slices }) + held * (moved - spot);
}
