import type { FixedQuote } from "@meniscus/sdk/fixed/blackScholes";
import { quoteFromForward, quoteFromSpot } from "@meniscus/sdk/fixed/blackScholes";
import { quoteFromSlice, quoteFromSurface } from "@meniscus/sdk/fixed/svi";
import { expect } from "chai";
import type { BaseContract } from "ethers";
import { network } from "hardhat";
import { packSlice, smileFields } from "../../support/slices.ts";
import type { Row } from "./batch.ts";
import { uniform } from "./points.ts";

const WAD = 10n ** 18n;
const ONE = 1n << 96n;
const HUGE = 1n << 128n;
const WORD = 1n << 256n;

/** Each value with its neighbours: a bound lies between two of them. */
const around = (...values: bigint[]): bigint[] => values.flatMap((value) => [value - 1n, value, value + 1n]);
const unsigned = (values: bigint[]): bigint[] => values.filter((value) => value >= 0n && value < WORD);

/** Rows with one argument at a time taken through its values, the others plain. */
function oneAtATime<R extends Row>(plain: R, values: bigint[][]): R[] {
  return values.flatMap((list, index) => list.map((value) => plain.with(index, value) as unknown as R));
}

const SPOT = 3000n * WAD;
const smile = smileFields({ vol: 0.6, tau: 0.1, reportAt: 1_800_000_000 });
const slice = packSlice(smile);

/** Slices whose fields stand at their ends. */
const extremeSlices = [
  { exponent: 0n },
  { exponent: 31n },
  { atmVariance: 0n },
  { atmVariance: 1n },
  { atmVariance: (1n << 32n) - 1n },
  { b: 0n },
  { b: (1n << 36n) - 1n },
  { rho: -(1n << 31n) },
  { rho: (1n << 31n) - 1n },
  { m: -(1n << 33n) },
  { m: (1n << 33n) - 1n },
  { sigma: 0n },
  { sigma: 0n, m: 0n },
  { sigma: (1n << 34n) - 1n },
  { basis: -(1n << 31n) },
  { basis: (1n << 31n) - 1n },
].map((change) => packSlice({ ...smile, ...change }));
const words = [slice, 0n, WORD - 1n, ...extremeSlices];

/** Any bits at all, with exponents of real slices: some of them can be priced. */
const next = uniform(0x736c696365n);
const bits = (count: number): bigint => BigInt(Math.floor(next() * 2 ** count));
const anyWords = Array.from({ length: 400 }, () => {
  const word = Array.from({ length: 8 }, () => bits(32)).reduce((sum, part) => (sum << 32n) | part, 0n);
  return (word & ~(0x1fn << 115n)) | ((bits(3) + 8n) << 115n);
});

type Case = [contract: string, method: string, rows: Row[], twin: (row: Row) => FixedQuote];

