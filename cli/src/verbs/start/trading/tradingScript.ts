/** Who trades what against the pool: a morning's orders of four customers. */

/** A leg by its place among the stage's expiries and strikes; amounts in units, positive: bought. */
export interface ScriptLeg {
  /** 0: the nearer expiry; 1: the farther, or the only one. */
  expiry: 0 | 1;
  /** Percent of spot, one of the stage's. */
  percent: bigint;
  isPut: boolean;
  units: bigint;
}

export interface ScriptOrder {
  by: "trader" | "insurer" | "fund" | "writer";
  legs: ScriptLeg[];
  /** Through the Router: as many as this budget buys, in quote. Then the leg's units are no more than a sign. */
  budget?: bigint;
}

const call = (percent: bigint, units: bigint, expiry: 0 | 1 = 0): ScriptLeg => ({
  expiry,
  percent,
  units,
  isPut: false,
});
const put = (percent: bigint, units: bigint, expiry: 0 | 1 = 0): ScriptLeg => ({
  expiry,
  percent,
  units,
  isPut: true,
});

/** In their order. The writer has written what he sells; the last one sells what the budget bought. */
export const ORDERS: readonly ScriptOrder[] = [
  { by: "trader", legs: [call(100n, 2n)] },
  { by: "insurer", legs: [put(95n, 2n), put(85n, -1n)] },
  { by: "writer", legs: [call(110n, -2n)] },
  { by: "fund", legs: [call(105n, 1n, 1)], budget: 2000n },
  { by: "trader", legs: [call(100n, -1n)] },
  { by: "fund", legs: [call(100n, 1n, 1), put(100n, 1n, 1)] },
  { by: "writer", legs: [put(90n, -1n, 1)] },
  { by: "insurer", legs: [put(95n, -2n), put(85n, 1n)] },
  { by: "fund", legs: [call(105n, -1n, 1)], budget: 0n },
];

/** What somebody holds before the first order: the writer's options, and the short leg of the insurer's spread. */
export const HOLDINGS: readonly { by: "writer" | "insurer"; leg: ScriptLeg }[] = [
  { by: "writer", leg: call(110n, 2n) },
  { by: "writer", leg: put(90n, 1n, 1) },
  { by: "insurer", leg: put(85n, 1n) },
];

/** More than the book may bear. */
export const TOO_LARGE: readonly ScriptLeg[] = [call(100n, 100n), put(90n, -100n)];

/** Spot at each order, ten-thousandths away from the report's: within what needs no new round of the feed. */
export const SPOT_PATH = [4n, -6n, 9n, -3n, 12n, 2n, -8n, 5n, 7n];

/** What customers want in the evenings of the days after, one each, in turn. */
export const EVENING_ORDERS: readonly ScriptOrder[] = [
  { by: "fund", legs: [call(105n, 3n, 1)] },
  { by: "insurer", legs: [put(95n, 3n, 1)] },
  { by: "trader", legs: [call(100n, 2n, 1)] },
  { by: "fund", legs: [call(105n, -2n, 1)] },
];
