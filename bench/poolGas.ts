/**
 * Gas of the pool: whole transactions over genuine feeds and plain OpenZeppelin ERC-20s, eight live strikes in the expiry, no refresh but
 * where it is what is measured. Keys as `npm run bench -- gas --json` prints them under `pool`.
 */
import {
  call,
  carried,
  EXPIRY,
  ethers,
  leg,
  type Market,
  networkHelpers,
  openMarket,
  put,
  ready,
  refreshAll,
  STRIKES,
  TENORS,
  trade,
  WAD,
} from "../test/support/pool/fixture.ts";

export interface PoolGas {
  /** One call that the book has already written; the taker holds none of it before. */
  buyFirst: number;
  buyRepeat: number;
  /** The same, with one strike in the expiry and with 32. */
  buyOneStrike: number;
  buyThirtyTwoStrikes: number;
  sellBack: number;
  /** Two calls and two puts of one expiry, by who holds them. */
  fourLegs: number;
  /** As an inner call: without the transaction's own cost. */
  quote: number;
  /** What a fresh report of twelve slices in the trade adds. */
  withReport: number;
  /** A refresh of the whole book: for each further strike with a position, for each further expiry, and the rest. */
  refreshPerStrike: number;
  refreshPerExpiry: number;
  refreshCall: number;
}

const LEGS = [leg(call(3200), 1), leg(call(3400), 1), leg(put(2800), 1), leg(put(2600), 1)];

const buy = async (market: Market): Promise<number> =>
  Number((await trade(market, market.trader, [leg(call(3000), 1)])).gasUsed);

/** A repeat buy where so many strikes of the expiry are listed and written. */
async function buyAmong(strikes: number): Promise<number> {
  const steps = strikes === 1 ? [3000n] : Array.from({ length: strikes }, (_, i) => 2500n + 50n * BigInt(i));
  const market = await openMarket({
    strikes: steps.slice(0, 24).map((strike) => strike * WAD),
    tenors: [25],
  });
  for (const strike of steps.slice(24)) await market.clearinghouse.listReserved!(1, EXPIRY, strike * WAD, 0);
  for (const strike of steps) await trade(market, market.other, [leg(call(Number(strike)), 0.01)]);
  await buy(market);
  return buy(market);
}

/** A refresh of the whole book with so many written strikes at each of its expiries. */
async function refreshGas(tenors: number[], strikes: number): Promise<number> {
  const market = await openMarket({ tenors });
  for (const expiryAt of market.expiries)
    for (const strike of STRIKES.slice(0, strikes))
      await trade(market, market.other, [leg(call(Number(strike / WAD), expiryAt), 0.01)]);
  await networkHelpers.mine();
  await refreshAll(market);
  await networkHelpers.mine();
  return Number((await (await refreshAll(market)).wait()).gasUsed);
}

/** Measures everything. */
export async function measurePoolGas(): Promise<PoolGas> {
  const [buyOneStrike, buyThirtyTwoStrikes] = [await buyAmong(1), await buyAmong(32)];
  const [one, two, four] = [
    await refreshGas([25], 8),
    await refreshGas([25, 88], 8),
    await refreshGas([25], 4),
  ];
  const refreshPerStrike = (one - four) / 4;

  const market = await ready();
  for (const strike of STRIKES)
    for (const series of [call(Number(strike / WAD)), put(Number(strike / WAD))])
      await trade(market, market.other, [leg(series, 0.01)]);
  const buyFirst = await buy(market);
  const buyRepeat = await buy(market);
  await trade(market, market.trader, LEGS);
  const fourLegs = Number((await trade(market, market.trader, LEGS)).gasUsed);
  const sellBack = Number((await trade(market, market.trader, [leg(call(3000), -0.5)])).gasUsed);
  const meter = await ethers.deployContract("PoolMeter");
  const quote = Number(await meter.getFunction("quote")(market.pool, [leg(call(3000), 1)]));

  const now = await networkHelpers.time.latest();
  const report = await carried(market, { at: now + 5, tenors: TENORS });
  await networkHelpers.time.setNextBlockTimestamp(now + 10);
  const withReport = Number((await trade(market, market.trader, [leg(call(3000), 1)], report)).gasUsed);
  return {
    buyFirst,
    buyRepeat,
    buyOneStrike,
    buyThirtyTwoStrikes,
    sellBack,
    fourLegs,
    quote,
    withReport: withReport - buyRepeat,
    refreshPerStrike,
    refreshPerExpiry: two - one - 8 * refreshPerStrike,
    refreshCall: one - (two - one),
  };
}
