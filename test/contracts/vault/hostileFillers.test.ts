import { expect } from "chai";
import { BEHAVIOUR } from "../../support/hostileToken.ts";
import {
  type AnyContract,
  call,
  DEADLINE,
  EXPIRY,
  ethers,
  leg,
  NO_LIMIT,
  networkHelpers,
  openMarket,
  put,
  speakingFor,
  trade,
  WAD,
} from "../../support/pool/fixture.ts";
import { eventsOf } from "../../support/pool/words.ts";
import {
  ALL,
  type HedgeMarket,
  NO_LIMIT_SELLING,
  openHedgeMarket,
  planAt,
  readyToHedge,
  renew,
  waitForBound,
} from "../../support/vault/hedge.ts";

const UNIT = 10n ** 12n;

/** The book short 40 options, with an auction at its bound. */
async function auctioned(market: HedgeMarket, series: bigint): Promise<HedgeMarket> {
  await trade(market, market.trader, [leg(series, 40)]);
  await networkHelpers.mine();
  await renew(market);
  await waitForBound(market);
  return market;
}

/** What somebody could ask for in the middle of a fill, of contracts that have nothing to do with the filler's own money. */
const entries = ({ hedger, book, clearinghouse, quoteToken, baseToken, own, filler, vault }: HedgeMarket) =>
  [
    ["a fill", hedger, "fill", [ALL, 0, own.target, "0x"]],
    ["an opening", hedger, "open", []],
    ["a plan", hedger, "plan", []],
    ["parameters", hedger, "setParameters", [[500, 1300, 300, 1000, 1000, 20_000]]],
    ["a realization", book, "realize", [EXPIRY]],
    [
      "an epoch's end",
      book,
      "assign",
      [{ claimBase: 0, claimQuote: 0, equity: 0, reserve: 0, markedAt: 0, cutOffDay: 0 }],
    ],
    ["a claim", book, "lowerClaim", [0, 1, WAD]],
    ["the account's quote", clearinghouse, "withdraw", [quoteToken.target, 1, book.target, own.target]],
    ["the account's base", clearinghouse, "withdraw", [baseToken.target, 1, book.target, own.target]],
    ["a deposit into the account", clearinghouse, "deposit", [baseToken.target, 1, book.target]],
    ["the vault's money", vault, "withdraw", [baseToken.target, 1, own.target]],
    ["another filler's callback", filler, "onHedgeFill", [quoteToken.target, 1, baseToken.target, 1, "0x"]],
    ["another filler's payment", filler, "uniswapV3SwapCallback", [1, 1, "0x"]],
    ["another filler's fill", filler, "fill", [[ALL, 0, own.target, "0x"]]],
  ] as [string, AnyContract, string, unknown[]][];

