/** What our gas is judged by, by bench and test alike: the goals of the project, and the best public code, measured November 2026. */
export interface Anchor {
  readonly goal: number;
  readonly stretch?: number;
  readonly best?: string;
  /** Beyond its goal; docs/GAS.md says why. */
  readonly isMissed?: true;
}

/** By the dotted key of the bench's JSON; of a quote, its median. */
export const GAS_ANCHORS: Readonly<Record<string, Anchor>> = {
  quoteFromSpot: { goal: 1600, stretch: 1300, best: "DeFiMath 8,202" },
  quoteFromForward: { goal: 1300, stretch: 1050, best: "Derive 4,254, no vega" },
  quoteFromSlice: { goal: 1600, stretch: 1300, best: "Derive about 9,400, no vega" },
  quoteFromSurface: { goal: 2000, stretch: 1650 },
  "post.twelveSlicesThreeSigners": { goal: 165_000, stretch: 150_000, best: "Derive 66,800 a slice" },
  "post.sixteenSlicesThreeSigners": { goal: 200_000 },
  "clearing.write": { goal: 100_000, best: "Premia 262,000" },
  "clearing.writePut": { goal: 100_000 },
  "clearing.burn": { goal: 100_000 },
  "clearing.burnPut": { goal: 100_000 },
  "clearing.perFurtherStrike": { goal: 3000 },
  "clearing.perFurtherStrikePut": { goal: 3000 },
  "clearing.redeem": { goal: 75_000, best: "Opyn 155,000" },
  "clearing.redeemPut": { goal: 75_000 },
  "oracles.readInTrade": { goal: 25_000 },
  "oracles.readInTradeLayer2": { goal: 40_000 },
  // 85,000 and two rounds of 9,000.
  "oracles.settle": { goal: 103_000 },
  "oracles.perRound": { goal: 9000 },
  "pool.buyFirst": { goal: 190_000, best: "Premia 715,000, Lyra 1,221,000", isMissed: true },
  "pool.buyRepeat": { goal: 170_000, best: "Premia 599,000, Lyra 1,205,000", isMissed: true },
  "pool.sellBack": { goal: 160_000, best: "Premia 423,000, Lyra 980,000", isMissed: true },
  "pool.withReport": { goal: 145_000 },
  "vault.request": { goal: 75_000 },
  "vault.requestSincePart": { goal: 75_000 },
  "vault.claim": { goal: 75_000 },
  "vault.markCall": { goal: 50_000 },
  "vault.markPerExpiry": { goal: 16_000 },
  "vault.fill": { goal: 260_000 },
};
