import { SECONDS_PER_YEAR, tauAt } from "@meniscus/sdk/clock";
import { expect } from "chai";
import {
  as,
  call,
  carried,
  DEADLINE,
  EXPIRY,
  ethers,
  expiryIn,
  leg,
  type Market,
  NO_LIMIT,
  networkHelpers,
  openMarket,
  options,
  put,
  quote,
  READY,
  ready,
  trade,
} from "../../support/pool/fixture.ts";
import { quoteAt } from "../../support/pool/situations.ts";
import { eventsOf, readBook } from "../../support/pool/words.ts";
import { SPOT } from "../../support/surface.ts";

const FAR = expiryIn(88);
/** Calls and puts, bought and sold, of two expiries. */
const STRATEGIES = {
  "a call bought": [leg(call(3000), 2)],
  "a put bought": [leg(put(2800), 2)],
  "a call sold": [leg(call(3400), -1.5)],
  "a put sold": [leg(put(2600), -1.5)],
  "a condor of four legs": [leg(put(2600), 1), leg(put(2800), -1), leg(call(3200), -1), leg(call(3400), 1)],
  "a calendar across two expiries": [leg(call(3000), -1), leg(call(3000, FAR), 1)],
} as const;

/** All that anybody has of both assets. */
async function holdings({ baseToken, quoteToken, clearinghouse, book, trader, other, pool }: Market) {
  const of = async (token: typeof baseToken) => ({
    trader: (await token.balanceOf!(trader)) as bigint,
    other: (await token.balanceOf!(other)) as bigint,
    pool: (await token.balanceOf!(pool)) as bigint,
    clearinghouse: (await token.balanceOf!(clearinghouse)) as bigint,
    held: (await clearinghouse.held!(token)) as bigint,
    book: (await clearinghouse.collateral!(book, token))[0] as bigint,
  });
  return { base: await of(baseToken), quote: await of(quoteToken) };
}

const tokensOf = async ({ clearinghouse }: Market, owner: { address: string }, series: bigint) =>
  (await clearinghouse.balanceOf!(owner.address, series)) as bigint;

