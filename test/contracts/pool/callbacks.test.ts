import { expect } from "chai";
import {
  type AnyContract,
  as,
  call,
  DEADLINE,
  EXPIRY,
  expiryIn,
  leg,
  type Market,
  NO_LIMIT,
  openMarket,
  STILL,
  trade,
} from "../../support/pool/fixture.ts";

describe("OptionPool: a hostile quote token (K5)", () => {
  let market: Market;
  before(async () => {
    market = await openMarket({ quoteName: "HostileToken" });
    await trade(market, market.trader, [leg(call(3000), 2)]);
  });

  /** What the quote token asks for in the middle of a transfer. */
  const attempts = (): [string, AnyContract, string, unknown[]][] => [
    [
      "a trade",
      market.pool,
      "trade",
      [[leg(call(3200), 1)], NO_LIMIT, DEADLINE, market.trader.address, "0x"],
    ],
    [
      "an exit",
      market.pool,
      "trade",
      [[leg(call(3000), -1)], NO_LIMIT, DEADLINE, market.trader.address, "0x"],
    ],
    ["a quote", market.pool, "quote", [[leg(call(3000), 1)]]],
    ["a refresh", market.book, "refresh", [[expiryIn(88)]]],
    ["a refresh of all", market.book, "refresh", [market.expiries]],
    ["a realization", market.book, "realize", [EXPIRY]],
    ["a move", market.book, "move", [{ ...STILL, spot: 1 }]],
    [
      "an epoch's end",
      market.book,
      "assign",
      [{ claimBase: 0, claimQuote: 0, equity: 0, reserve: 0, markedAt: 0, cutOffDay: 0 }],
    ],
  ];

  for (const [side, amount] of [
    ["pays", 0.1],
    ["is paid", -0.1],
  ] as const) {
    it(`lets a token call back into nothing while the taker ${side}`, async () => {
      const { quoteToken, trader, pool } = market;
      for (const [name, target, method, args] of attempts()) {
        await quoteToken.callBack!(target, target.interface.encodeFunctionData(method, args));
        const sent = await as(trader, pool).trade!(
          [leg(call(3000), amount)],
          NO_LIMIT,
          DEADLINE,
          trader,
          "0x",
        );
        await sent.wait();
        expect(await quoteToken.entered!(), name).to.equal(false);
        expect(await quoteToken.answer!(), `${name} was refused with a reason`).to.not.equal("0x");
      }
    });
  }
});
