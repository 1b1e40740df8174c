import { hedgeOrder } from "@meniscus/keeper/order";
import { WAD } from "@meniscus/sdk/wad";
import { expect } from "chai";
import { OWNER } from "../support/keeper/intent.ts";

describe("a keeper's order", () => {
  it("asks a hedge for one profit on either side: of quote assets, and of as much base at the plan's spot", () => {
    const ask = (sign: bigint, minimumProfit: bigint, spot = 3000n * WAD) =>
      hedgeOrder(
        { delta: sign * WAD, spot },
        { minimumProfit, decimals: { base: 18, quote: 6 }, receiver: OWNER.account, report: "0x" },
      );
    const [buys, sells] = [ask(-1n, 6_000_000n), ask(1n, 6_000_000n)];
    expect([buys.amount > 0n, buys.minimumProfit]).to.deep.equal([true, 6_000_000n]);
    expect([sells.amount < 0n, sells.minimumProfit]).to.deep.equal([true, (2n * WAD) / 1000n]);
    // Up, and nothing of nothing.
    expect(ask(1n, 1n, 7n * WAD).minimumProfit).to.equal(142_857_142_858n);
    expect([ask(1n, 0n).minimumProfit, ask(-1n, 0n).minimumProfit]).to.deep.equal([0n, 0n]);
  });
});