describe("DeltaHedger: hostile fillers (K5)", () => {
  let market: HedgeMarket;
  beforeEach(async () => {
    market = await auctioned(await readyToHedge(), call(3000));
  });
  const dataOf = (contract: AnyContract, method: string, args: unknown[]) =>
    contract.interface.encodeFunctionData(method, args);

  it("enters nothing from the callback, before it delivers or after", async () => {
    const { own } = market;
    const snapshot = await networkHelpers.takeSnapshot();
    for (const isAfter of [false, true])
      for (const [name, target, method, args] of entries(market)) {
        await own.callInside!(target, dataOf(target, method, args), isAfter);
        await own.fill!(ALL, 0, own);
        expect(await own.entered!(), name).to.equal(false);
        expect(await own.answer!(), `${name} was refused with a reason`).to.not.equal("0x");
        await snapshot.restore();
      }
  });

  it("undoes a fill in whose callback somebody trades, refreshes or pays out of the account: all must be as it was", async () => {
    const { own, pool, book, clearinghouse, quoteToken, hedger } = market;
    await own.act!(quoteToken, dataOf(quoteToken, "approve", [pool.target, 2n ** 255n]));
    await own.act!(clearinghouse, dataOf(clearinghouse, "setOperator", [pool.target, true]));
    await own.act!(pool, dataOf(pool, "trade", [[leg(call(3200), 1)], NO_LIMIT, DEADLINE, own.target, "0x"]));
    await networkHelpers.mine();
    await renew(market);
    const bought = (amount: number) =>
      dataOf(pool, "trade", [[leg(call(3200), amount)], NO_LIMIT, DEADLINE, own.target, "0x"]);
    // As a module of the book: it may take out of the account and put back.
    await (await speakingFor(book, clearinghouse)).authorize!(own, 2);
    for (const isAfter of [false, true])
      for (const [target, data] of [
        [clearinghouse, dataOf(clearinghouse, "withdraw", [quoteToken.target, 1, book.target, own.target])],
        [
          clearinghouse,
          dataOf(clearinghouse, "withdraw", [market.baseToken.target, 1, book.target, own.target]),
        ],
        [pool, bought(1)],
        [pool, bought(-1)],
        [book, dataOf(book, "refresh", [market.expiries])],
      ] as const) {
        await own.callInside!(target, data, isAfter);
        await expect(own.fill!(ALL, 0, own)).to.be.revertedWithCustomError(hedger, "Hedger_BookMoved");
      }
  });

  it("counts what arrived: too little and nothing are refused, more stays, another's pocket will do", async () => {
    const { own, hedger, other, baseToken, clearinghouse, book } = market;
    const { amount } = await planAt(market);
    for (const share of [9999n, 1n, 0n]) {
      await own.deliver!(share, own);
      await expect(own.fill!(ALL, 0, own))
        .to.be.revertedWithCustomError(hedger, "Hedger_NotDelivered")
        .withArgs((amount * share) / 10_000n, amount);
    }
    const half = amount / 2n;
    const held = async () => (await clearinghouse.collateral!(book, baseToken))[0] as bigint;
    await baseToken.connect(other).getFunction("approve")(own, 2n ** 255n);
    await own.deliver!(10_000, other);
    let before = await held();
    await own.fill!(half, 0, own);
    expect((await held()) - before).to.equal(half);
    await own.deliver!(10_100, own);
    before = await held();
    const { amount: left } = await planAt(market);
    await own.fill!(left, 0, own);
    expect((await held()) - before).to.equal((left * 101n) / 100n);
  });

  it("takes more than it asked for where it sells, too, and tells what came", async () => {
    const { own, hedger, clearinghouse, book, quoteToken } = market;
    await own.fill!(ALL, 0, own);
    await trade(market, market.trader, [leg(put(3400), 80)]);
    await networkHelpers.mine();
    await renew(market);
    await waitForBound(market);
    const held = async () => (await clearinghouse.collateral!(book, quoteToken))[0] as bigint;
    const { amount } = await planAt(market);
    const [, owed]: [bigint, bigint] = await own.fill!.staticCall(amount, NO_LIMIT_SELLING, own);
    await own.deliver!(10_100, own);
    const before = await held();
    const delivered = (owed * 101n) / 100n;
    const receipt = await (await own.fill!(amount, NO_LIMIT_SELLING, own)).wait();
    expect((await held()) - before).to.equal(delivered);
    const [hedged] = eventsOf(hedger, receipt!);
    const { base, quote, cost, spot } = hedged!.args;
    expect(base).to.equal(amount);
    expect(quote).to.equal(delivered * UNIT);
    expect(cost).to.be.closeTo((-amount * spot) / WAD - quote, UNIT);
  });

  it("takes nothing for a delivery that the vault has sent itself, or that lay there before", async () => {
    const { own, hedger, quoteToken, baseToken } = market;
    // Sent to the hedger by name: nobody's.
    await own.fill!(ALL, 0, hedger);
    const lost: bigint = await quoteToken.balanceOf!(hedger);
    expect(lost).to.be.greaterThan(0n);
    await quoteToken.mint!(hedger, 10n ** 12n);
    await baseToken.mint!(hedger, 10n ** 21n);
    await trade(market, market.trader, [leg(put(3400), 80)]);
    await networkHelpers.mine();
    await renew(market);
    await waitForBound(market);
    const { amount } = await planAt(market);
    expect(amount).to.be.below(0n);
    await own.deliver!(0, own);
    await expect(own.fill!(amount, NO_LIMIT_SELLING, own)).to.be.revertedWithCustomError(
      hedger,
      "Hedger_NotDelivered",
    );
    await own.deliver!(10_000, own);
    await own.fill!(amount, NO_LIMIT_SELLING, own);
    expect(await quoteToken.balanceOf!(hedger)).to.equal(lost + 10n ** 12n);
  });

  it("is not filled by what has no callback", async () => {
    const { hedger, trader } = market;
    const sent = hedger.connect(trader).getFunction("fill");
    await expect(sent(ALL, 0, trader, "0x")).to.be.revert(ethers);
  });
});

describe("DeltaHedger: a hostile quote token (K5)", () => {
  let market: HedgeMarket;
  before(async () => {
    market = await openHedgeMarket(20_000n * 10n ** 18n, await openMarket({ quoteName: "HostileToken" }));
  });

  it("calls back into nothing, whichever way it goes", async () => {
    const { quoteToken, own, book, pool, hedger } = market;
    const more = [
      ["a refresh", book, "refresh", [market.expiries]],
      ["a trade", pool, "trade", [[leg(call(3200), 1)], NO_LIMIT, DEADLINE, own.target, "0x"]],
    ] as [string, AnyContract, string, unknown[]][];
    for (const series of [call(3000), put(3400)]) {
      await auctioned(market, series);
      for (const [name, target, method, args] of [...entries(market), ...more]) {
        await quoteToken.callBack!(target, target.interface.encodeFunctionData(method, args));
        const { amount, minimum } = await planAt(market);
        const part = amount > 0n ? minimum : -minimum;
        const filled = own.fill!(part, amount > 0n ? 0 : NO_LIMIT_SELLING, own);
        // While it is delivered here, anybody may refresh the book: and undoes the fill.
        if (name === "a refresh" && amount < 0n)
          await expect(filled).to.be.revertedWithCustomError(hedger, "Hedger_BookMoved");
        else {
          await filled;
          expect(await quoteToken.entered!(), name).to.equal(false);
        }
        await quoteToken.behave!(BEHAVIOUR.honest);
        await renew(market);
      }
    }
  });

  it("cannot take a fee of what is delivered", async () => {
    const { quoteToken, own, hedger } = market;
    await auctioned(market, put(3400));
    const { amount } = await planAt(market);
    expect(amount).to.be.below(0n);
    await quoteToken.behave!(BEHAVIOUR.feeOnTransfer);
    await expect(own.fill!(amount, NO_LIMIT_SELLING, own)).to.be.revertedWithCustomError(
      hedger,
      "Hedger_NotDelivered",
    );
    await quoteToken.behave!(BEHAVIOUR.honest);
  });
});