describe("OptionPool: trading", () => {
  let market: Market;
  beforeEach(async () => {
    market = await ready();
  });

  for (const [name, legs] of Object.entries(STRATEGIES)) {
    it(`moves ${name} at its price, and every asset is where it belongs`, async () => {
      const { trader, clearinghouse, book } = market;
      // Long first of what is sold, so that the sale is a sale of tokens.
      for (const { series, amount } of legs)
        if (amount < 0n) await trade(market, trader, [{ series, amount: -amount }]);
      const before = await holdings(market);
      const held = await Promise.all(legs.map(({ series }) => tokensOf(market, trader, series)));
      const receipt = await trade(market, trader, [...legs]);
      const after = await holdings(market);
      const [traded] = eventsOf(market.pool, receipt);
      const cost: bigint = traded!.args.premium;
      expect(cost).to.not.equal(0n);
      expect(before.quote.trader - after.quote.trader, "paid").to.equal(cost);
      expect(after.quote.book - before.quote.book, "credited").to.equal(cost);
      expect(after.quote.clearinghouse - before.quote.clearinghouse).to.equal(cost);
      expect(after.quote.clearinghouse, "C1").to.equal(after.quote.held);
      expect(after.base, "no base moves").to.deep.equal(before.base);
      expect([after.quote.pool, after.base.pool], "the pool keeps nothing").to.deep.equal([0n, 0n]);
      for (const [i, { series, amount }] of legs.entries()) {
        expect((await tokensOf(market, trader, series)) - held[i]!).to.equal(amount);
        expect(
          (await clearinghouse.position!(book, series)) +
            (await clearinghouse["totalSupply(uint256)"]!(series)),
          "C2",
        ).to.equal(0n);
      }
    });
  }

  it("tells in its events what it took, leg by leg", async () => {
    const { trader, other, pool } = market;
    const legs = [leg(call(3000), 1), leg(put(2800, FAR), 2)];
    const quoted = await quote(market, legs);
    const sent = await as(trader, pool).trade!(legs, NO_LIMIT, DEADLINE, other, "0x");
    const [traded, ...of] = eventsOf(pool, (await sent.wait())!);
    expect(traded!.name).to.equal("Traded");
    expect([traded!.args.trader, traded!.args.receiver]).to.deep.equal([trader.address, other.address]);
    expect(traded!.args.baseProceeds).to.equal(0n);
    expect(traded!.args.isFloor).to.equal(false);
    expect(traded!.args.notional).to.equal(options(3) * 3000n);
    expect(of.map(({ name }) => name)).to.deep.equal(["LegTraded", "LegTraded"]);
    for (const [i, { args }] of of.entries()) {
      expect([args.trader, args.series, args.amount]).to.deep.equal([
        trader.address,
        legs[i]!.series,
        legs[i]!.amount,
      ]);
      expect(args.leg.vol).to.be.closeTo(quoted.legs[i].vol, 10n ** 12n);
    }
    const { value, impact, spread, fee, rentBase, rentQuote } = traded!.args.parts;
    const sum = value + impact + spread + fee + rentBase + rentQuote + 2n * 10n ** 12n;
    expect(traded!.args.premium, "the parts and the allowance, rounded up").to.equal(
      (sum + 10n ** 12n - 1n) / 10n ** 12n,
    );
  });

  it("P12: asks rent of both sides for what it writes, of one for what it holds", async () => {
    const rentsOf = async (series: bigint, amount: number) => {
      const { rentBase, rentQuote } = (await quote(market, [leg(series, amount)])).parts;
      return [rentBase > 0n, rentQuote > 0n];
    };
    expect(await rentsOf(call(3000), 1)).to.deep.equal([true, true]);
    expect(await rentsOf(put(3000), 1)).to.deep.equal([true, true]);
    expect(await rentsOf(call(3000), -1)).to.deep.equal([true, false]);
    expect(await rentsOf(put(3000), -1)).to.deep.equal([false, true]);
  });

  it("books no rent of a sale that brings nothing, in any of its expiries", async () => {
    const quiet = await openMarket({ vol: 0.2, tenors: [18, 25] });
    const { trader, clearinghouse, baseToken, quoteToken } = quiet;
    const sold = [
      leg(call(3800, expiryIn(18)), -2),
      leg(put(2400, expiryIn(18)), -2),
      leg(call(3600), -2),
      leg(put(2400), -2),
    ];
    await as(trader, clearinghouse).deposit!(baseToken, options(4), trader);
    await as(trader, clearinghouse).deposit!(quoteToken, 9600n * 10n ** 6n, trader);
    for (const { series, amount } of sold)
      await as(trader, clearinghouse).mint!(series, -amount, trader, trader);
    const [traded] = eventsOf(quiet.pool, await trade(quiet, trader, sold));
    expect(traded!.args.premium).to.equal(0n);
    for (const { rentBase, rentQuote } of (await readBook(quiet)).expiries)
      expect([rentBase, rentQuote]).to.deep.equal([0n, 0n]);
  });

  it("gives tokens and proceeds to the receiver and takes them from the caller", async () => {
    const { trader, other, pool } = market;
    await as(trader, pool).trade!([leg(call(3000), 2)], NO_LIMIT, DEADLINE, other, "0x");
    expect(await tokensOf(market, other, call(3000))).to.equal(options(2));
    expect(await tokensOf(market, trader, call(3000))).to.equal(0n);
    const before = await holdings(market);
    await as(other, pool).trade!([leg(call(3000), -2)], NO_LIMIT, DEADLINE, trader, "0x");
    const after = await holdings(market);
    expect(after.quote.trader).to.be.greaterThan(before.quote.trader);
    expect(after.quote.other).to.equal(before.quote.other);
    expect(await tokensOf(market, other, call(3000))).to.equal(0n);
  });

  it("P8: trades at exactly the limit and not a unit beyond it, bought and sold", async () => {
    const { trader, pool } = market;
    for (const legs of [[leg(call(3000), 1)], [leg(call(3000), -1)]]) {
      const at = (await networkHelpers.time.latest()) + 1;
      await networkHelpers.time.setNextBlockTimestamp(at);
      const { cost } = await pool.quote!.staticCall(legs, { blockTag: "pending" });
      await networkHelpers.time.setNextBlockTimestamp(at);
      await expect(as(trader, pool).trade!(legs, cost - 1n, DEADLINE, trader, "0x"))
        .to.be.revertedWithCustomError(pool, "Pool_CostAboveLimit")
        .withArgs(cost, cost - 1n);
      // The refused trade has taken its second: an exit is dearer by a hair, so the quote is asked anew.
      const later = at + 1;
      await networkHelpers.time.setNextBlockTimestamp(later);
      const next = (await pool.quote!.staticCall(legs, { blockTag: "pending" })).cost;
      await networkHelpers.time.setNextBlockTimestamp(later);
      const receipt = await (await as(trader, pool).trade!(legs, next, DEADLINE, trader, "0x")).wait();
      expect(eventsOf(pool, receipt!)[0]!.args.premium).to.equal(next);
    }
  });

  it("P8: trades in the deadline's last second and not in the next", async () => {
    const { trader, pool } = market;
    const legs = [leg(call(3000), 1)];
    const at = (await networkHelpers.time.latest()) + 10;
    await networkHelpers.time.setNextBlockTimestamp(at + 1);
    await expect(as(trader, pool).trade!(legs, NO_LIMIT, at, trader, "0x"))
      .to.be.revertedWithCustomError(pool, "Pool_DeadlinePassed")
      .withArgs(at, at + 1);
    await networkHelpers.time.setNextBlockTimestamp(at + 2);
    await as(trader, pool).trade!(legs, NO_LIMIT, at + 2, trader, "0x");
  });

  it("asks for the caller's tokens and money, and for nobody else's", async () => {
    const { trader, other, pool, quoteToken } = market;
    await trade(market, trader, [leg(call(3000), 1)]);
    await expect(as(other, pool).trade!([leg(call(3000), -1)], NO_LIMIT, DEADLINE, other, "0x")).to.revert(
      ethers,
    );
    await as(trader, quoteToken).approve!(pool, 0n);
    await expect(
      as(trader, pool).trade!([leg(call(3000), 1)], NO_LIMIT, DEADLINE, trader, "0x"),
    ).to.be.revertedWithCustomError(quoteToken, "ERC20InsufficientAllowance");
  });

  describe("with a report", () => {
    const at = READY + 20;
    const legs = [leg(call(3000), 1)];

    it("posts it first and prices by it", async () => {
      const stale = await quote(market, legs);
      const report = await carried(market, { at, vol: 0.61 });
      await networkHelpers.time.setNextBlockTimestamp(at + 5);
      const receipt = await trade(market, market.trader, legs, report);
      expect(eventsOf(market.surface, receipt).map(({ name }) => name)).to.deep.equal(["ReportPosted"]);
      expect((await market.surface.surface!(1)).reportAt).to.equal(BigInt(at));
      expect(eventsOf(market.pool, receipt)[1]!.args.leg.value).to.be.greaterThan(stale.legs[0].value);
    });

    it("skips it where the stored one is as new", async () => {
      const report = await carried(market, { at, vol: 0.61 });
      await networkHelpers.time.setNextBlockTimestamp(at + 5);
      await trade(market, market.trader, legs, report);
      const receipt = await trade(market, market.trader, legs, report);
      expect(eventsOf(market.surface, receipt)).to.deep.equal([]);
    });

    it("skips a second one of a block", async () => {
      const reports = [await carried(market, { at }), await carried(market, { at: at + 1, vol: 0.61 })];
      await networkHelpers.time.setNextBlockTimestamp(at + 5);
      await ethers.provider.send("evm_setAutomine", [false]);
      try {
        const pool = as(market.trader, market.pool);
        const fees = [3n, 2n].map((gwei) => ({
          maxPriorityFeePerGas: gwei * 10n ** 9n,
          gasLimit: 4_000_000n,
        }));
        const sent = [];
        for (const [i, report] of reports.entries())
          sent.push(await pool.trade!(legs, NO_LIMIT, DEADLINE, market.trader, report, fees[i]!));
        await networkHelpers.mine();
        const receipts = await Promise.all(sent.map((transaction) => transaction.wait()));
        expect(receipts.map((receipt) => eventsOf(market.surface, receipt!).length)).to.deep.equal([1, 0]);
      } finally {
        await ethers.provider.send("evm_setAutomine", [true]);
      }
    });

    it("S1: refuses one older than half a minute, the last second in", async () => {
      const report = await carried(market, { at });
      await networkHelpers.time.setNextBlockTimestamp(at + 31);
      await expect(as(market.trader, market.pool).trade!(legs, NO_LIMIT, DEADLINE, market.trader, report))
        .to.be.revertedWithCustomError(market.pool, "Pool_ReportTooOld")
        .withArgs(at, at + 31);
      const next = await carried(market, { at: at + 10 });
      await networkHelpers.time.setNextBlockTimestamp(at + 40);
      await trade(market, market.trader, legs, next);
    });

    it("S2: reverts with one that its signers did not sign", async () => {
      const report = await carried(market, { at });
      const end = report.length - 130; // within the signatures
      const forged = `${report.slice(0, end)}${report[end] === "0" ? "1" : "0"}${report.slice(end + 1)}`;
      await networkHelpers.time.setNextBlockTimestamp(at + 5);
      await expect(
        as(market.trader, market.pool).trade!(legs, NO_LIMIT, DEADLINE, market.trader, forged),
      ).to.revert(ethers);
      expect((await market.surface.surface!(1)).reportAt).to.be.lessThan(BigInt(at));
    });
  });

  it("tells the greeks of what the taker gets", async () => {
    const one = await quote(market, [leg(call(3000), 1)]);
    const sold = await quote(market, [leg(call(3000), -1)]);
    const h = 10n ** 18n;
    expect(one.delta).to.be.within(h / 2n, (6n * h) / 10n);
    expect(one.vega).to.be.greaterThan(0n);
    expect(one.theta).to.be.lessThan(0n);
    expect(one.gamma).to.be.greaterThan(0n);
    for (const name of ["delta", "vega", "gamma"] as const) expect(sold[name]).to.be.closeTo(-one[name], 10n);
    expect(one.notional).to.equal(SPOT);
    // Black-Scholes: vega = gamma S^2 vol tau, tau on the variance clock.
    const { timestamp: now } = (await ethers.provider.getBlock("latest"))!;
    const tau = tauAt(EXPIRY, now);
    const perVega =
      (Number(one.gamma) * 3000 ** 2 * (Number(one.legs[0].vol) / 1e18) * tau) / Number(one.vega);
    expect(Math.round(1e6 * perVega)).to.equal(1e6);
    // What a minute takes of the value, everything else as it is.
    const next = await quoteAt(market, [leg(call(3000), 1)], now + 60);
    const lost = Number(next.legs[0].value - one.legs[0].value) / (60 / SECONDS_PER_YEAR);
    expect(Math.round((1e2 * lost) / Number(one.theta)), "per cent").to.equal(100);
    // Parity: call less put is S - K exp(-0.05 tau), the forward's carry being five per cent a year.
    const put_ = await quote(market, [leg(put(3000), 1)]);
    expect(one.delta - put_.delta).to.be.closeTo(h, 10n ** 14n);
    expect(one.theta - put_.theta).to.be.closeTo((-5n * 3000n * h) / 100n, h);
  });
});