const CASES: Case[] = [
  [
    "FromForward",
    "quoteFromForward",
    [
      ...oneAtATime(
        [SPOT, SPOT, SPOT, WAD / 4n],
        [
          unsigned([0n, 1n, ...around(SPOT / 16n, SPOT, SPOT * 16n, HUGE), WORD - 1n]),
          unsigned([0n, 1n, ...around(SPOT / 16n, SPOT, SPOT * 16n, HUGE), WORD - 1n]),
          unsigned([0n, 1n, ...around(SPOT / 16n, SPOT, SPOT * 16n, HUGE), WORD - 1n]),
          unsigned([0n, 1n, ...around(10n ** 12n, WAD, 36n * WAD, 1n << 66n, 1n << 128n), WORD - 1n]),
        ],
      ),
      ...around(HUGE).map((spot) => [spot, spot, spot, WAD]),
      ...[1n, 15n, 16n, 17n].flatMap((n) => [
        [1n, 1n, n, WAD],
        [n, n, 1n, WAD],
      ]),
    ],
    (row) => quoteFromForward(...(row as Parameters<typeof quoteFromForward>)),
  ],
  [
    "FromSpot",
    "quoteFromSpot",
    [
      ...oneAtATime(
        [SPOT, SPOT, WAD / 4n, WAD / 2n, WAD / 20n],
        [
          unsigned([0n, 1n, ...around(SPOT / 15n, SPOT, SPOT * 15n, HUGE), WORD - 1n]),
          unsigned([0n, 1n, ...around(SPOT / 15n, SPOT, SPOT * 15n, HUGE), WORD - 1n]),
          unsigned([0n, 1n, ...around(1_900_000_000_000n, WAD, 100n * WAD, 1n << 68n), WORD - 1n]),
          unsigned([0n, 1n, ...around(WAD / 500n, 12n * WAD, 1n << 64n, HUGE), WORD - 1n]),
          [0n, ...around(-4n * WAD, 4n * WAD, -100n * WAD, 100n * WAD), (1n << 255n) - 1n, -(1n << 255n)],
        ],
      ),
      // |rate tau| at its bound with |rate| at its own.
      ...[WAD / 100n, WAD / 100n + 1n].flatMap((tau) =>
        [100n * WAD, -100n * WAD].map((rate) => [SPOT, SPOT, tau, WAD, rate]),
      ),
      [SPOT, SPOT, 1_902_587_519_025n, WAD, 0n],
    ],
    (row) => quoteFromSpot(...(row as Parameters<typeof quoteFromSpot>)),
  ],
  [
    "FromSlice",
    "quoteFromSlice",
    [
      ...words.flatMap((word) =>
        [SPOT / 16n, SPOT / 2n, SPOT - 1n, SPOT, SPOT + 1n, 2n * SPOT, 16n * SPOT].map((strike) => [
          word,
          SPOT,
          strike,
          ONE,
        ]),
      ),
      ...anyWords.map((word) => [word, SPOT, SPOT / 2n + SPOT * bits(2), ONE]),
      ...unsigned([...around(0n, 1n, ONE / 2n, ONE, HUGE), WORD - 1n]).map((ageing) => [
        slice,
        SPOT,
        SPOT,
        ageing,
      ]),
      ...unsigned([0n, 1n, ...around(SPOT / 16n, SPOT * 16n, HUGE), WORD - 1n]).flatMap((price) => [
        [slice, SPOT, price, ONE],
        [slice, price, SPOT, ONE],
      ]),
    ],
    (row) => quoteFromSlice(...(row as Parameters<typeof quoteFromSlice>)),
  ],
  [
    "FromSurface",
    "quoteFromSurface",
    [
      ...words.map((word) => [word, SPOT, SPOT, 100n, 100n]),
      ...unsigned([...around(0n, 1n, 100n, ONE, 1n << 160n), WORD - 1n]).flatMap((tau) => [
        [slice, SPOT, SPOT, tau, 100n],
        [slice, SPOT, SPOT, 100n, tau],
        [slice, SPOT, SPOT, tau, tau],
      ]),
      ...unsigned([0n, 1n, ...around(HUGE), WORD - 1n]).flatMap((price) => [
        [slice, SPOT, price, 100n, 100n],
        [slice, price, SPOT, 100n, 100n],
      ]),
    ],
    (row) => quoteFromSurface(...(row as Parameters<typeof quoteFromSurface>)),
  ],
];

/**
 * The ends of `quoteFromSpot`, the last point inside before the first outside: with every other argument well inside, so that nothing but the
 * one bound tells the two apart.
 */
