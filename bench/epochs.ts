/**
 * Gas of an epoch's end: the transaction less its mark, with deposits and withdrawals in both tranches, and the mark for itself. Keys
 * as `npm run bench -- gas --json` prints them under `vault`.
 */
import { call, ethers, expiryIn, leg, STRIKES, trade, WAD } from "../test/support/pool/fixture.ts";
import {
  close,
  cutOffIn,
  open,
  openVault,
  requestDeposit,
  requestRedeem,
  SIDES,
  type VaultMarket,
} from "../test/support/vault/market.ts";

export interface EpochGas {
  /** Without the mark: two expiries, deposits and withdrawals waiting in both tranches. */
  close: number;
  /** The mark as an inner call: for each strike with a position, each live expiry, and the rest. */
  markPerStrike: number;
  markPerExpiry: number;
  markCall: number;
}

/** The mark of the book at a report, as a contract pays for it. */
async function markGas(market: VaultMarket, posted: unknown): Promise<number> {
  const meter = await ethers.deployContract("MarkMeter");
  return Number(await meter.getFunction("mark")(market.book, posted));
}

/** Buys a little of the first strikes of each live expiry, and marks at the next cut-off. */
async function markedAt(market: VaultMarket, tenors: readonly number[], strikes: number): Promise<number> {
  for (const tenor of tenors)
    for (const strike of STRIKES.slice(0, strikes))
      await trade(market, market.trader, [leg(call(Number(strike / WAD), expiryIn(tenor)), 0.01)]);
  return markGas(market, await open(market, cutOffIn(2) + 30));
}

/** Measures everything. */
export async function measureEpochs(): Promise<EpochGas> {
  const one = await markedAt(await openVault({ tenors: [25] }), [25], 8);
  const few = await markedAt(await openVault({ tenors: [25] }), [25], 1);
  const two = await markedAt(await openVault({ tenors: [25, 88] }), [25, 88], 8);
  const markPerStrike = Math.round((one - few) / 7);
  const markPerExpiry = two - one - 8 * markPerStrike;

  const market = await openVault({ tenors: [25, 88] });
  for (const series of [call(3000), call(3200, expiryIn(88))])
    await trade(market, market.trader, [leg(series, 1)]);
  for (const side of SIDES) {
    const by = market.providers[side];
    await requestDeposit(market, side, by, side === "base" ? WAD : 3_000_000_000n);
    const shares: bigint = await market.tranches[side].balanceOf!(by);
    await requestRedeem(market, side, by, shares / 10n);
  }
  const posted = await open(market, cutOffIn(2) + 30);
  const mark = await markGas(market, posted);
  const { gasUsed } = await close(market, posted);
  return {
    close: Number(gasUsed) - mark,
    markPerStrike,
    markPerExpiry,
    markCall: one - markPerExpiry - 8 * markPerStrike,
  };
}
