import { ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import { expect } from "chai";
import type { ContractTransactionResponse } from "ethers";
import {
  type Account,
  as,
  call,
  DEADLINE,
  EXPIRY,
  ethers,
  leg,
  MARKET,
  networkHelpers,
  options,
  put,
  quote,
  trade,
  USD,
  WAD,
} from "../../support/pool/fixture.ts";
import {
  allowed,
  FEE,
  leftInRouter,
  permitted,
  type Routed,
  routed,
  signedForPermit2,
} from "../../support/pool/router.ts";

const USDC = 10n ** 6n;
const NOTHING = [0n, 0n, 0n];
const KEEP_BASE = { minimum: 0n, minimumPrice: 0n, fee: 0 };
const SWAPPED = { ...KEEP_BASE, fee: FEE };

describe("Router", () => {
  let market: Routed;
  let trader: Account;
  beforeEach(async () => {
    market = await routed();
    trader = market.trader;
    await as(trader, market.quoteToken).approve!(market.router, ethers.MaxUint256);
  });

  const order = (series: bigint, most: number, rest: object = {}) => ({
    pool: market.pool.target,
    series,
    least: options(0.01),
    most: options(most),
    volLimit: 0n,
    receiver: trader.address,
    deadline: DEADLINE,
    report: "0x",
    ...rest,
  });
  const router = (account = trader) => as(account, market.router);
  const costOf = async (series: bigint, amount: bigint): Promise<bigint> =>
    (await quote(market, [{ series, amount }])).cost;
  const tokens = (series: bigint, account: Account = trader): Promise<bigint> =>
    market.clearinghouse.balanceOf!(account, series);
  const cash = (account: Account = trader): Promise<bigint> => market.quoteToken.balanceOf!(account);
  /** What the Router's event says was paid. */
  const routedAssets = async (sent: ContractTransactionResponse): Promise<bigint> => {
    const { logs } = (await sent.wait())!;
    const own = logs.filter(({ address }) => address === market.router.target);
    return market.router.interface.parseLog(own.at(-1)!)!.args.assets;
  };
  /** The price in vol as IRouter has it. */
  const volOf = async (series: bigint, amount: bigint): Promise<bigint> => {
    const { cost, legs } = await quote(market, [{ series, amount }]);
    const price = (cost * 10n ** 12n * WAD) / amount;
    return legs[0].vol + ((price - legs[0].value) * WAD) / legs[0].vega;
  };

  describe("by budget", () => {
    for (const budget of [40n * USDC, 5_000n * USDC, 8_000n * USDC]) {
      it(`buys what ${budget / USDC} USDC pay for, and leaves less than 0.2 % of them`, async () => {
        const series = call(3200);
        const before = await cash();
        await router().buy!(order(series, 1000), allowed(budget));
        const [amount, spent] = [await tokens(series), before - (await cash())];
        expect(amount).to.be.greaterThan(0n);
        expect(spent)
          .to.be.greaterThan((budget * 998n) / 1000n)
          .and.at.most(budget);
        expect(await leftInRouter(market)).to.deep.equal(NOTHING);
      });
    }

    it("buys all that is wanted where the budget lasts, at the pool's own price", async () => {
      const [series, before] = [put(2800), await cash()];
      const asked = [order(series, 3), allowed(1_000_000n * USDC)] as const;
      const said = await router().buy!.staticCall(...asked);
      expect([...said]).to.deep.equal([options(3), await costOf(series, options(3))]);
      const cost = await routedAssets(await router().buy!(...asked));
      expect([await tokens(series), before - (await cash())]).to.deep.equal([options(3), cost]);
    });

    it("gives the tokens to the receiver and takes the money of the caller", async () => {
      const { other } = market;
      await router().buy!(order(call(3200), 2, { receiver: other.address }), allowed(10_000n * USDC));
      expect(await tokens(call(3200), other)).to.be.greaterThan(0n);
      expect(await tokens(call(3200))).to.equal(0n);
    });

    it("stops at what the book bears where the budget would buy more", async () => {
      const series = call(3000);
      await router().buy!(order(series, 2000), allowed(10_000_000n * USDC));
      const amount = await tokens(series);
      market = await routed();
      expect((await quote(market, [{ series, amount }])).refusal).to.equal(0n);
      const more = await quote(market, [{ series, amount: amount + amount / 500n }]);
      expect(more.refusal).to.not.equal(0n);
    });

    it("refuses a budget that does not pay for the least amount, and says what that costs", async () => {
      const cost = await costOf(call(3200), options(1));
      const buy = (budget: bigint) =>
        router().buy!.staticCall(order(call(3200), 5, { least: options(1) }), allowed(budget));
      await expect(buy(cost - 1n))
        .to.be.revertedWithCustomError(market.router, "Router_BudgetTooSmall")
        .withArgs(cost, cost - 1n);
      expect((await buy(cost)).amount).to.equal(options(1));
    });

    it("says why the pool would not trade", async () => {
      await expect(router().buy!(order(call(3210), 5), allowed(1000n * USDC)))
        .to.be.revertedWithCustomError(market.router, "Router_Refused")
        .withArgs(options(0.01), 4n);
    });

    it("refuses amounts that make no range", async () => {
      for (const [least, most] of [
        [0, 1],
        [2, 1],
      ] as const) {
        await expect(
          router().buy!(order(call(3200), most, { least: options(least) }), allowed(1000n * USDC)),
        ).to.be.revertedWithCustomError(market.router, "Router_AmountsInvalid");
      }
    });

    it("refuses to be the receiver, for what is there goes to whoever calls next", async () => {
      const here = { receiver: market.router.target };
      await expect(router().buy!(order(call(3200), 1, here), allowed(1000n * USDC)))
        .to.be.revertedWithCustomError(market.router, "Router_ReceiverInvalid")
        .withArgs(market.router.target);
    });

    it("refuses after the deadline", async () => {
      const now = await networkHelpers.time.latest();
      await expect(router().buy!(order(call(3200), 1, { deadline: now }), allowed(1000n * USDC)))
        .to.be.revertedWithCustomError(market.router, "Router_DeadlinePassed")
        .withArgs(now, now + 1);
    });
  });

  describe("up to a vol", () => {
    it("buys until the price in vol is at the limit", async () => {
      const series = call(3200);
      const volLimit = (await volOf(series, options(1))) + WAD / 500n;
      const asked = [order(series, 500, { volLimit }), allowed(10_000_000n * USDC)] as const;
      const { amount } = await router().buy!.staticCall(...asked);
      expect(amount).to.be.greaterThan(options(1)).and.lessThan(options(500));
      expect(await volOf(series, amount)).to.be.at.most(volLimit);
      expect(await volOf(series, amount + amount / 50n)).to.be.greaterThan(volLimit);
    });

    it("sells until the price in vol is at the limit", async () => {
      const series = call(3200);
      await trade(market, trader, [leg(series, 40)]);
      await networkHelpers.mine();
      const volLimit = (await volOf(series, -options(40))) + WAD / 2000n;
      const asked = [order(series, 40, { volLimit }), KEEP_BASE] as const;
      const sold: bigint = (await router().sell!.staticCall(...asked)).amount;
      expect(sold).to.be.greaterThan(0n).and.lessThan(options(40));
      expect(await volOf(series, -sold)).to.be.at.least(volLimit);
      expect(await volOf(series, -(sold + sold / 50n))).to.be.lessThan(volLimit);
    });

    it("refuses where even the least amount is beyond the limit, and says how far", async () => {
      const { legs } = await quote(market, [{ series: call(3200), amount: options(1) }]);
      await expect(
        router().buy!(order(call(3200), 5, { volLimit: legs[0].vol }), allowed(100_000n * USDC)),
      ).to.be.revertedWithCustomError(market.router, "Router_VolBeyondLimit");
    });
  });

  describe("payment", () => {
    it("takes an EIP-2612 permit instead of an allowance", async () => {
      await as(trader, market.quoteToken).approve!(market.router, 0);
      const payment = await permitted(market, trader, 3000n * USDC);
      await router().buy!(order(call(3200), 5), payment);
      expect(await tokens(call(3200))).to.be.greaterThan(0n);
    });

    it("trades although somebody handed the permit in before", async () => {
      await as(trader, market.quoteToken).approve!(market.router, 0);
      const payment = await permitted(market, trader, 3000n * USDC);
      const { r, s, v } = ethers.Signature.from(payment.signature);
      const { quoteToken, router: to, other } = market;
      await as(other, quoteToken).permit!(trader, to, payment.most, payment.deadline, v, r, s);
      await router().buy!(order(call(3200), 5), payment);
      expect(await tokens(call(3200))).to.be.greaterThan(0n);
    });

    it("does not trade on a permit that somebody else signed, or of another length", async () => {
      await as(trader, market.quoteToken).approve!(market.router, 0);
      const payment = await permitted(market, market.other, 3000n * USDC);
      await expect(router().buy!(order(call(3200), 5), payment)).to.be.revertedWithCustomError(
        market.quoteToken,
        "ERC20InsufficientAllowance",
      );
      await expect(router().buy!(order(call(3200), 5), { ...payment, signature: "0x1234" }))
        .to.be.revertedWithCustomError(market.router, "Router_SignatureLength")
        .withArgs(2, 65);
    });

    it("takes a Permit2 signature of Uniswap's own contract, once, and only what the trade costs", async () => {
      await as(trader, market.quoteToken).approve!(market.router, 0);
      const payment = await signedForPermit2(market, trader, 3000n * USDC);
      const before = await cash();
      const cost = await routedAssets(await router().buy!(order(put(2800), 2), payment));
      expect(cost)
        .to.be.greaterThan(0n)
        .and.lessThan(3000n * USDC);
      expect(before - (await cash())).to.equal(cost);
      await expect(router().buy!(order(put(2800), 2), payment)).to.be.revertedWithCustomError(
        market.permit2,
        "InvalidNonce",
      );
    });

    it("does not let anybody else use a Permit2 signature", async () => {
      const payment = await signedForPermit2(market, trader, 3000n * USDC);
      await expect(router(market.other).buy!(order(put(2800), 2), payment)).to.be.revertedWithCustomError(
        market.permit2,
        "InvalidSigner",
      );
    });

    it("trades several legs at one price by a signature, and gives back what is left", async () => {
      await as(trader, market.quoteToken).approve!(market.router, 0);
      const legs = [leg(call(3200), 2), leg(put(2800), 2), leg(call(3600), 1)];
      const { cost } = await quote(market, legs);
      const before = await cash();
      const payment = await permitted(market, trader, cost + 500n * USDC);
      const limit = cost + 10n * USDC;
      await router().trade!(market.pool, legs, limit, DEADLINE, trader, "0x", payment);
      expect(before - (await cash()))
        .to.be.greaterThan(0n)
        .and.at.most(limit);
      expect(await tokens(call(3600))).to.equal(options(1));
      expect(await leftInRouter(market)).to.deep.equal(NOTHING);
    });

    it("leaves the pool's own limit its word", async () => {
      const legs = [leg(call(3200), 2)];
      const { cost } = await quote(market, legs);
      await expect(
        router().trade!(market.pool, legs, cost / 2n, DEADLINE, trader, "0x", allowed(cost)),
      ).to.be.revertedWithCustomError(market.pool, "Pool_CostAboveLimit");
    });
  });

  describe("payout", () => {
    /** Calls in the trader's hands, and less quote left in the book than they are worth: the owner has taken his, and a sale the rest. */
    async function scarceQuote(series: bigint, amount: number): Promise<void> {
      await trade(market, trader, [leg(series, amount)]);
      const { other, vault, quoteToken, baseToken, clearinghouse, owner } = market;
      await vault.withdraw!(quoteToken, (await vault.claimQuote!()) / 10n ** 12n, owner);
      await as(other, clearinghouse).deposit!(baseToken, options(amount), other);
      await as(other, clearinghouse).mint!(call(2800), options(amount), other, other);
      await trade(market, other, [leg(call(2800), -amount)]);
      await networkHelpers.mine();
    }

    it("turns what the pool pays in base into quote, through Uniswap", async () => {
      const series = call(2600);
      await scarceQuote(series, 5);
      const { cost, baseProceeds } = await quote(market, [leg(series, -5)]);
      expect(baseProceeds).to.be.greaterThan(0n);
      const [before, price] = [await cash(), await market.uniswapPrice()];
      await expect(router().sell!(order(series, 5, { least: options(5) }), SWAPPED)).to.emit(
        market.router,
        "Swapped",
      );
      const got = (await cash()) - before;
      const swapped = (Number(baseProceeds) / 1e18) * price * (1 - FEE / 1e6);
      const expected: bigint = BigInt(Math.round(swapped * 1e6)) - cost;
      // The swap moves the price by less than 0.1 % of 1,000 base, and a second has passed.
      expect(got)
        .to.be.lessThan(expected)
        .and.greaterThan((expected * 998n) / 1000n);
      expect(await leftInRouter(market)).to.deep.equal(NOTHING);
    });

    it("pays base as it is where no swap is asked for", async () => {
      const series = call(2600);
      await scarceQuote(series, 5);
      const { baseProceeds } = await quote(market, [leg(series, -5)]);
      const before = await market.baseToken.balanceOf!(trader);
      await router().sell!(order(series, 5, { least: options(5) }), KEEP_BASE);
      const got = (await market.baseToken.balanceOf!(trader)) - before;
      // A second later the price is a little lower.
      expect(got)
        .to.be.at.most(baseProceeds)
        .and.greaterThan((baseProceeds * 998n) / 1000n);
    });

    it("refuses less than the minimum, and a Uniswap pool that does not exist", async () => {
      const series = call(2600);
      await scarceQuote(series, 5);
      const sell = (payout: object) => router().sell!(order(series, 5, { least: options(5) }), payout);
      await expect(sell({ ...SWAPPED, minimum: 5000n * USDC })).to.be.revertedWithCustomError(
        market.router,
        "Router_ProceedsTooSmall",
      );
      await expect(sell({ ...SWAPPED, fee: 3000 }))
        .to.be.revertedWithCustomError(market.router, "Router_NoSwapPool")
        .withArgs(market.baseToken, 3000);
    });

    it("sells base at no less than the price that was asked for, whatever amount the search finds", async () => {
      const series = call(2600);
      await scarceQuote(series, 5);
      const price = BigInt(Math.round((await market.uniswapPrice()) * 1e6)) * 10n ** 12n;
      const sell = (minimumPrice: bigint) => router().sell!(order(series, 5), { ...SWAPPED, minimumPrice });
      // Less than 0.05 % for the pool's fee and 0.1 % for the move of its price.
      await expect(sell(price)).to.be.revertedWithCustomError(market.router, "Router_SwapPriceTooLow");
      await expect(sell((price * 998n) / 1000n)).to.emit(market.router, "Swapped");
    });

    for (const baseDecimals of [18, 8])
      it(`swaps nothing that anybody had left here, and pays it as it is, of a base of ${baseDecimals} decimals`, async () => {
        market = await routed({ baseDecimals });
        trader = market.trader;
        await as(trader, market.quoteToken).approve!(market.router, ethers.MaxUint256);
        const payout = { ...SWAPPED, minimumPrice: 2985n * WAD };
        const [sold, redeemed] = [put(3000), put(3400)];
        for (const series of [sold, redeemed]) await trade(market, trader, [leg(series, 2)]);
        // A swap of so much would bring 1 % less than that price.
        const many = 2000n * 10n ** BigInt(baseDecimals);
        await market.baseToken.mint!(market.other, 3n * many);
        const leave = async (assets: bigint) => {
          await as(market.other, market.baseToken).transfer!(market.router, assets);
          return (await market.baseToken.balanceOf!(trader)) + assets;
        };
        for (const left of [1n, 190n, many]) {
          const due = await leave(left);
          await router().sell!(order(sold, 0.1, { least: options(0.1) }), payout);
          expect(await market.baseToken.balanceOf!(trader)).to.equal(due);
        }
        await settle(market);
        const due = await leave(many);
        await router().redeem!(redeemed, options(1), trader, DEADLINE, payout);
        expect(await market.baseToken.balanceOf!(trader)).to.equal(due);
        expect(await leftInRouter(market)).to.deep.equal(NOTHING);
      });

    it("redeems calls of a settled series in quote", async () => {
      const series = call(2600);
      await trade(market, trader, [leg(series, 2)]);
      await settle(market);
      const before = await cash();
      await router().redeem!(series, options(2), trader, DEADLINE, {
        ...SWAPPED,
        minimum: 790n * USDC,
      });
      // Two calls of 2600 at 3000: 2 (1 - 2600 / 3000) base, sold at 3000 less 0.05 %.
      expect((await cash()) - before)
        .to.be.greaterThan(799n * USDC)
        .and.lessThan((800n * USDC * 9995n) / 10_000n);
      expect([await tokens(series), ...(await leftInRouter(market))]).to.deep.equal([0n, ...NOTHING]);
    });

    it("redeems nobody's tokens but the caller's", async () => {
      const series = call(2600);
      await trade(market, trader, [leg(series, 2)]);
      await settle(market);
      await expect(
        router(market.other).redeem!(series, options(2), trader, DEADLINE, KEEP_BASE),
      ).to.be.revert(ethers);
      expect(await tokens(series)).to.equal(options(2));
    });
  });

  describe("against what is hostile", () => {
    it("K5: cannot be entered again from the middle of a transfer", async () => {
      const again = market.router.interface.encodeFunctionData("redeem", [
        ...[call(2600), 1, trader.address, DEADLINE],
        KEEP_BASE,
      ]);
      await market.quoteToken.callBack!(market.router, again);
      await router().buy!(order(call(3200), 1), allowed(10_000n * USDC));
      const entered = market.router.interface.parseError(await market.quoteToken.answer!());
      expect(entered?.name).to.equal("ReentrancyGuardReentrantCall");
    });

    it("answers the callback of no pool but the one that it swaps in", async () => {
      await expect(router().uniswapV3SwapCallback!(1, 0, "0x"))
        .to.be.revertedWithCustomError(market.router, "Router_NotSwapPool")
        .withArgs(trader, ethers.ZeroAddress);
    });

    it("pays no pool that does not deliver", async () => {
      const factory = await ethers.getContractFactory("HostilePool");
      const hostile = await factory.deploy(market.quoteToken, market.clearinghouse, 100n * USDC);
      const before = await cash();
      await expect(
        router().buy!(order(call(3200), 1, { pool: hostile.target }), allowed(1000n * USDC)),
      ).to.be.revertedWithCustomError(market.router, "Router_NotDelivered");
      await expect(
        router().trade!(
          hostile,
          [leg(call(3200), 1)],
          2n ** 200n,
          DEADLINE,
          trader,
          "0x",
          allowed(1000n * USDC),
        ),
      ).to.be.revertedWithCustomError(market.router, "Router_NotDelivered");
      expect(await cash()).to.equal(before);
    });

    it("takes no two legs of a series, which a pool could both satisfy by what it delivers once", async () => {
      await trade(market, market.other, [leg(call(3200), 1)]);
      const factory = await ethers.getContractFactory("HostilePool");
      const hostile = await factory.deploy(market.quoteToken, market.clearinghouse, 100n * USDC);
      await as(market.other, market.clearinghouse).transfer!(hostile, call(3200), WAD);
      const bought = (...series: bigint[]) =>
        router().trade!(
          hostile,
          series.map((one) => leg(one, 1)),
          100n * USDC,
          DEADLINE,
          trader,
          "0x",
          allowed(100n * USDC),
        );
      const before = await cash();
      for (const series of [
        [call(3200), call(3200)],
        [call(3000), call(3200), put(2800), call(3200)],
      ])
        await expect(bought(...series))
          .to.be.revertedWithCustomError(market.router, "Router_SeriesRepeated")
          .withArgs(call(3200));
      expect(await cash()).to.equal(before);
      await bought(call(3200));
      expect(await tokens(call(3200))).to.equal(WAD);
    });

    it("allows no pool more than the limit, though the payment is larger and the options come", async () => {
      const legs = [leg(call(3200), 1)];
      await trade(market, market.other, legs);
      const factory = await ethers.getContractFactory("HostilePool");
      const hostile = await factory.deploy(market.quoteToken, market.clearinghouse, 1000n * USDC);
      await as(market.other, market.clearinghouse).transfer!(hostile, call(3200), WAD);
      const bought = (limit: bigint) =>
        router().trade!(hostile, legs, limit, DEADLINE, trader, "0x", allowed(10_000n * USDC));
      for (const limit of [1000n * USDC - 1n, 0n, -1n])
        await expect(bought(limit)).to.be.revertedWithCustomError(
          market.quoteToken,
          "ERC20InsufficientAllowance",
        );
      const before = await cash();
      await bought(1000n * USDC);
      expect([before - (await cash()), await tokens(call(3200))]).to.deep.equal([1000n * USDC, WAD]);
    });

    it("keeps no tokens that a hostile pool leaves with it", async () => {
      await trade(market, trader, [leg(call(3200), 1)]);
      const factory = await ethers.getContractFactory("HostilePool");
      const hostile = await factory.deploy(market.quoteToken, market.clearinghouse, 0n);
      await expect(
        router().sell!(order(call(3200), 1, { pool: hostile.target }), KEEP_BASE),
      ).to.be.revertedWithCustomError(market.router, "Router_NotDelivered");
      expect(await tokens(call(3200))).to.equal(options(1));
    });
  });
});

/** Rounds of both feeds in the last half hour, and the walk, which settles. */
async function settle({ baseFeed, quoteFeed, settlement }: Routed): Promise<void> {
  await baseFeed.transmit(3000n * USD, EXPIRY - 3000);
  await quoteFeed.transmit(USD, EXPIRY - 2900);
  const starts: bigint[] = [];
  for (const { proxy } of [baseFeed, quoteFeed]) starts.push((await proxy.latestRoundData!()).roundId);
  await networkHelpers.time.increaseTo(EXPIRY + ROUND_LAG_SECONDS);
  await settlement.walk!(MARKET, EXPIRY, starts[0], starts[1], 10);
}
