/**
 * What an informed taker wins by one look at a price of some age, over the fee, on 30-day options at the money.
 *
 * He knows spot and vol of now; the pool's are those of the report. Moves of spot: the measured 30-minute log returns of ETH, close to
 * close, times sqrt(age / 30 minutes), at the vols that Deribit marked last before each (at the money nearest 30 days; shortest expiry).
 * Moves of vol: normal, 0.52 per sqrt(year) relative (measured for 30 days), independent, by Gauss and Hermite's five points. He buys,
 * sells, or leaves it, whichever is best for him, against the option valued anew at spot and vol of now. The report's spot is all
 * there is: what a feed would tell later, and the age at which openings end, do not help the pool here.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { SECONDS_PER_DAY, SECONDS_PER_YEAR } from "@meniscus/sdk/clock";
import { emptyBook } from "@meniscus/sdk/pool/book";
import { priceOption } from "@meniscus/sdk/pool/exposure";
import type { PoolParameters } from "@meniscus/sdk/pool/parameters";
import { quote } from "@meniscus/sdk/pool/price";
import { flatSurface } from "./poolFlat.ts";
import { agreeing, EQUITY } from "./poolMarkets.ts";
import { DATA_FOLDER } from "./recorded.ts";

export const AGES = [12, 60, 300, 900] as const;
const RETURN_SECONDS = 1800;
const VOL_MOVE = 0.52;
const HERMITE = [
  [0, 0.533333333333333],
  [1.355626179974266, 0.222075922005613],
  [-1.355626179974266, 0.222075922005613],
  [2.856970013872806, 0.011257411327721],
  [-2.856970013872806, 0.011257411327721],
] as const;

/** One measured return and the vols before it. */
export interface Move {
  readonly at: number;
  readonly logReturn: number;
  readonly vol: number;
  readonly shortestVol: number;
}

export interface Looks {
  readonly age: number;
  /** vp of vega a look. */
  readonly withoutSpread: number;
  readonly withSpread: number;
  /** Share of looks at which the taker trades. */
  readonly tradedPct: number;
}

const rowsOf = (file: string): string[][] =>
  gunzipSync(readFileSync(path.join(DATA_FOLDER, "history", file)))
    .toString()
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));

/** Vols at the money by snapshot: nearest 30 days, and shortest of more than an hour. */
function vols(): { at: number; vol: number; shortestVol: number }[] {
  const rows = rowsOf("deribit_forward_atm_term_structure.csv.gz").filter(
    ([, currency]) => currency === "ETH",
  );
  return [...Map.groupBy(rows, ([at]) => Number(at) / 1000)]
    .map(([at, own]) => {
      const marked = own
        .map((row) => ({ days: (Number(row[3]) / 1000 - at) / SECONDS_PER_DAY, vol: Number(row[6]) }))
        .filter(({ days, vol }) => days > 1 / 24 && vol > 0)
        .sort((one, other) => one.days - other.days);
      const nearest = [...marked].sort((one, other) => Math.abs(one.days - 30) - Math.abs(other.days - 30));
      return { at, vol: nearest[0]!.vol, shortestVol: marked[0]!.vol };
    })
    .sort((one, other) => one.at - other.at);
}

/** Every `step`th return of the recorded months that has vols before it, at most two days old. */
export function measuredMoves(step: number): Move[] {
  const known = vols();
  const closes = rowsOf("spot_binance_ETHUSDT_30m_2025-12_2026-03.csv.gz").map((row) => ({
    at: Number(row[0]) / 1000 + RETURN_SECONDS,
    close: Number(row[4]),
  }));
  const moves = closes.slice(1).flatMap(({ at, close }, i): Move[] => {
    const before = known.findLast((one) => one.at <= at - RETURN_SECONDS);
    const isNext = at - closes[i]!.at === RETURN_SECONDS;
    if (before === undefined || !isNext || at - before.at > 2 * SECONDS_PER_DAY + RETURN_SECONDS) return [];
    const { vol, shortestVol } = before;
    return [{ at, logReturn: Math.log(close / closes[i]!.close), vol, shortestVol }];
  });
  return moves.filter((_, i) => i % step === 0);
}

export function looksAt(age: number, moves: readonly Move[], parameters: PoolParameters): Looks {
  let [withoutSpread, withSpread, traded] = [0, 0, 0];
  for (const move of moves) {
    const { at, logReturn, vol } = move;
    const expiryAt = at + 30 * SECONDS_PER_DAY;
    const surface = flatSurface(2000, vol, at - age, expiryAt);
    const leg = { expiryAt, strike: surface.spot, isPut: false };
    const book = emptyBook(EQUITY, surface.spot, move.shortestVol, parameters.potential.bandFloor);
    const [buy, sell] = [1, -1].map(
      (side) =>
        quote([{ ...leg, amount: side * 1e-3 }], book, surface, agreeing(surface), parameters, at).parts,
    );
    const { vega } = priceOption(leg, surface.slices.get(expiryAt)!, surface.spot, at, 1);
    const spot = surface.spot * Math.exp(logReturn * Math.sqrt(age / RETURN_SECONDS));
    for (const [z, weight] of HERMITE) {
      const moved = vol * Math.exp(z * VOL_MOVE * Math.sqrt(age / SECONDS_PER_YEAR));
      const slice = flatSurface(2000, moved, at - age, expiryAt).slices.get(expiryAt)!;
      const { value } = priceOption(leg, slice, spot, at, 1);
      const gain = (spread: 0 | 1) =>
        Math.max(
          0,
          value - 1e3 * (buy!.value + buy!.fee + spread * buy!.spread),
          -value - 1e3 * (sell!.value + sell!.fee + spread * sell!.spread),
        );
      const part = (100 * weight) / vega / moves.length;
      withoutSpread += part * gain(0);
      withSpread += part * gain(1);
      if (gain(1) > 0) traded += weight / moves.length;
    }
  }
  return { age, withoutSpread, withSpread, tradedPct: 100 * traded };
}
