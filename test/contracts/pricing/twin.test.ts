import { type FixedQuote, quoteFromForward, quoteFromSpot } from "@meniscus/sdk/fixed/blackScholes";
import { quoteFromSlice, quoteFromSurface } from "@meniscus/sdk/fixed/svi";
import { expect } from "chai";
import { network } from "hardhat";
import { callBatch, type Row } from "./batch.ts";
import { forwardPoint, sliceInput, spotPoint, surfaceInput, uniform } from "./points.ts";

/** For each quote; ten times as many in deep runs. */
const POINTS = process.env.MENISCUS_DEEP === "1" ? 250_000 : 25_000;
const BATCH = 2500;

const asRow = ({ call, put, delta, vega }: FixedQuote): bigint[] => [call, put, delta, vega];

describe("the sdk's bigint twin", () => {
  const cases: [string, (next: () => number) => Row, (row: Row) => FixedQuote][] = [
    ["manyFromSpot", spotPoint, (row) => quoteFromSpot(...(row as Parameters<typeof quoteFromSpot>))],
    [
      "manyFromForward",
      forwardPoint,
      (row) => quoteFromForward(...(row as Parameters<typeof quoteFromForward>)),
    ],
    ["manyFromSlice", sliceInput, (row) => quoteFromSlice(...(row as Parameters<typeof quoteFromSlice>))],
    [
      "manyFromSurface",
      surfaceInput,
      (row) => quoteFromSurface(...(row as Parameters<typeof quoteFromSurface>)),
    ],
  ];

  for (const [method, point, twin] of cases) {
    it(`equals the contract's ${method} to the last unit on ${POINTS} random points`, async function run() {
      this.timeout(30 * 60_000);
      const { ethers } = await network.create();
      const harness = await ethers.deployContract("PricingHarness");
      const next = uniform(0x6d656e6973637573n);
      for (let done = 0; done < POINTS; done += BATCH) {
        const rows = Array.from({ length: BATCH }, () => point(next));
        const answers = await callBatch(harness, method, rows);
        rows.forEach((row, i) => {
          expect(answers[i], `${method}(${row.join(", ")})`).to.deep.equal(asRow(twin(row)));
        });
      }
    });
  }
});
