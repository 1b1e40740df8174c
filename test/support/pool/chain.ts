/** The whole listed chain as the pool quotes it. */
import { type Market, options, quote } from "./fixture.ts";
import { LISTED } from "./random.ts";

/** Options at which each series is asked for. */
export const sizes = [options(0.01), options(1), options(20)] as const;

/** What is looked at of a quote. */
export interface Answer {
  refusal: bigint;
  cost: bigint;
  parts: Record<
    "value" | "impact" | "spread" | "fee" | "rentBase" | "rentQuote" | "spotLow" | "spotHigh",
    bigint
  >;
  legs: { value: bigint; vol: bigint; delta: bigint; vega: bigint }[];
}

export interface Quoted {
  expiryAt: number;
  strike: bigint;
  isPut: boolean;
  series: bigint;
  /** By size; null where refused. */
  asks: (Answer | null)[];
  bids: (Answer | null)[];
}

export async function chainOf(market: Market): Promise<Quoted[]> {
  const chain: Quoted[] = [];
  for (const listed of LISTED) {
    const answers = async (sign: bigint) => {
      const quoted: (Answer | null)[] = [];
      for (const size of sizes) {
        const answer: Answer = await quote(market, [{ series: listed.series, amount: sign * size }]);
        quoted.push(answer.refusal === 0n ? answer : null);
      }
      return quoted;
    };
    chain.push({ ...listed, asks: await answers(1n), bids: await answers(-1n) });
  }
  return chain;
}