const ENDS_FROM_SPOT: [bound: string, inside: Row, outside: Row][] = [
  ["the least tau", [SPOT, SPOT, 1_900_000_000_000n, WAD, 0n], [SPOT, SPOT, 1_899_999_999_999n, WAD, 0n]],
  ["the longest tau", [SPOT, SPOT, 100n * WAD, WAD / 2n, 0n], [SPOT, SPOT, 100n * WAD + 1n, WAD / 2n, 0n]],
  ...[1n, -1n].flatMap((sign): [string, Row, Row][] => [
    [
      `the rate, ${sign}`,
      [SPOT, SPOT, WAD / 200n, WAD, sign * 100n * WAD],
      [SPOT, SPOT, WAD / 200n, WAD, sign * (100n * WAD + 1n)],
    ],
    [
      `rate times tau, ${sign}`,
      [SPOT, SPOT, WAD / 4n, WAD / 2n, sign * 4n * WAD],
      [SPOT, SPOT, WAD / 4n, WAD / 2n, sign * (4n * WAD + 1n)],
    ],
  ]),
  // Times the root of a quarter, which 2^102 divides, 2^154 is nothing modulo 2^256.
  ["vol", [SPOT, SPOT, WAD / 4n, WAD / 2n, 0n], [SPOT, SPOT, WAD / 4n, WAD / 2n + (1n << 154n), 0n]],
  // Discounted by e it is far inside.
  [
    "the strike",
    [HUGE / 2n, HUGE - 1n, WAD / 4n, WAD / 2n, 4n * WAD],
    [HUGE / 2n, HUGE, WAD / 4n, WAD / 2n, 4n * WAD],
  ],
  ["spot", [HUGE - 1n, HUGE / 2n, WAD / 4n, WAD / 2n, 0n], [HUGE, HUGE / 2n, WAD / 4n, WAD / 2n, 0n]],
  // At a rate of nothing D is the strike.
  [
    "the highest strike over spot",
    [SPOT, 16n * SPOT, WAD / 4n, WAD / 2n, 0n],
    [SPOT, 16n * SPOT + 1n, WAD / 4n, WAD / 2n, 0n],
  ],
  [
    "the lowest strike over spot",
    [SPOT, SPOT / 16n, WAD / 4n, WAD / 2n, 0n],
    [SPOT, SPOT / 16n - 1n, WAD / 4n, WAD / 2n, 0n],
  ],
  ["the least deviation", [SPOT, SPOT, WAD, WAD / 1000n, 0n], [SPOT, SPOT, WAD, WAD / 1000n - 1n, 0n]],
  // The root is rounded up, so that 6 itself is outside.
  ["the greatest deviation", [SPOT, SPOT, WAD, 6n * WAD - 1n, 0n], [SPOT, SPOT, WAD, 6n * WAD, 0n]],
];

async function answer(contract: BaseContract, method: string, row: Row): Promise<bigint[] | "outside"> {
  try {
    return [...(await contract.getFunction(method).staticCall(...row))];
  } catch (error) {
    if (String(error).includes("BlackScholes_OutOfDomain")) return "outside";
    throw error;
  }
}

function twinAnswer(twin: (row: Row) => FixedQuote, row: Row): bigint[] | "outside" {
  try {
    const { call, put, delta, vega } = twin(row);
    return [call, put, delta, vega];
  } catch (error) {
    if (error instanceof Error && error.name === "OutOfDomainError") return "outside";
    throw error;
  }
}

describe("on every boundary of the domain", () => {
  it("P1: quoteFromSpot and the sdk's twin price the last point before each end, and refuse the first beyond it", async () => {
    const { ethers } = await network.create();
    const contract = await ethers.deployContract("FromSpot");
    const twin = (row: Row) =>
      twinAnswer((own) => quoteFromSpot(...(own as Parameters<typeof quoteFromSpot>)), row);
    for (const [bound, inside, outside] of ENDS_FROM_SPOT) {
      const found = await answer(contract, "quoteFromSpot", inside);
      expect(found, `${bound}: inside`).to.not.equal("outside");
      expect(found, bound).to.deep.equal(twin(inside));
      expect(await answer(contract, "quoteFromSpot", outside), `${bound}: outside`).to.equal("outside");
      expect(twin(outside), `${bound}: the twin outside`).to.equal("outside");
    }
  });

  for (const [name, method, rows, twin] of CASES) {
    it(`${method} and the sdk's twin agree to the unit, or both refuse (${rows.length} points)`, async () => {
      const { ethers } = await network.create();
      const contract = await ethers.deployContract(name);
      let refused = 0;
      for (const row of rows) {
        const found = await answer(contract, method, row);
        expect(found, `${method}(${row.join(", ")})`).to.deep.equal(twinAnswer(twin, row));
        if (found === "outside") refused += 1;
      }
      expect(refused).to.be.within(rows.length / 5, (rows.length * 4) / 5);
    });
  }
});
