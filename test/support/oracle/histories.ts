/** Simulated histories of feeds, as fast-check arbitraries: each kind of what a feed has been seen to do. */
import fc from "fast-check";
import type { FeedHistory, Round } from "./settlement.ts";

/** The answer at which an aggregator stops falling, 10 USD, and at or below which the registered feed has no price. */
const floorOf = (decimals: number): bigint => 10n ** BigInt(decimals + 1);
const HOUR = 3600;

/** How often a feed of a kind brings a round, seconds: least, most. */
const KINDS = {
  /** 0.5 % deviation, 1 h heartbeat: often no round within the window. */
  mainnet: [60, HOUR],
  /** A dense layer-2 feed. */
  dense: [5, 60],
  /** Beats that are missed for hours. */
  gaps: [600, 3.3 * HOUR],
  /** Several rounds in the same second, and none for half an hour. */
  bursts: [0, 2000],
} as const;

export interface Simulated {
  history: FeedHistory;
  kind: string;
}

/** Rounds from at least two hours before the window to a while after the expiry, and some that end early. */
function rounds(expiryAt: number, kind: keyof typeof KINDS, from: number, decimals: number) {
  const [least, most] = KINDS[kind];
  const count = kind === "dense" ? 90 : kind === "bursts" ? 24 : 12;
  return fc
    .record({
      gaps: fc.array(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: count }),
      moves: fc.array(fc.integer({ min: -300, max: 300 }), { minLength: count, maxLength: count }),
      level: fc.integer({ min: 1_000, max: 5_000 }),
      // LUNA: from some round on the aggregator's floor, whatever the market does.
      floorFrom: fc.option(fc.integer({ min: 0, max: count }), { freq: 30, nil: count + 1 }),
    })
    .map(({ gaps, moves, level, floorFrom }): Round[] => {
      let time = expiryAt - from;
      let answer = BigInt(level) * 10n ** BigInt(decimals);
      return gaps.map((gap, index) => {
        time += index === 0 ? 0 : gap;
        answer += (answer * BigInt(moves[index]!)) / 10_000n;
        return { answer: index >= floorFrom ? floorOf(decimals) : answer, updatedAt: time };
      });
    });
}

/** A feed's history with one to three phases, new aggregators beginning before, in and after the window or never. */
export function history(expiryAt: number): fc.Arbitrary<Simulated> {
  return fc
    .record({
      kind: fc.constantFrom(...(Object.keys(KINDS) as (keyof typeof KINDS)[])),
      decimals: fc.constantFrom(6, 8, 18),
      phases: fc.integer({ min: 1, max: 3 }),
      otherDecimals: fc.option(fc.constantFrom(6, 8, 18), { freq: 10, nil: null }),
    })
    .chain(({ kind, decimals, phases, otherDecimals }) =>
      fc
        .tuple(
          ...Array.from({ length: phases }, (_, phase) =>
            fc
              .integer({ min: phase === 0 ? 1700 : -600, max: phase === 0 ? 9000 : 5400 })
              .chain((from) => rounds(expiryAt, kind, from, decimals)),
          ),
        )
        .chain((all) =>
          fc.record({
            // Of the phases after the first one in eight has no round yet.
            empty: fc.array(fc.integer({ min: 0, max: 7 }), { minLength: phases, maxLength: phases }),
            all: fc.constant(all),
          }),
        )
        .map(({ all, empty }) => ({
          kind,
          history: {
            decimals,
            maxSilence: 3 * HOUR,
            minAnswer: floorOf(decimals),
            maxAnswer: 10n ** BigInt(decimals + 6),
            phases: all.map((list, phase) => ({
              decimals:
                phase === phases - 1 && phase > 0 && otherDecimals !== null ? otherDecimals : decimals,
              rounds: phase > 0 && empty[phase] === 0 ? [] : list,
            })),
          },
        })),
    );
}
