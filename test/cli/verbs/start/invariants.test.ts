import { brokenInvariants, CHECKS } from "@meniscus/cli/verbs/start/invariants/checks";
import type { Readings } from "@meniscus/cli/verbs/start/invariants/readings";
import { mostOwed } from "@meniscus/cli/verbs/start/invariants/worstCase";
import { WAD } from "@meniscus/sdk/wad";
import { expect } from "chai";
import fc from "fast-check";
import { coverageBySearch } from "../../../support/clearing/coverageReference.ts";

const [UNIT, CENT] = [10n ** 6n, 10n ** 4n];

/** Two accounts, of which one wrote a call and a put to the other and the other's holder; a settled expiry behind them. */
function sound(): Readings {
  const [call, put] = [
    { strike: 2000n * WAD, isPut: false },
    { strike: 1800n * WAD, isPut: true },
  ];
  const at = { expiryAt: 1_770_969_600, plainSums: false, decimals: { base: 18, quote: 6 } };
  return {
    tokens: [{ balance: 5n * WAD + 1n, owned: [{ account: "writer", assets: 5n * WAD }] }],
    payments: 3n,
    series: [
      { positions: [-WAD, 0n], supply: WAD },
      { positions: [-WAD, WAD / 2n], supply: WAD / 2n },
    ],
    accounts: [
      {
        ...at,
        account: "writer",
        positions: [
          { ...call, amount: -WAD },
          { ...put, amount: -WAD },
        ],
        locked: { base: WAD, quote: 1800n * UNIT },
      },
      {
        ...at,
        account: "holder",
        positions: [{ ...put, amount: WAD / 2n }],
        locked: { base: 0n, quote: 0n },
      },
    ],
    locked: [
      { account: "writer", side: "base", total: WAD },
      { account: "writer", side: "quote", total: 1800n * UNIT },
    ],
    impacts: [7n * WAD, -2n * WAD, 3n * WAD],
    released: 5n * WAD,
    reserve: 3n * WAD,
    marks: [
      {
        ...{ spot: 2000n * WAD, equity: 300_000n * WAD, base: 100n * WAD, quote: 100_000n * WAD },
        tranches: [{ entry: WAD + 1n, mid: WAD, exit: WAD - 1n }],
      },
    ],
    tranches: [
      {
        balance: 10n * UNIT,
        pending: 4n * UNIT,
        claimable: 6n * UNIT,
        claims: [6n * UNIT],
        shares: 9n,
        holders: [4n, 5n],
      },
    ],
    hedges: [{ price: 2001n * WAD, spot: 2000n * WAD, before: 3n * WAD, after: WAD }],
    boundPpm: 1300n,
    settlements: [
      {
        ...{ expiryAt: 1_770_364_800, price: 1950n * WAD, average: 1950n * WAD, payments: 4n },
        redeemed: { base: WAD, quote: 100n * UNIT },
        realized: { base: -WAD - 1n, quote: -100n * UNIT },
        ...{ supply: 0n, stillLocked: 0n, openPositions: 0 },
      },
    ],
  };
}

/** The writer becomes an account of plain sums that has a put at 800 beside the one at 1800 that it wrote. */
function plainly({ accounts, locked }: Readings, quote: bigint): void {
  const [writer] = accounts;
  writer!.plainSums = true;
  writer!.positions.push({ strike: 800n * WAD, isPut: true, amount: WAD });
  writer!.locked.quote = quote;
  locked[1]!.total = quote;
}

