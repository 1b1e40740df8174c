import { expect } from "chai";
import {
  type AnyContract,
  as,
  call,
  DEADLINE,
  EXPIRY,
  ethers,
  expiryIn,
  leg,
  type Market,
  NO_LIMIT,
  openMarket,
  options,
  STILL,
  signerOf,
  trade,
} from "../../support/pool/fixture.ts";

/** Where the taker pays the transfer is the pool's, where he is paid it is the Clearinghouse's. */
type Side = "pays" | "is paid";

interface Attempt {
  name: string;
  target: AnyContract;
  method: string;
  args: unknown[];
  /** Who refuses it in the middle of a trade, and by which error. */
  refusal: [refusedBy: AnyContract, error: string];
  /** Whether the token could do it at any other time. */
  passesAlone: boolean;
}

describe("OptionPool: a hostile quote token (K5)", () => {
  let market: Market;
  before(async () => {
    market = await openMarket({ quoteName: "HostileToken" });
    const { trader, clearinghouse, quoteToken, pool } = market;
    await trade(market, trader, [leg(call(3000), 4)]);
    // All that it could use for a trade of its own: money, options, and leave for the pool to take both.
    await quoteToken.mint!(quoteToken, 10n ** 12n);
    await as(trader, clearinghouse).transfer!(quoteToken, call(3000), options(2));
    const token = await signerOf(quoteToken);
    await as(token, quoteToken).approve!(pool, ethers.MaxUint256);
    await as(token, clearinghouse).setOperator!(pool, true);
  });

  /** What the quote token asks for in the middle of a transfer. */
  const attempts = (side: Side): Attempt[] => {
    const { pool, book, clearinghouse, trader, expiries } = market;
    const trading = (amount: number, strike: number) => [
      [leg(call(strike), amount)],
      NO_LIMIT,
      DEADLINE,
      trader.address,
      "0x",
    ];
    const guarded = {
      target: pool,
      refusal: [pool, "ReentrancyGuardReentrantCall"] as [AnyContract, string],
      passesAlone: true,
    };
    const refreshing = {
      target: book,
      method: "refresh",
      refusal: [book, "Book_TradedInThisBlock"] as [AnyContract, string],
      passesAlone: true,
    };
    const ofModules = {
      target: book,
      refusal: [book, "Book_NotModule"] as [AnyContract, string],
      passesAlone: false,
    };
    const nothing = { claimBase: 0, claimQuote: 0, equity: 0, reserve: 0, markedAt: 0, cutOffDay: 0 };
    return [
      { ...guarded, name: "a trade", method: "trade", args: trading(1, 3200) },
      { ...guarded, name: "an exit", method: "trade", args: trading(-1, 3000) },
      { ...guarded, name: "a quote", method: "quote", args: [[leg(call(3000), 1)]] },
      { ...refreshing, name: "a refresh", args: [[expiryIn(88)]] },
      { ...refreshing, name: "a refresh of all", args: [expiries] },
      { ...ofModules, name: "a move", method: "move", args: [{ ...STILL, spot: 1 }] },
      { ...ofModules, name: "an epoch's end", method: "assign", args: [nothing] },
      {
        name: "a realization",
        target: book,
        method: "realize",
        args: [EXPIRY],
        // It waits for no trade (0007), but for the Clearinghouse's own guard.
        refusal: [clearinghouse, side === "pays" ? "Listing_NotSettled" : "ReentrancyGuardReentrantCall"],
        passesAlone: false,
      },
    ];
  };

  it("has a token that could do by itself what it asks for", async () => {
    const token = await signerOf(market.quoteToken);
    for (const { name, target, method, args, passesAlone } of attempts("pays")) {
      if (!passesAlone) continue;
      const isAllowed = await as(token, target)
        [method]!.staticCall(...args)
        .then(
          () => true,
          () => false,
        );
      expect(isAllowed, name).to.equal(true);
    }
  });

  for (const [side, amount] of [
    ["pays", 0.1],
    ["is paid", -0.1],
  ] as const) {
    it(`lets a token call back into nothing while the taker ${side}`, async () => {
      const { quoteToken, trader } = market;
      for (const { name, target, method, args, refusal } of attempts(side)) {
        await quoteToken.callBack!(target, target.interface.encodeFunctionData(method, args));
        await trade(market, trader, [leg(call(3000), amount)]);
        const [refusedBy, error] = refusal;
        const { selector } = refusedBy.interface.getError(error)!;
        expect(await quoteToken.entered!(), name).to.equal(false);
        expect(((await quoteToken.answer!()) as string).slice(0, 10), name).to.equal(selector);
      }
    });
  }
});
