/**
 * Gas and error of everything that is judged by them: `npm run bench -- gas [--json]`. The table sets our medians beside the best
 * public code and the goals (as measured for this project, November 2026; docs name the sources).
 */
import hre from "hardhat";
import { type ClearingGas, measureClearing } from "./clearing.ts";
import { measurePost, type PostGas } from "./post.ts";
import { type Measurements, measurePricing } from "./pricing.ts";

interface Anchor {
  readonly best: string;
  readonly goal: number;
  readonly stretch: number;
}

const ANCHORS: Record<string, Anchor> = {
  quoteFromSpot: { best: "DeFiMath 8,202", goal: 1600, stretch: 1300 },
  quoteFromForward: { best: "Derive 4,254 without vega", goal: 1300, stretch: 1050 },
  quoteFromSlice: { best: "Derive about 9,400 without vega", goal: 1600, stretch: 1300 },
  quoteFromSurface: { best: "-", goal: 2000, stretch: 1650 },
};

function printTable(results: Measurements): void {
  const rows = Object.entries(results).map(([name, { gas, maxError, maxRelativeError }]) => {
    const anchor = ANCHORS[name];
    return {
      quote: name,
      min: gas.min,
      median: gas.median,
      max: gas.max,
      goal: anchor?.goal,
      stretch: anchor?.stretch,
      "best public": anchor?.best,
      "max error / spot": maxError.toExponential(1),
      "max relative error": maxRelativeError.toExponential(1),
    };
  });
  console.table(rows);
}

interface PostAnchor {
  readonly best: string;
  readonly goal?: number;
  readonly stretch?: number;
}

const POST_ANCHORS: Partial<Record<keyof PostGas, PostAnchor>> = {
  twelveSlicesThreeSigners: { best: "Derive 66,800 a slice", goal: 165_000, stretch: 150_000 },
  sixteenSlicesThreeSigners: { best: "-", goal: 200_000 },
};

function printPost(results: PostGas): void {
  console.table(
    Object.entries(results).map(([name, gas]) => {
      const anchor = POST_ANCHORS[name as keyof PostGas];
      return {
        transaction: name,
        gas,
        goal: anchor?.goal,
        stretch: anchor?.stretch,
        "best public": anchor?.best,
      };
    }),
  );
}

const CLEARING_GOALS: Partial<Record<keyof ClearingGas, number>> = {
  write: 100_000,
  burn: 100_000,
  perFurtherStrike: 3000,
  redeem: 75_000,
};

function printClearing(results: ClearingGas): void {
  const goalOf = (name: string) => CLEARING_GOALS[name as keyof ClearingGas];
  console.table(
    Object.entries(results).map(([name, gas]) => ({ transaction: name, gas, goal: goalOf(name) })),
  );
}

/** Builds what is measured, measures it, and prints a table or JSON. */
export async function benchGas(options: { json: boolean }): Promise<void> {
  await hre.tasks.getTask("build").run({ quiet: true });
  const pricing = await measurePricing();
  const post = await measurePost();
  const clearing = await measureClearing();
  if (options.json) {
    console.log(JSON.stringify({ ...pricing, post, challenge: post.challenge, clearing }, null, 2));
  } else {
    printTable(pricing);
    printPost(post);
    printClearing(clearing);
  }
}
