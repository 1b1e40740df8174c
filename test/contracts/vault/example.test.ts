import { readFileSync } from "node:fs";
import path from "node:path";
import {
  attributionOf,
  type Beginning,
  startOf,
  type VaultContracts,
} from "@meniscus/cli/localMarket/attribution";
import { PARTS, PREMIUM_TITLE } from "@meniscus/cli/terminal/figures";
import { decodeReport, type EncodedReport } from "@meniscus/sdk/report";
import type { Attribution } from "@meniscus/sdk/vault/attribution";
import { expect } from "chai";
import type { EventLog, TransactionReceipt } from "ethers";
import { deploy } from "../../support/oracle/fixture.ts";
import {
  type Account,
  as,
  call,
  DEADLINE,
  EXPIRY,
  ethers,
  expiryIn,
  leg,
  MARKET,
  NO_LIMIT,
  networkHelpers,
  put,
  TERMS,
  trade,
  WAD,
} from "../../support/pool/fixture.ts";
import { renewFeeds, tradedOf } from "../../support/pool/situations.ts";
import { eventsOf } from "../../support/pool/words.ts";
import { type EpochResult, expectClosed, shadowOf } from "../../support/vault/agreement.ts";
import { ALL, absolute, fill, type HedgeMarket, waitForBound } from "../../support/vault/hedge.ts";
import {
  close,
  confirmSpot,
  cutOffIn,
  HOUR,
  open,
  QUOTE_UNIT,
  report,
  requestDeposit,
  requestRedeem,
  running,
  SIDE,
  SIDES,
  settleExpiry,
  UNIT,
  type VaultMarket,
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

/** The second table: each part, and what it sums to. */
function partsOf({ premium, total, ...parts }: Attribution): string {
  const rows = [
    ...PARTS.map(([part, title]) => [title, parts[part]] as const),
    ["total", total] as const,
    [PREMIUM_TITLE, premium] as const,
  ];
  return rows.map(([title, part]) => `| ${title} | ${told(part, 6)} |`).join("\n");
}

/** A trade at a time of its own: its price and rent are the page's to the unit, however long the machine takes. */
async function tradeAt(
  market: VaultMarket,
  at: number,
  by: Account,
  series: bigint,
  amount: number,
): Promise<void> {
  await networkHelpers.time.setNextBlockTimestamp(at);
  await trade(market, by, [leg(series, amount)]);
}

/** What the attribution is read from. */
const contractsOf = (market: VaultMarket, expiries: number[]): VaultContracts => ({
  ...market,
  market: MARKET,
  expiries,
  base: { contract: market.baseToken, decimals: 18 },
  quote: { decimals: 6 },
  volSurface: market.surface,
});

/** Ends the epoch; its parts, and the event's result. */
async function endAndAttribute(market: VaultMarket, start: Beginning, posted: EncodedReport) {
  const contracts = contractsOf(market, []);
  const receipt = await close(market, posted);
  const { result } = eventsOf(market.vault, receipt).find(({ name }) => name === "EpochClosed")!.args;
  const parts = await attributionOf(contracts, start, decodeReport(posted), receipt, result);
  return { parts: parts!, result: result as EpochResult };
}

describe("LiquidityVault: the worked example", () => {
  let market: VaultMarket;
  beforeEach(async () => {
    market = await running();
  });

  /** Prints the text where it is asked for; it must be on the page. */
  function expectTold(text: string): void {
    if (process.env.MENISCUS_TELL === "1") console.log(text);
    expect(readFileSync(PAGE, "utf8")).to.include(text);
  }

  /** The day of the page's first table. */
  async function firstDay() {
    const { trader, other, providers } = market;
    const morning = cutOffIn(1) + HOUR;
    await open(market, morning);
    await tradeAt(market, morning + 20, trader, call(3000), 20);
    await tradeAt(market, morning + 25, trader, put(2800), 10);
    await requestDeposit(market, "base", other, 5n * WAD);
    await requestRedeem(market, "base", providers.base, 20n * WAD);
    await requestRedeem(market, "quote", providers.quote, 40_000n * UNIT);
    await settleExpiry(market, expiryIn(2), 3060);
    const posted = await open(market, cutOffIn(2) + 30, { spot: 3060 });
    return { posted, ...(await expectClosed(market, posted, await shadowOf(market, posted))) };
  }

  it("ends as docs/VAULT.md tells it", async () => {
    const { result, receipt } = await firstDay();
    const assigned = eventsOf(market.book, receipt).find(({ name }) => name === "Assigned")!;
    for (const side of SIDES) expect(result[side].redeemShares).to.be.greaterThan(0n);
    expectTold(tableOf(result, assigned.args.released));
  });

  /** The day after: two trades, a hedge, and a mark at another spot and other vols. */
  async function nextDay() {
    const { trader, other, baseToken, quoteToken } = market;
    const { posted, receipt } = await firstDay();
    const contracts = contractsOf(market, [EXPIRY]);
    const start = await startOf(contracts, decodeReport(posted), receipt);
    const own = await deploy("TestFiller", market.hedger);
    await baseToken.mint!(own, 1000n * WAD);
    await quoteToken.mint!(own, 10n ** 13n);
    const morning = cutOffIn(2) + HOUR;
    await open(market, morning, { spot: 3060 });
    await tradeAt(market, morning + 20, other, call(3200), 25);
    await tradeAt(market, morning + 25, trader, put(2800), -4);
    const hedging = { ...market, own } as unknown as HedgeMarket;
    await waitForBound(hedging, 3060);
    const hedged = await fill(hedging, ALL);
    const last = await open(market, cutOffIn(3) + 30, { spot: 3020, vol: 0.62 });
    return { start, hedged, ...(await endAndAttribute(market, start, last)) };
  }

  it("attributes the day after as docs/VAULT.md tells it: to the unit, and next to nothing to the residual", async () => {
    const { start, hedged, result, parts } = await nextDay();
    const { equity, rentBase, rentQuote, spot } = result.mark;
    const held = (start.claimBase * spot) / WAD + start.claimQuote;
    expect(parts.total).to.equal(equity + rentBase + rentQuote - held);
    expect(parts.rent).to.equal(rentBase + rentQuote);
    expect(parts.hedging).to.equal(-hedged.cost);
    // Each part is far larger than the residual, so that a wrong sign of any would show in it.
    const { premium: _, total, residual, ...named } = parts;
    for (const [name, part] of Object.entries(named))
      expect(absolute(part), name).to.be.greaterThan(10_000n * absolute(residual));
    const table = partsOf(parts);
    const printed = [...table.matchAll(/ (-?[\d,]+\.\d{6}) \|$/gm)].map(([, text]) =>
      BigInt(text!.replace(/[.,]/g, "")),
    );
    const sum = printed.slice(0, PARTS.length).reduce((all, part) => all + part, 0n);
    expect(sum, "of the rows as they are printed").to.equal(printed[PARTS.length]);
    expectTold(table);
    expectTold(`buys ${told(hedged.base, 2)} ETH at ${told(hedged.price, 2)}`);
  });

  it("attributes nothing to an end without a mark, and to the next one all since the last mark", async () => {
    const { posted, receipt } = await firstDay();
    const start = await startOf(contractsOf(market, [EXPIRY]), decodeReport(posted), receipt);
    const morning = cutOffIn(2) + HOUR;
    await open(market, morning, { spot: 3060 });
    await tradeAt(market, morning + 20, market.other, call(3200), 25);
    // The oracle says 3060 still, and has had its time to confirm the report.
    const lie = await report(market, cutOffIn(3) + 30, { spot: 30_000 });
    await networkHelpers.time.increase(HOUR);
    const ended = await (await market.vault.closeEpoch!(lie)).wait();
    const { result } = eventsOf(market.vault, ended).find(({ name }) => name === "EpochClosed")!.args;
    expect(result.doubt).to.not.equal(0n);
    expect(await attributionOf(contractsOf(market, []), start, decodeReport(lie), ended, result)).to.equal(
      null,
    );

    await open(market, cutOffIn(3) + 2 * HOUR, { spot: 3060 });
    await tradeAt(market, cutOffIn(3) + 2 * HOUR + 20, market.other, call(3200), -5);
    const last = await open(market, cutOffIn(4) + 30, { spot: 3020, vol: 0.62 });
    const { parts, result: marked } = await endAndAttribute(market, start, last);
    const { equity, rentBase, rentQuote, spot } = marked.mark;
    const held = (start.claimBase * spot) / WAD + start.claimQuote;
    expect(parts.total).to.equal(equity + rentBase + rentQuote - held);
    expect(parts.impact).to.be.greaterThan(0n);
    expect(absolute(parts.delta)).to.be.greaterThan(100n * WAD);
    expect(absolute(parts.residual)).to.be.lessThan(WAD / 1000n);
  });

  describe("counts a sale at the floor at the last report's spot, though the floor's own is", () => {
    /** The residual of a time in which spot stays, of which nothing is delta; the day before began it, and `sell` sells at the floor. */
    async function residualOf(
      sell: () => Promise<{ receipt: TransactionReceipt; last?: EncodedReport }>,
      [least, most]: [number, number],
    ): Promise<bigint> {
      const { posted, receipt: first } = await firstDay();
      const start = await startOf(contractsOf(market, [EXPIRY]), decodeReport(posted), first);
      const { receipt, last } = await sell();
      const sold = tradedOf(market, receipt);
      expect(sold.isFloor).to.equal(true);
      expect(Number(sold.parts.spotLow) / 1e18).to.be.within(least, most);
      const report = last ?? (await open(market, cutOffIn(3) + 30, { spot: 3060 }));
      const { parts } = await endAndAttribute(market, start, report);
      expect(parts.delta).to.equal(0n);
      return absolute(parts.residual);
    }

    it("below it, by a margin", async () => {
      const residual = await residualOf(async () => {
        // The last report is too old to price by.
        await renewFeeds(market, cutOffIn(2) + 12 * HOUR, 3060n * 10n ** 8n);
        return { receipt: await trade(market, market.trader, [leg(call(3000), -2)]) };
      }, [0.96 * 3060, 0.98 * 3060]);
      expect(residual).to.be.lessThan(WAD / 1000n);
    });

    it("0, where no spot is alive but the signers'", async () => {
      const residual = await residualOf(async () => {
        await open(market, cutOffIn(2) + HOUR, { spot: 3060 });
        await trade(market, market.other, [leg(call(2400), 85)]);
        // Far from the floor, which is 0, and more than the allowance.
        await market.book.setTerms!({ ...TERMS, epochExitsBps: 200 });
        const last = await report(market, cutOffIn(2) + 95 * HOUR, { spot: 3060 });
        return { receipt: await trade(market, market.other, [leg(call(2400), -85)]), last };
      }, [0, 0]);
      expect(residual).to.be.lessThan(WAD / 1000n);
    });
  });

  it("gives an epoch what came before its end in the end's block, and the next one what came behind", async () => {
    const { posted, receipt } = await firstDay();
    const { trader, other } = market;
    const contracts = contractsOf(market, [EXPIRY]);
    const start = await startOf(contracts, decodeReport(posted), receipt);
    await open(market, cutOffIn(2) + HOUR, { spot: 3060 });
    await trade(market, other, [leg(call(3200), 25)]);
    await requestDeposit(market, "base", other, 5n * WAD);
    const noon = await open(market, cutOffIn(3) + 30, { spot: 3040 });
    await confirmSpot(market, noon);

    const gas = { gasLimit: 5_000_000 };
    const sell = (by: Account, series: bigint, amount: number) =>
      as(by, market.pool).trade!([leg(series, -amount)], NO_LIMIT, DEADLINE, by, "0x", gas);
    await ethers.provider.send("evm_setAutomine", [false]);
    const sent = [];
    try {
      sent.push(await sell(trader, call(3000), 3));
      sent.push(await market.vault.closeEpoch!(noon, gas));
      sent.push(await sell(other, call(3200), 9));
      await networkHelpers.mine();
    } finally {
      await ethers.provider.send("evm_setAutomine", [true]);
    }
    const receipts: TransactionReceipt[] = await Promise.all(sent.map((each) => each.wait()));
    const end = receipts[1]!;
    expect(receipts.map(({ index }) => index)).to.deep.equal([0, 1, 2]);
    expect(receipts.map(({ blockNumber }) => blockNumber)).to.deep.equal(Array(3).fill(end.blockNumber));
    const { result } = eventsOf(market.vault, end).find(({ name }) => name === "EpochClosed")!.args;
    const first = (await attributionOf(contracts, start, decodeReport(noon), end, result))!;
    expect(absolute(first.residual)).to.be.lessThan(WAD / 1000n);

    const next = await startOf(contracts, decodeReport(noon), end);
    expect(next.base).to.equal(start.base + 5n * WAD);
    const last = await open(market, cutOffIn(4) + 30, { spot: 3020, vol: 0.62 });
    const { parts: second } = await endAndAttribute(market, next, last);
    expect(absolute(second.residual)).to.be.lessThan(WAD / 1000n);
    // What was sold behind the end is in the second one's.
    expect(first.premium).to.be.greaterThan(0n);
    expect(second.premium).to.be.lessThan(-500n * WAD);
  });

  for (const side of SIDES)
    it(`counts what a provider of ${side} takes at the floor as no loss, and leaves what it gives up`, async () => {
      const { posted, receipt } = await firstDay();
      const { vault, book, providers } = market;
      const start = await startOf(contractsOf(market, [EXPIRY]), decodeReport(posted), receipt);
      await networkHelpers.time.increaseTo(cutOffIn(5) + HOUR);
      const [by, shares] = [providers[side], side === "base" ? 100n * WAD : 100_000n * UNIT];
      const exit = await as(by, vault).exitAtFloor!(SIDE[side], shares, 0, 0, by, by);
      const left: TransactionReceipt = await exit.wait();
      const lowered: bigint = eventsOf(book, left).find(({ name }) => name === "ClaimLowered")!.args.by;
      const exited = eventsOf(vault, left).find(({ name }) => name === "ExitedAtFloor")!.args;
      const assets: bigint = exited.assets;
      expect(exited.other).to.equal(0n);
      const last = await open(market, cutOffIn(6) + 30, { spot: 3020 });
      const { parts, result } = await endAndAttribute(market, start, last);

      const isBase = side === "base";
      const claims = {
        base: start.claimBase - (isBase ? lowered : 0n),
        quote: start.claimQuote - (isBase ? 0n : lowered),
      };
      const { equity, rentBase, rentQuote, spot } = result.mark;
      expect(parts.total).to.equal(
        equity + rentBase + rentQuote - ((claims.base * spot) / WAD + claims.quote),
      );
      const gaveUp = isBase ? (lowered - assets) * 3060n : lowered - assets * QUOTE_UNIT;
      expect(gaveUp).to.be.greaterThan(WAD / 10n);
      expect(absolute(parts.residual - gaveUp)).to.be.lessThan(WAD / 1000n);
    });

  it("leaves next to nothing of a day on which vols move between trades, and an expiry settles in the money", async () => {
    const { trader, other } = market;
    const near = expiryIn(2);
    const morning = cutOffIn(1) + HOUR;
    const [closed] = await market.vault.queryFilter("EpochClosed");
    const posts = await market.surface.queryFilter("ReportPosted", 0, closed!.blockNumber);
    const first = decodeReport((posts.at(-1) as EventLog).args as unknown as EncodedReport);
    const contracts = contractsOf(market, [near, EXPIRY]);
    const start = await startOf(contracts, first, await closed!.getTransactionReceipt());
    await open(market, morning, { spot: 3010, vol: 0.61 });
    await tradeAt(market, morning + 20, trader, call(2800, near), 10);
    await tradeAt(market, morning + 25, other, put(3200, near), 6);
    await open(market, morning + 2 * HOUR, { spot: 2990, vol: 0.63 });
    await tradeAt(market, morning + 2 * HOUR + 20, other, call(3200), 12);
    await settleExpiry(market, near, 3050);
    const last = await open(market, cutOffIn(2) + 30, { spot: 3060, vol: 0.6 });
    const { parts } = await endAndAttribute(market, start, last);
    const { premium: _, total: __, residual, ...named } = parts;
    const gross = Object.values(named).reduce((all, part) => all + absolute(part), 0n);
    expect(gross).to.be.greaterThan(500n * WAD);
    expect(absolute(residual)).to.be.lessThan(gross / 1_000_000n);
  });
});
