/**
 * What capital a hedged option takes of both tranches, in spots: base and quote that the Book itself holds to be needed, beside the closed form.
 * S = K, 60 % of vol, no rate. docs/VAULT.md has the tables.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { tauAt } from "@meniscus/sdk/clock";
import { normalCdf } from "@meniscus/sdk/normal";
import { BOOK_LIMITS, BOOK_TERMS } from "@meniscus/sdk/pool/terms";
import { unquantise } from "@meniscus/sdk/slice";
import { expect } from "chai";
import {
  as,
  call,
  expiryIn,
  leg,
  networkHelpers,
  refreshAll,
  trade,
  WAD,
} from "../../support/pool/fixture.ts";
import { smileWord } from "../../support/slices.ts";
import { close, cutOffIn, open, openVault, stateOf, type VaultMarket } from "../../support/vault/market.ts";

const PAGE = path.resolve(import.meta.dirname, "../../../docs/VAULT.md");
const VOL = 0.6;
const [SPOT, BOUGHT, SOLD] = [3000, 20, 12];
/** Tenors from the clock's start, and the days after which they are looked at: 7, 30 and, the nearest to 90 that is listed, 87 ahead. */
const TENORS: [number, number][] = [
  [11, 4],
  [53, 23],
  [88, 1],
];

/** sd, and the strike discounted by the forward, in spots. */
type Smile = { sd: number; discounted: number };

/** Phi(-d1) and K (S/F) Phi(d2) of one written option whose spot has moved to `moved`, in spots. */
function needAt(moved: number, { sd, discounted }: Smile): { base: number; quote: number } {
  const d1 = Math.log(moved / discounted) / sd + sd / 2;
  return { base: normalCdf(-d1), quote: discounted * normalCdf(d1 - sd) };
}

/** Most that its hedge takes of both tranches where spot is anywhere within `move`: at the point, or at the ends of it. */
const capitalOf = (smile: Smile, move: number): number =>
  needAt(1 - move, smile).base + needAt(1 + move, smile).quote;

/** What the fixture's report of that time says at the money, by then. */
function smileAt(expiryAt: number, now: number): Smile {
  const tau = tauAt(expiryAt, now);
  const { level, basis } = unquantise(smileWord({ vol: VOL, tau, reportAt: now }));
  return { sd: Math.sqrt(level), discounted: Math.exp(-basis) };
}

/** The same out of the Book's words, of `amount` options: at the point, and after 30 %. */
async function capitalInBook({ book }: VaultMarket, amount: number): Promise<[number, number]> {
  const { base, quote } = await book.need!();
  const largest = (needs: bigint[]) => needs.reduce((most, one) => (one > most ? one : most));
  const inSpots = (ofBase: bigint, ofQuote: bigint) =>
    (Number(ofBase) + Number(ofQuote) / SPOT) / 1e18 / amount;
  return [inSpots(base[1], quote[1]), inSpots(largest([...base]), largest([...quote]))];
}

async function traded(market: VaultMarket, tenor: number, amount: number): Promise<void> {
  const series = call(SPOT, expiryIn(tenor));
  const { clearinghouse, baseToken, other, trader } = market;
  if (amount < 0) {
    const written = BigInt(-amount) * WAD;
    await as(other, clearinghouse).deposit!(baseToken, written, other);
    await as(other, clearinghouse).mint!(series, written, other, other);
  }
  await trade(market, amount < 0 ? other : trader, [leg(series, amount)]);
  await networkHelpers.mine();
  await refreshAll(market);
}

/** Chai's matchers on chain take integers only. */
function expectNear(found: number[], expected: number[]): void {
  const apart = found.map((one, i) => Math.abs(one - expected[i]!));
  expect(Math.max(...apart) < 0.001, `${found} for ${expected}`).to.equal(true);
}

const row = (name: string | number, numbers: number[]): string =>
  `| ${[name, ...numbers.map((one) => one.toFixed(2))].join(" | ")} |`;

