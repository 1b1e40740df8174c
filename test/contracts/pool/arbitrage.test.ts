import { expect } from "chai";
import fc from "fast-check";
import { chainOf, type Quoted, sizes } from "../../support/pool/chain.ts";
import {
  EXPIRY,
  expiryIn,
  type Market,
  networkHelpers,
  PARAMETERS,
  post,
  quote,
  READY,
  ready,
  refreshAll,
  STRIKES,
  trade,
  WAD,
} from "../../support/pool/fixture.ts";
import { LISTED, randomLegs } from "../../support/pool/random.ts";

const FAR = expiryIn(88);
const UNIT = 10n ** 12n;
const proceeds = (quoted: { cost: bigint }): bigint => -quoted.cost;

/** Random trades that the market takes, some sold back, with refreshes between. */
async function trouble(market: Market, seed: number, count: number) {
  let done = 0;
  for (const legs of fc.sample(randomLegs({ most: 12, legs: 3 }), { numRuns: count, seed })) {
    const account = done % 2 === 0 ? market.trader : market.other;
    const possible = [];
    for (const { series, amount } of legs) {
      const held: bigint = await market.clearinghouse.balanceOf!(account, series);
      if (amount > 0n) possible.push({ series, amount });
      else if (held > 0n) possible.push({ series, amount: -held });
    }
    if (possible.length === 0 || (await quote(market, possible)).refusal !== 0n) continue;
    await trade(market, account, possible);
    done += 1;
  }
  expect(done, "trades that came through").to.be.greaterThan(count / 2);
  await networkHelpers.mine();
  await refreshAll(market);
}