/** One false reading each, and the ids that see it. */
const FAULTS: readonly [string, string[], (readings: Readings) => void][] = [
  ["a token of which more is owned than is there", ["C1"], (r) => (r.tokens[0]!.balance = 5n * WAD - 1n)],
  ["a token of which more is there than dust", ["C1"], (r) => (r.tokens[0]!.balance += 3n)],
  ["an option that nobody wrote", ["C2"], (r) => (r.series[1]!.supply += 1n)],
  ["collateral that covers all but a unit", ["C3", "C4"], (r) => (r.accounts[0]!.locked.quote -= 1n)],
  ["a unit locked for nothing", ["C4"], (r) => (r.accounts[1]!.locked.base = 1n)],
  ["plain sums that count a long", ["C4"], (r) => plainly(r, 1000n * UNIT)],
  ["a cached sum that is not that of its parts", ["C4"], (r) => (r.locked[0]!.total += 1n)],
  ["rewards before there was impact to pay them", ["P9"], (r) => r.impacts.unshift(-WAD, WAD)],
  ["a reserve that is not what came less what went", ["P9"], (r) => (r.reserve += CENT * UNIT * 1000n)],
  ["a way in that is cheaper than the middle", ["V4"], (r) => (r.marks[0]!.tranches[0]!.entry = WAD - 1n)],
  ["a way out that is dearer than the middle", ["V4"], (r) => (r.marks[0]!.tranches[0]!.exit = WAD + 1n)],
  ["claims beyond what is set apart", ["V5"], (r) => r.tranches[0]!.claims.push(1n)],
  ["a tranche without what it set apart", ["V5"], (r) => (r.tranches[0]!.balance -= 1n)],
  ["a share that nobody holds", ["V5"], (r) => (r.tranches[0]!.shares += 1n)],
  ["claims that are not the equity", ["V9"], (r) => (r.marks[0]!.equity += WAD / 1000n)],
  ["a hedge beyond the bound", ["H1"], (r) => (r.hedges[0]!.price = 2003n * WAD)],
  ["a hedge that adds to the delta", ["H3"], (r) => (r.hedges[0]!.after = 4n * WAD)],
  ["a hedge beyond the other side", ["H3"], (r) => (r.hedges[0]!.after = -WAD)],
  ["a price that the rounds do not give", ["T1"], (r) => (r.settlements[0]!.average -= CENT)],
  ["payouts beyond what was owed", ["T2"], (r) => (r.settlements[0]!.redeemed.base += 2n)],
  ["what was owed and never paid", ["T2"], (r) => (r.settlements[0]!.realized.quote -= UNIT)],
  ["something locked after all is paid", ["T5"], (r) => (r.settlements[0]!.stillLocked = 1n)],
  ["a position that outlives its expiry", ["T5"], (r) => (r.settlements[0]!.openPositions = 1)],
];

describe("invariants of a finished story", () => {
  it("finds nothing broken in sound readings", () => {
    expect(brokenInvariants(sound())).to.deep.equal([]);
  });

  for (const [fault, ids, plant] of FAULTS)
    it(`sees ${fault} (${ids.join(", ")})`, () => {
      const readings = sound();
      plant(readings);
      expect(brokenInvariants(readings)).to.deep.equal(ids);
    });

  it("lets an account of plain sums lock what it wrote, whatever it has (C4)", () => {
    const readings = sound();
    plainly(readings, 1800n * UNIT);
    expect(brokenInvariants(readings)).to.deep.equal([]);
  });

  it("has a fault for every check", () => {
    expect([...new Set(FAULTS.flatMap(([, ids]) => ids))].sort()).to.deep.equal(Object.keys(CHECKS).sort());
  });

  it("owes what a search over settlement prices finds (C3)", () => {
    const leg = fc.record({
      strike: fc.bigInt(1n, 40n).map((steps) => steps * 100n * WAD),
      written: fc.bigInt(-5n, 5n).map((tenths) => (tenths * WAD) / 10n),
    });
    fc.assert(
      fc.property(fc.uniqueArray(leg, { selector: ({ strike }) => strike, maxLength: 6 }), (legs) => {
        const positions = (isPut: boolean) =>
          legs.map(({ strike, written }) => ({ strike, isPut, amount: -written }));
        const { calls, puts } = coverageBySearch(
          [...legs].sort((one, other) => (one.strike < other.strike ? -1 : 1)),
        );
        expect(mostOwed(positions(false), "base", 18)).to.equal(calls);
        expect(mostOwed(positions(true), "quote", 18)).to.equal((puts + WAD - 1n) / WAD);
      }),
    );
  });
});