function expectTold(rows: string[]): void {
  if (process.env.MENISCUS_TELL === "1") console.log(rows.join("\n"));
  // However the page's lines are broken.
  const inOneLine = (text: string) => text.replaceAll(/\s+/g, " ");
  expect(inOneLine(readFileSync(PAGE, "utf8"))).to.include(inOneLine(rows.join("\n")));
}

describe("LiquidityVault: capital of an option", () => {
  it("the capital of an option is by the closed form what the founders had computed, at 7, 30 and 90 days", () => {
    const told = [0, 0.1, 0.3].map((move) =>
      [7, 30, 90].map((days) =>
        Number(capitalOf({ sd: VOL * Math.sqrt(days / 365), discounted: 1 }, move).toFixed(2)),
      ),
    );
    expect(told).to.deep.equal([
      [0.97, 0.93, 0.88],
      [1.76, 1.38, 1.15],
      [2, 1.9, 1.62],
    ]);
  });

  it("P12: the capital of an option is in the Book what the closed form says, one-way, and a quarter of it where flow is two-sided", async () => {
    const rows: string[] = [];
    for (const [tenor, day] of TENORS) {
      const market = await openVault({ tenors: [tenor] });
      if (day > 1) await close(market, await open(market, cutOffIn(day) + 30));
      await traded(market, tenor, BOUGHT);
      const { refreshedAt } = await market.book.need!();
      const smile = smileAt(expiryIn(tenor), Number(refreshedAt));
      const oneWay = await capitalInBook(market, BOUGHT);
      expectNear(oneWay, [capitalOf(smile, 0), capitalOf(smile, 0.3)]);
      await traded(market, tenor, -SOLD);
      const twoSided = await capitalInBook(market, BOUGHT + SOLD);
      expectNear(
        twoSided,
        oneWay.map((one) => one / 4),
      );
      rows.push(row(tenor - day, [...oneWay, ...twoSided]));
    }
    expectTold(rows);
  });

  /** Flow of a round, with what is coded as the most of vega or not, and the limit that comes first. */
  const FULL_USES = [
    { flow: "one-way", bought: 10, sold: 0, first: "VegaHigh" },
    { flow: "one-way, `vegaHighBps` 3000", bought: 10, sold: 0, first: "BaseCapacity", vegaHighBps: 3000 },
    { flow: "two-sided", bought: BOUGHT, sold: SOLD, first: "BaseCapacity" },
  ];
  for (const { flow, bought, sold, first, ...terms } of FULL_USES)
    it(`the capital of an option at full use is equity for each option traded, and ${first} comes first: ${flow}`, async () => {
      const market = await openVault({ tenors: [25] });
      await market.book.setTerms!({ ...BOOK_TERMS, ...terms });
      const legs = [leg(call(SPOT), bought)];
      let [rounds, day, reached] = [0, 2, ""];
      for (;;) {
        await open(market, (await networkHelpers.time.latest()) + 90);
        await networkHelpers.mine();
        const { refusal, limit } = await market.pool.quote!(legs);
        reached = refusal === 0n ? "" : (BOOK_LIMITS[Number(limit)] ?? "");
        if (reached === "OutflowOfEpoch" && day <= 8) {
          await close(market, await open(market, cutOffIn(day++) + 30));
          continue;
        }
        if (refusal !== 0n) break;
        await trade(market, market.trader, legs);
        if (sold > 0) await traded(market, 25, -sold);
        rounds += 1;
      }
      const { claimBase, claimQuote } = await stateOf(market);
      const [written, every] = [rounds * (bought - sold), rounds * (bought + sold)];
      const equity = (Number(claimBase) / 1e18 + Number(claimQuote) / 1e18 / SPOT) / every;
      const [, needed] = await capitalInBook(market, every);
      const told = [flow, every, written, day - 1, needed.toFixed(2), equity.toFixed(2), `\`${reached}\``];
      expectTold([`| ${told.join(" | ")} |`]);
      expect(reached).to.equal(first);
      // Where capital binds, all but a tenth of it is needed: a round, and what is left of the other tranche.
      expect(needed / equity).to.be.within(first === "VegaHigh" ? 0 : 0.9, 1);
    });
});