describe("OptionPool: no arbitrage in the listed chain", () => {
  for (const [name, seed] of [
    ["an empty book", 0],
    ["one book after random trades", 11],
    ["another book after random trades", 23],
  ] as const) {
    describe(`of ${name}`, () => {
      let market: Market;
      let chain: Quoted[];
      before(async () => {
        market = await ready();
        if (seed !== 0) await trouble(market, seed, 30);
        await post(market, { at: READY + 90, spot: 3004n * WAD });
        chain = await chainOf(market);
      });
      const at = (strike: bigint, isPut: boolean, expiryAt = EXPIRY) =>
        chain.find((one) => one.strike === strike && one.isPut === isPut && one.expiryAt === expiryAt)!;

      it("is quoted on both sides, every series at three sizes", () => {
        expect(chain).to.have.length(LISTED.length);
        for (const { asks, bids } of chain) {
          expect(asks.every((ask) => ask !== null)).to.equal(true);
          expect(bids.every((bid) => bid !== null)).to.equal(true);
        }
      });

      it("P5: asks at least the value, the impact and the smallest fee; bids at most the value and the reward", () => {
        for (const { asks, bids } of chain) {
          for (const [i, size] of sizes.entries()) {
            const [ask, bid] = [asks[i]!, bids[i]!];
            const smallest =
              (size * ask.parts.spotLow * BigInt(PARAMETERS.feeNotionalPpm)) / WAD / 1_000_000n;
            const value = (size * ask.legs[0]!.value) / WAD;
            expect(ask.parts.value).to.be.at.least(value);
            expect(ask.cost * UNIT).to.be.at.least(value + ask.parts.impact + smallest);
            const reward = bid.parts.impact < 0n ? 0n - bid.parts.impact : 0n;
            expect(proceeds(bid) * UNIT).to.be.at.most((size * bid.legs[0]!.value) / WAD + reward);
          }
        }
      });

      it("P5: takes a fee that per option does not depend on the size", () => {
        for (const { asks } of chain) {
          const [small, , large] = asks.map((ask, i) => (ask!.parts.fee * WAD) / sizes[i]!);
          expect(small).to.be.closeTo(large!, 1000n);
        }
      });

      it("P6: asks for no less than intrinsic value and bids no more than an option can ever be worth", () => {
        for (const { asks, bids, strike, isPut, expiryAt } of chain) {
          const [call, put] = [at(strike, false, expiryAt), at(strike, true, expiryAt)];
          for (const [i, size] of sizes.entries()) {
            const [ask, bid] = [asks[i]!, bids[i]!];
            const parity = call.asks[i]!.legs[0]!.value - put.asks[i]!.legs[0]!.value; // S - K S/F
            const intrinsic = ((isPut ? -parity : parity) * size) / WAD;
            expect(ask.cost * UNIT).to.be.at.least(intrinsic);
            const discounted = bid.parts.spotLow - parity;
            const most = isPut ? (discounted < strike ? discounted : strike) : bid.parts.spotLow;
            expect(proceeds(bid)).to.be.at.least(0n);
            expect(proceeds(bid) * UNIT).to.be.at.most((most * size) / WAD);
          }
        }
      });

      const ask = (one: Quoted, i: number) => one.asks[i]!.cost;
      const bid = (one: Quoted, i: number) => proceeds(one.bids[i]!);
      /** In quote assets, of `size` options, rounded up. */
      const assets = (wad: bigint, size: bigint) => (wad * size + 10n ** 30n - 1n) / 10n ** 30n;

      it("P7: no vertical wins with certainty", () => {
        for (const expiryAt of [EXPIRY, FAR]) {
          for (const [i, size] of sizes.entries()) {
            for (const low of STRIKES) {
              for (const high of STRIKES.filter((strike) => strike > low)) {
                const width = assets(high - low, size);
                for (const isPut of [false, true]) {
                  const [dear, cheap] = isPut
                    ? [at(high, true, expiryAt), at(low, true, expiryAt)]
                    : [at(low, false, expiryAt), at(high, false, expiryAt)];
                  expect(
                    ask(dear, i) - bid(cheap, i),
                    "what is worth nothing less costs no less",
                  ).to.be.at.least(0n);
                  expect(bid(dear, i) - ask(cheap, i), "no more than the width").to.be.at.most(width);
                }
              }
            }
          }
        }
      });

      it("P7: no butterfly wins with certainty, the wings as far apart as one likes", () => {
        for (const expiryAt of [EXPIRY, FAR]) {
          for (const isPut of [false, true]) {
            for (const [i] of sizes.entries()) {
              for (const [one, two, three] of triplesOf(STRIKES)) {
                // Weights in whole options: (K3 - K2) of the low wing, (K2 - K1) of the high one against both of the middle.
                const [left, right] = [(three - two) / (200n * WAD), (two - one) / (200n * WAD)];
                const cost =
                  left * ask(at(one, isPut, expiryAt), i) +
                  right * ask(at(three, isPut, expiryAt), i) -
                  (left + right) * bid(at(two, isPut, expiryAt), i);
                expect(cost).to.be.at.least(0n);
              }
            }
          }
        }
      });

      it("P7: no calendar wins with certainty", () => {
        for (const strike of STRIKES) {
          for (const [i, size] of sizes.entries()) {
            const [near, far] = [at(strike, false), at(strike, false, FAR)];
            expect(ask(far, i)).to.be.at.least(bid(near, i));
            // By parity a put may be cheaper by what its strike is paid later.
            const parity = (expiryAt: number) =>
              at(strike, false, expiryAt).asks[i]!.legs[0]!.value -
              at(strike, true, expiryAt).asks[i]!.legs[0]!.value;
            const later = assets(parity(FAR) - parity(EXPIRY), size);
            expect(ask(at(strike, true, FAR), i)).to.be.at.least(bid(at(strike, true), i) - later - 1n);
          }
        }
      });

      it("P7: no box and no conversion wins with certainty", () => {
        for (const expiryAt of [EXPIRY, FAR]) {
          for (const [i] of sizes.entries()) {
            // What C - P says of the forward, bought and sold: S - D K for every strike.
            const long = STRIKES.map(
              (strike) => ask(at(strike, false, expiryAt), i) - bid(at(strike, true, expiryAt), i),
            );
            const short = STRIKES.map(
              (strike) => bid(at(strike, false, expiryAt), i) - ask(at(strike, true, expiryAt), i),
            );
            for (const [a, low] of STRIKES.entries()) {
              for (const [b, high] of STRIKES.entries()) {
                if (high <= low) continue;
                expect(long[a]! - short[b]!, "a box bought costs no less than nothing").to.be.at.least(0n);
                expect(short[a]! - long[b]!, "a box sold brings at most its width").to.be.at.most(
                  assets(high - low, sizes[i]!),
                );
              }
              // A conversion: the base asset against call sold and put bought of the same strike pays K at the end, for K S/F now.
              const parity =
                assets(at(low, false, expiryAt).asks[i]!.legs[0]!.value, sizes[i]!) -
                assets(at(low, true, expiryAt).asks[i]!.legs[0]!.value, sizes[i]!);
              expect(short[a]!).to.be.at.most(parity + 1n);
              expect(long[a]!).to.be.at.least(parity - 1n);
            }
          }
        }
      });

      it("P7: no combination of legs in one trade wins with certainty either", async () => {
        for (const expiryAt of [EXPIRY, FAR]) {
          for (const [one, two, three] of triplesOf(STRIKES).slice(0, 20)) {
            for (const isPut of [false, true]) {
              const [left, right] = [(three - two) / 200n, (two - one) / 200n];
              const legs = [
                { series: at(one, isPut, expiryAt).series, amount: left },
                { series: at(two, isPut, expiryAt).series, amount: -left - right },
                { series: at(three, isPut, expiryAt).series, amount: right },
              ];
              const quoted = await quote(market, legs);
              expect(quoted.cost).to.be.at.least(0n);
            }
          }
        }
      });
    });
  }
});

function triplesOf(strikes: bigint[]): [bigint, bigint, bigint][] {
  return strikes.flatMap((one, a) =>
    strikes
      .slice(a + 1)
      .flatMap((two, b) =>
        strikes.slice(a + b + 2).map((three) => [one, two, three] as [bigint, bigint, bigint]),
      ),
  );
}
