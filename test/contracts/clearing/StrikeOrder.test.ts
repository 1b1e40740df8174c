import { expect } from "chai";
import fc from "fast-check";
import { type AnyContract, deploy } from "../../support/clearing/fixture.ts";

const PLACES = 32;
const OUT = 255;

interface Step {
  rank: number;
  place: number;
}

/** Steps that an array allows, and the array after each of them. */
function play(seeds: readonly { isIn: boolean; at: number; which: number }[]): {
  steps: Step[];
  orders: number[][];
} {
  const order: number[] = [];
  const steps: Step[] = [];
  const orders: number[][] = [];
  for (const { isIn, at, which } of seeds) {
    const free = Array.from({ length: PLACES }, (_, place) => place).filter(
      (place) => !order.includes(place),
    );
    if (order.length === 0 || (isIn && free.length > 0)) {
      const step = { rank: at % (order.length + 1), place: free[which % free.length]! };
      order.splice(step.rank, 0, step.place);
      steps.push(step);
    } else {
      const rank = at % order.length;
      order.splice(rank, 1);
      steps.push({ rank, place: OUT });
    }
    orders.push([...order]);
  }
  return { steps, orders };
}

describe("StrikeOrder", () => {
  let harness: AnyContract;

  before(async () => {
    harness = await deploy("ClearingHarness");
  });

  async function orderAfter(steps: Step[]): Promise<number[][]> {
    const words = await harness.orders(
      steps.map(({ rank }) => rank),
      steps.map(({ place }) => place),
    );
    return [...words].map((order: bigint[]) => [...order].map(Number));
  }

  it("is the list that an array would be, through any insertions and removals", async () => {
    const seed = fc.record({ isIn: fc.boolean(), at: fc.nat(1000), which: fc.nat(1000) });
    await fc.assert(
      fc.asyncProperty(fc.array(seed, { maxLength: 40 }), async (seeds) => {
        const { steps, orders } = play(seeds);
        expect(await orderAfter(steps)).to.deep.equal(orders);
      }),
      { numRuns: 200, seed: 20_270_106 },
    );
  });

  it("holds 32 places, filled and emptied from either end", async () => {
    const places = Array.from({ length: PLACES }, (_, place) => place);
    for (const fromTop of [false, true]) {
      const fill = places.map((place) => ({ rank: fromTop ? place : 0, place }));
      const empty = places.map((place) => ({ rank: fromTop ? PLACES - 1 - place : 0, place: OUT }));
      const orders = await orderAfter([...fill, ...empty]);
      expect(orders[PLACES - 1]).to.deep.equal(fromTop ? places : [...places].reverse());
      expect(orders.at(-1)).to.deep.equal([]);
    }
  });
});
