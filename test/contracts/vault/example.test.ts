import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { call, expiryIn, leg, put, trade, WAD } from "../../support/pool/fixture.ts";
import { eventsOf } from "../../support/pool/words.ts";
import { type EpochResult, expectClosed, shadowOf } from "../../support/vault/agreement.ts";
import {
  cutOffIn,
  open,
  requestDeposit,
  requestRedeem,
  running,
  SIDES,
  settleExpiry,
  UNIT,
} from "../../support/vault/market.ts";

const PAGE = path.resolve(import.meta.dirname, "../../../docs/VAULT.md");

/** A number with so many decimals and commas, of WAD unless told otherwise. */
const told = (value: bigint, decimals: number, one = WAD): string =>
  (Number((value * 10n ** 8n) / one) / 1e8).toLocaleString("en", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });

/** The table of docs/VAULT.md: the mark, then both tranches. */
function tableOf({ mark, factor, base, quote }: EpochResult, released: bigint): string {
  const money = (wad: bigint) => told(wad, 2);
  const rows = [
    ["base held, B", told(mark.base, 6), ""],
    ["quote held, Q", "", money(mark.quote)],
    ["owed on options, V", "", money(mark.liability)],
    ["impact reserve, at most Phi", "", money(mark.reserve)],
    ["rent, not due and due", "", `${money(mark.rent)}, ${money(mark.rentBase + mark.rentQuote)}`],
    ["E = B S + Q - V - reserve - rent", "", money(mark.equity)],
    ["g = E / (b S + q)", told(factor, 8), told(factor, 8)],
    ["claim before, b and q", told(base.claimBefore, 6), money(quote.claimBefore)],
    ["rent", told(base.rent, 6), money(quote.rent)],
    ["NAV for who enters", told(base.navEntry, 8), told(quote.navEntry, 8)],
    ["NAV of who stays", told(base.navMid, 8), told(quote.navMid, 8)],
    ["NAV for who leaves", told(base.navExit, 8), told(quote.navExit, 8)],
    ["deposits", told(base.depositAssets, 6), told(quote.depositAssets, 2, UNIT)],
    ["shares for them", told(base.mintedShares, 6), told(quote.mintedShares, 2, UNIT)],
    ["shares that leave", told(base.redeemShares, 6), told(quote.redeemShares, 2, UNIT)],
    ["assets for them", told(base.paidAssets, 6), told(quote.paidAssets, 2, UNIT)],
    ["claim after", told(base.claimAfter, 6), money(quote.claimAfter)],
    ["idle of it", told(base.idle, 6), money(quote.idle)],
    ["released from the reserve, part of E", "", money(released)],
  ];
  return rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

describe("LiquidityVault: the worked example", () => {
  it("ends as docs/VAULT.md tells it", async () => {
    const market = await running();
    const { trader, other, providers } = market;
    await trade(market, trader, [leg(call(3000), 20)]);
    await trade(market, trader, [leg(put(2800), 10)]);
    await requestDeposit(market, "base", other, 5n * WAD);
    await requestRedeem(market, "base", providers.base, 20n * WAD);
    await requestRedeem(market, "quote", providers.quote, 40_000n * UNIT);
    await settleExpiry(market, expiryIn(2), 3060);
    const posted = await open(market, cutOffIn(2) + 30, { spot: 3060 });
    const { result, receipt } = await expectClosed(market, posted, await shadowOf(market, posted));
    const assigned = eventsOf(market.book, receipt).find(({ name }) => name === "Assigned")!;
    for (const side of SIDES) expect(result[side].redeemShares).to.be.greaterThan(0n);
    const table = tableOf(result, assigned.args.released);
    if (process.env.MENISCUS_TELL === "1") console.log(table);
    expect(readFileSync(PAGE, "utf8")).to.include(table);
  });
});
