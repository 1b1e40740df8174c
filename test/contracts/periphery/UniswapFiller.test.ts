import { hedgeOrder } from "@meniscus/keeper/order";
import { expect } from "chai";
import { deploy } from "../../support/oracle/fixture.ts";
import { as, call, carried, ethers, networkHelpers, put, WAD } from "../../support/pool/fixture.ts";
import { errorOf } from "../../support/pool/words.ts";
import {
  ALL,
  absolute,
  fill,
  fillOnUniswap,
  HEDGER_PARAMETERS,
  type HedgeMarket,
  planAt,
  readyToHedge,
  traded,
  waitForBound,
} from "../../support/vault/hedge.ts";
import { uniform } from "../pricing/points.ts";

const SEQUENCES = Number(process.env.MENISCUS_SEQUENCES ?? (process.env.MENISCUS_DEEP === "1" ? 200 : 12));

describe("UniswapFiller", () => {
  let market: HedgeMarket;
  beforeEach(async () => {
    market = await readyToHedge();
  });
  const order = (amount: bigint, more = {}) => ({
    amount,
    minimumProfit: 0n,
    receiver: market.trader,
    report: "0x",
    ...more,
  });
  const nothingLeft = async () => {
    const { filler, baseToken, quoteToken } = market;
    for (const token of [baseToken, quoteToken]) expect(await token.balanceOf!(filler)).to.equal(0n);
  };

  for (const [side, series] of [
    ["buys", call(3000)],
    ["sells", put(3000)],
  ] as const) {
    it(`fills what the vault ${side} from the genuine pool, and gives its caller what is left`, async () => {
      const { trader, baseToken, quoteToken } = market;
      await traded(market, series, 30);
      const { amount, price } = await waitForBound(market);
      const [paidIn, size] =
        amount > 0n ? [quoteToken, (amount * price) / WAD / 10n ** 12n] : [baseToken, -amount];
      const before: bigint = await paidIn.balanceOf!(trader);
      const { profit, base } = await fillOnUniswap(market, amount);
      expect(base).to.equal(amount);
      expect((await paidIn.balanceOf!(trader)) - before).to.equal(profit);
      // 13 bp less the pool's 5, and its slippage.
      expect(Number(profit) / Number(size)).to.be.within(0.0002, 0.0008);
      await nothingLeft();
    });
  }

  it("makes the profit that is asked for or reverts, to the unit", async () => {
    const { filler, trader } = market;
    await traded(market, call(3000), 30);
    await waitForBound(market);
    const profit: bigint = await as(trader, filler).fill!.staticCall(order(ALL), { blockTag: "pending" });
    await expect(as(trader, filler).fill!(order(ALL, { minimumProfit: profit + 1n })))
      .to.be.revertedWithCustomError(filler, "Filler_ProfitTooSmall")
      .withArgs(profit, profit + 1n);
    expect((await fillOnUniswap(market, ALL, profit)).profit).to.equal(profit);
  });

  it("makes the profit in quote assets that a keeper asks for, on either side", async () => {
    const { filler, trader, hedger } = market;
    const snapshot = await networkHelpers.takeSnapshot();
    for (const series of [call(3000), put(3000)]) {
      await snapshot.restore();
      await traded(market, series, 30);
      const { amount, delta, spot } = await waitForBound(market);
      const profit: bigint = await as(trader, filler).fill!.staticCall(order(amount > 0n ? ALL : -ALL), {
        blockTag: "pending",
      });
      const worth = amount > 0n ? profit : (profit * spot) / WAD / 10n ** 12n;
      // Some 30 options' delta at 3000 USD, and a few bp of that.
      expect(Number(worth) / 1e6).to.be.within(1, 100);
      const fillFor = (minimumProfit: bigint) =>
        as(trader, filler).fill!(
          hedgeOrder(
            { delta, spot },
            { minimumProfit, decimals: { base: 18, quote: 6 }, receiver: trader.address, report: "0x" },
          ),
        );
      await expect(fillFor((worth * 1001n) / 1000n)).to.be.revertedWithCustomError(
        filler,
        "Filler_ProfitTooSmall",
      );
      await expect(fillFor((worth * 999n) / 1000n)).to.emit(hedger, "Hedged");
    }
  });

  it("pays nothing of its own while the auction is on the vault's side of spot", async () => {
    const { filler, trader, quoteToken } = market;
    await traded(market, call(3000), 30);
    await expect(as(trader, filler).fill!(order(ALL))).to.be.revertedWithCustomError(
      quoteToken,
      "ERC20InsufficientBalance",
    );
  });

  it("carries the report that a hedge needs", async () => {
    const { surface, hedger, filler, trader } = market;
    await traded(market, call(3000), 30);
    await market.hedger.open!();
    await networkHelpers.time.increase(HEDGER_PARAMETERS.duration + 31);
    const now = await networkHelpers.time.latest();
    const report = await carried(market, { at: now });
    await networkHelpers.time.setNextBlockTimestamp(now + 10);
    await expect(as(trader, filler).fill!(order(ALL)))
      .to.be.revertedWithCustomError(hedger, "Hedger_Refused")
      .withArgs(4);
    const { profit } = await fillOnUniswap(market, ALL, 1n, report);
    expect(profit).to.be.greaterThan(0n);
    expect((await surface.surface!(1)).reportAt).to.equal(now);
  });

  it("answers neither strangers nor pools that it did not call", async () => {
    const { filler, trader, hedger, uniswap, baseToken, quoteToken } = market;
    const stranger = as(trader, filler);
    await expect(stranger.onHedgeFill!(quoteToken, 1, baseToken, 1, "0x"))
      .to.be.revertedWithCustomError(filler, "Filler_NotHedger")
      .withArgs(trader.address, hedger.target);
    await expect(stranger.uniswapV3SwapCallback!(1, 1, "0x"))
      .to.be.revertedWithCustomError(filler, "Filler_NotPool")
      .withArgs(trader.address, uniswap.pool.target);
    expect(await filler.POOL!()).to.equal(uniswap.pool.target);
    await expect(deploy("UniswapFiller", hedger, market.clearinghouse, market.surface, uniswap.factory, 3000))
      .to.be.revertedWithCustomError(filler, "Filler_NoPool")
      .withArgs(baseToken.target, 3000);
  });

  it("H5: whoever moves the pool around a fill wins at most the bound of it", async () => {
    const next = uniform(5n);
    const snapshot = await networkHelpers.takeSnapshot();
    let [filled, most] = [0, Number.NEGATIVE_INFINITY];
    for (let i = 0; i < SEQUENCES; i++) {
      await snapshot.restore();
      await traded(market, next() < 0.5 ? call(3000) : put(3000), 10 + 50 * next());
      const plan = await waitForBound(market);
      const { baseToken, quoteToken, owner, trader, uniswap } = market;
      const worth = async () => {
        const sums = await Promise.all(
          [owner, trader].flatMap((one) => [baseToken.balanceOf!(one), quoteToken.balanceOf!(one)]),
        );
        return Number(sums[0] + sums[2]) * 3000 * 1e-12 + Number(sums[1] + sums[3]);
      };
      const before = await worth();
      // Of a pool of 20,000: up to a tenth, down to a unit, either way; back to where the pool stood.
      const push = BigInt(Math.round((next() < 0.5 ? -2000 : 2000) * 2 ** (-11 * next()) * 1e6)) * 10n ** 12n;
      const start = await uniswap.price();
      const swap = (base: bigint) => uniswap.swap(base > 0n ? base : (base * 3000n) / 10n ** 12n);
      await swap(push);
      // Where the push has left nothing to keep the filler cannot pay.
      const hedged = await fillOnUniswap(market, plan.amount > 0n ? ALL : -ALL).catch((error) => {
        const { name } = errorOf([market.filler, baseToken, quoteToken], error);
        expect(name).to.equal("ERC20InsufficientBalance");
        return undefined;
      });
      await swap(-push);
      const won = (await worth()) - before;
      expect(Math.abs((await uniswap.price()) / start - 1) < 0.02).to.equal(true);
      if (hedged === undefined) {
        expect(won).to.be.at.most(0);
        continue;
      }
      filled += 1;
      const bound = (Number(absolute(hedged.base)) / 1e18) * 3000 * 1e6 * (HEDGER_PARAMETERS.boundPpm / 1e6);
      most = Math.max(most, won / bound);
      expect(won, `${push}`).to.be.at.most(bound);
      expect(Number(hedged.cost) / 1e12).to.be.at.most(bound + 2);
    }
    console.log(
      `        ${filled} of ${SEQUENCES} sandwiched fills went through; the best won ${(100 * most).toFixed(1)} % of the bound`,
    );
    expect(filled, "fills").to.be.at.least(Math.floor(0.4 * SEQUENCES));
  });

  it("leaves the hedge to others where the pool is drained", async () => {
    const { uniswap, filler, trader } = market;
    await traded(market, call(3000), 30);
    const { amount } = await waitForBound(market);
    await uniswap.swap(-(10n ** 15n));
    await expect(as(trader, filler).fill!(order(ALL))).to.be.revert(ethers);
    const plan = await planAt(market);
    expect([plan.obstacle, plan.amount]).to.deep.equal(["None", amount]);
    expect((await fill(market, ALL)).base).to.equal(amount);
  });
});
