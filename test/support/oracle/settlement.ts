/**
 * The settlement price by another way than the contracts': every second of the window asks which answer was in force, over the
 * whole history at once, and the answers are added up. Nothing is walked and nothing depends on where one starts.
 */
export interface Round {
  answer: bigint;
  updatedAt: number;
}

/** A feed as it is registered; its history by phase, phase 1 first. */
export interface FeedHistory {
  decimals: number;
  maxSilence: number;
  minAnswer: bigint;
  maxAnswer: bigint;
  phases: { decimals: number; rounds: Round[] }[];
}

export type Average = { integral: bigint } | "broken" | "no carry-in";

const WINDOW = 1800;

/** The round in force at a time: of the newest phase that has one by then, the last; its phase with it. */
function inForce(history: FeedHistory, time: number) {
  for (let phase = history.phases.length - 1; phase >= 0; phase -= 1) {
    const { decimals, rounds } = history.phases[phase]!;
    const round = rounds.findLast(({ updatedAt }) => updatedAt <= time);
    if (round !== undefined) return { ...round, decimals };
  }
  return null;
}

/** Sum over the seconds of the window of the answer in force, or why there is none. */
export function averageOf(history: FeedHistory, expiryAt: number): Average {
  let integral = 0n;
  for (let second = expiryAt - WINDOW; second < expiryAt; second += 1) {
    const round = inForce(history, second);
    if (round === null) return "no carry-in";
    const isPrice = round.answer > history.minAnswer && round.answer < history.maxAnswer;
    // In force during the whole second, so until its end.
    const isSilent = second + 1 - round.updatedAt > history.maxSilence;
    if (!isPrice || isSilent || round.decimals !== history.decimals) return "broken";
    integral += round.answer;
  }
  return { integral };
}

/** WAD of base per quote, rounded down; or why there is none. */
export function settlementOf(base: FeedHistory, quote: FeedHistory, expiryAt: number) {
  const [over, under] = [averageOf(base, expiryAt), averageOf(quote, expiryAt)];
  if (over === "no carry-in" || under === "no carry-in") return "no carry-in";
  if (over === "broken" || under === "broken") return "broken";
  return (
    (over.integral * 10n ** BigInt(18 + quote.decimals)) / (under.integral * 10n ** BigInt(base.decimals))
  );
}

/** What a settlement price rests on; the order of ISettlementOracle.Source. */
export const SOURCE = { rounds: 0, fallback: 1 } as const;

/** Proxy round id. */
export const roundId = (phase: number, round: number): bigint => (BigInt(phase) << 64n) | BigInt(round);

/** The id of the round in force at a time, or null where there is none. */
export function roundAt(history: FeedHistory, time: number): bigint | null {
  for (let phase = history.phases.length - 1; phase >= 0; phase -= 1) {
    const index = history.phases[phase]!.rounds.findLastIndex(({ updatedAt }) => updatedAt <= time);
    if (index >= 0) return roundId(phase + 1, index + 1);
  }
  return null;
}
