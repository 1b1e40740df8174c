import { expect } from "chai";
import * as fc from "fast-check";
import { coverageBySearch, type Leg } from "../../support/clearing/coverageReference.ts";
import { type AnyContract, deploy, WAD } from "../../support/clearing/fixture.ts";

const BOOKS = 10_000;
const BATCH = 250;

/** Books of 1 to 32 distinct strikes, from one-wei amounts to the limit, with and without longs. */
const book: fc.Arbitrary<Leg[]> = fc
  .uniqueArray(
    fc.oneof(
      fc.bigInt(1n, 40n).map((step) => step * 50n * WAD),
      fc.bigInt(1n, 2n ** 64n - 1n).map((units) => units * 10n ** 9n),
      fc.bigInt(1n, 5n).map((units) => units * 10n ** 9n),
    ),
    { minLength: 1, maxLength: 32 },
  )
  .chain((strikes) =>
    fc
      .array(
        fc.oneof(
          fc.bigInt(-5n, 5n),
          fc.bigInt(-100n, 100n).map((n) => n * WAD),
          fc.bigInt(-(2n ** 95n) + 1n, 2n ** 95n - 1n),
          fc.bigInt(0n, 100n).map((n) => n * WAD),
        ),
        { minLength: strikes.length, maxLength: strikes.length },
      )
      .map((amounts) =>
        strikes.sort((a, b) => (a < b ? -1 : 1)).map((strike, i) => ({ strike, written: amounts[i]! })),
      ),
  );

describe("Coverage", () => {
  let harness: AnyContract;

  before(async () => {
    harness = await deploy("ClearingHarness");
  });

  async function measure(books: Leg[][]): Promise<{ calls: bigint[]; puts: bigint[] }> {
    const [calls, puts] = await harness.coverage(
      books.map((legs) => legs.map(({ strike }) => strike)),
      books.map((legs) => legs.map(({ written }) => written)),
    );
    return { calls: [...calls], puts: [...puts] };
  }

  async function measureOne(legs: Leg[]): Promise<{ calls: bigint; puts: bigint }> {
    const { calls, puts } = await measure([legs]);
    return { calls: calls[0]!, puts: puts[0]! };
  }

  const leg = (strike: bigint, written: bigint): Leg => ({ strike: strike * WAD, written: written * WAD });

  it("an empty book needs nothing", async () => {
    expect(await measureOne([])).to.deep.equal({ calls: 0n, puts: 0n });
  });

  it("a short call locks one base unit, a short put its strike", async () => {
    expect(await measureOne([leg(3000n, 1n)])).to.deep.equal({ calls: WAD, puts: 3000n * WAD * WAD });
  });

  it("a deposited long alone needs nothing", async () => {
    expect(await measureOne([leg(3000n, -1n)])).to.deep.equal({ calls: 0n, puts: 0n });
  });

  it("a vertical spread locks exactly its worst case", async () => {
    // Short 3000 against long 3500: at 3500 and above the call pays 1 - 3000/3500 = 1/7, rounded up once.
    const bear = await measureOne([leg(3000n, 1n), leg(3500n, -1n)]);
    expect(bear.calls).to.equal(WAD / 7n + 1n);
    expect(bear.puts).to.equal(0n);
    // Short 3500 against long 3000: the put pays 500 at 3000 and below; the call never more than the long.
    const bull = await measureOne([leg(3000n, -1n), leg(3500n, 1n)]);
    expect(bull.calls).to.equal(0n);
    expect(bull.puts).to.equal(500n * WAD * WAD);
  });

  it("a butterfly's worst case is at its middle strike, not at an end", async () => {
    const { calls, puts } = await measureOne([leg(2500n, 1n), leg(3000n, -2n), leg(3500n, 1n)]);
    expect(calls).to.equal(WAD / 6n + 1n); // (3000 - 2500)/3000
    expect(puts).to.equal(500n * WAD * WAD);
  });

  it("a ratio spread that is short more than it is long is worst at an end", async () => {
    const { calls } = await measureOne([leg(2500n, -1n), leg(3000n, 3n)]);
    expect(calls).to.equal(2n * WAD);
  });

  it("C3, C4: is the most that is owed at every kink, beside it, between, at 0+ and at infinity, on 10,000 random books", async function run() {
    this.timeout(0);
    const books = fc.sample(book, { numRuns: BOOKS, seed: 20_270_104 });
    let withLongs = 0;
    for (let start = 0; start < BOOKS; start += BATCH) {
      const batch = books.slice(start, start + BATCH);
      const { calls, puts } = await measure(batch);
      for (const [i, legs] of batch.entries()) {
        const expected = coverageBySearch(legs);
        expect(
          calls[i],
          JSON.stringify(legs, (_, value) => String(value)),
        ).to.equal(expected.calls);
        expect(puts[i]).to.equal(expected.puts);
        if (legs.some(({ written }) => written < 0n)) withLongs += 1;
      }
    }
    expect(withLongs).to.be.greaterThan(BOOKS / 2);
  });

  it("C4: equals the reference on every small book: up to four of the strikes 1 to 5, from 3 deposited to 3 written", async () => {
    const amounts = [-3n, -2n, -1n, 0n, 1n, 2n, 3n];
    let books: Leg[][] = [[]];
    for (const strike of [1n, 2n, 3n, 4n, 5n]) {
      books = books.flatMap((legs) =>
        legs.length === 4 ? [legs] : [legs, ...amounts.map((written) => [...legs, { strike, written }])],
      );
    }
    // 1 + 5*7 + 10*7^2 + 10*7^3 + 5*7^4
    expect(books).to.have.length(15_961);
    for (let start = 0; start < books.length; start += BATCH) {
      const batch = books.slice(start, start + BATCH);
      const { calls, puts } = await measure(batch);
      for (const [i, legs] of batch.entries()) {
        expect({ calls: calls[i], puts: puts[i] }).to.deep.equal(coverageBySearch(legs));
      }
    }
  });

  it("the plain sums of a book without longs are its worst case", async () => {
    await fc.assert(
      fc.asyncProperty(book, async (legs) => {
        const written = legs.map(({ strike, written: n }) => ({ strike, written: n < 0n ? -n : n }));
        const measured = await measureOne(written);
        expect(measured.calls).to.equal(written.reduce((sum, { written: n }) => sum + n, 0n));
        expect(measured.puts).to.equal(written.reduce((sum, { strike, written: n }) => sum + n * strike, 0n));
      }),
      { numRuns: 50, seed: 7 },
    );
  });
});
