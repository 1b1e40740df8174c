import { expect } from "chai";
import fc from "fast-check";
import {
  as,
  DEADLINE,
  ethers,
  type Market,
  NO_LIMIT,
  networkHelpers,
  ready,
} from "../../support/pool/fixture.ts";
import { randomLegs } from "../../support/pool/random.ts";
import { quoteAt, tradedOf } from "../../support/pool/situations.ts";

const GAS = { gasLimit: 6_000_000n };

describe("OptionPool: quote and execution", () => {
  let market: Market;
  beforeEach(async () => {
    market = await ready();
  });
  afterEach(() => ethers.provider.send("evm_setAutomine", [true]));

  it("P8: agree to the unit, whatever the trade and whatever came before in the same block", async () => {
    const { pool, trader, other, clearinghouse } = market;
    const rounds = fc.sample(fc.array(randomLegs({ most: 3, legs: 4 }), { minLength: 3, maxLength: 5 }), {
      numRuns: 12,
      seed: 7,
    });
    let compared = 0;
    for (const trades of rounds) {
      await ethers.provider.send("evm_setAutomine", [false]);
      // Every transaction is added to the pending block in turn, so the pending quote stands behind all before it.
      const quotes = [];
      const sent = [];
      const at = (await networkHelpers.time.latest()) + 1;
      for (const [i, drawn] of trades.entries()) {
        const account = i % 2 === 0 ? trader : other;
        const legs = [];
        for (const { series, amount } of drawn) {
          const held: bigint = await clearinghouse.balanceOf!.staticCall(account.address, series, {
            blockTag: "pending",
          });
          if (amount > 0n) legs.push({ series, amount });
          else if (held > 0n) legs.push({ series, amount: -amount < held ? amount : -held });
        }
        if (legs.length === 0) continue;
        const quoted = await quoteAt(market, legs, at);
        if (quoted.refusal !== 0n) continue;
        quotes.push(quoted);
        const fee = BigInt(trades.length - i) * 10n ** 9n;
        sent.push(
          await as(account, pool).trade!(legs, NO_LIMIT, DEADLINE, account, "0x", {
            ...GAS,
            maxPriorityFeePerGas: fee,
          }),
        );
      }
      await networkHelpers.time.setNextBlockTimestamp(at);
      await networkHelpers.mine();
      const receipts = await Promise.all(sent.map((transaction) => transaction.wait()));
      expect(new Set(receipts.map((receipt) => receipt!.blockNumber)).size, "one block").to.be.at.most(1);
      for (const [i, receipt] of receipts.entries()) {
        const traded = tradedOf(market, receipt!);
        expect(traded.cost).to.equal(quotes[i].cost);
        expect(traded.baseProceeds).to.equal(quotes[i].baseProceeds);
        expect(traded.isFloor).to.equal(quotes[i].isFloor);
        expect([...traded.parts]).to.deep.equal([...quotes[i].parts]);
        compared += 1;
      }
      await ethers.provider.send("evm_setAutomine", [true]);
    }
    expect(compared).to.be.greaterThan(25);
  });

  it("P8: the quote is the contracts' word, whoever asks and however often", async () => {
    const [legs] = fc.sample(randomLegs({ most: 3, legs: 4 }), { numRuns: 1, seed: 3 });
    const buys = legs!.map(({ series, amount }) => ({ series, amount: amount < 0n ? -amount : amount }));
    const asked = await Promise.all(
      [market.owner, market.trader, market.other].map((account) => as(account, market.pool).quote!(buys)),
    );
    for (const answer of asked) expect(answer).to.deep.equal(asked[0]);
  });
});
