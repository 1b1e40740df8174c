/** A market with genuine vault, book, pool and Clearinghouse: two providers, epochs, expiries. */
import { ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import { SIDES, type Side } from "@meniscus/sdk/sides";
import { VAULT_TERMS } from "@meniscus/sdk/vault/terms";
import type { TransactionReceipt } from "ethers";
import { deploy } from "../oracle/fixture.ts";
import { roundId } from "../oracle/settlement.ts";
import {
  type Account,
  type AnyContract,
  as,
  deployParts,
  ethers,
  expiryIn,
  MARKET,
  type Market,
  type MarketParts,
  networkHelpers,
  post,
  READY,
  STRIKES,
  TENORS,
  type Tokens,
  USD,
  WAD,
} from "../pool/fixture.ts";
import { renewFeeds } from "../pool/situations.ts";
import { readBook } from "../pool/words.ts";
import { DAY, QUARANTINE, START, surfaceLoads } from "../surface.ts";

export const HOUR = 3600;
export { SIDES, type Side };
/** IBook.Side. */
export const SIDE = { base: 0, quote: 1 } as const;
export const UNIT = 10n ** 6n;
/** WAD in a unit of the quote asset. */
export const QUOTE_UNIT = 10n ** 12n;

/** ITranche.Terms: no cap that a test meets, minima of next to nothing. */
function trancheTermsOf({ scale }: MarketParts) {
  const [thousandth, cap] = [WAD / 1000n / scale.base, (10n ** 8n * WAD) / scale.base];
  return {
    base: { cap, minimumAssets: thousandth, minimumShares: thousandth },
    quote: { cap: 10n ** 16n, minimumAssets: UNIT, minimumShares: UNIT },
  };
}

/** What the governor seeds, and what both providers bring. Four epochs long the limits of openings are those of the seed alone. */
export const SEED = { base: 160n * WAD, quote: 480_000n * UNIT };
export const BROUGHT = { base: 160n * WAD, quote: 480_000n * UNIT };

export interface VaultMarket extends Market {
  tranches: Record<Side, AnyContract>;
  tokens: Record<Side, AnyContract>;
  /** Who provides base, and who provides quote. */
  providers: Record<Side, Account>;
}

/** 09:00 UTC, so many days after the day on which the clock starts. */
export const cutOffIn = (days: number): number => Math.floor(START / DAY) * DAY + days * DAY + 9 * HOUR;

/** Tenors that a report at a time can have. */
export const tenorsAt = (at: number): number[] => TENORS.filter((days) => expiryIn(days) > at + 1800);

/** A report of every live expiry, which it posts. */
export async function report(
  market: Market,
  at: number,
  { spot = 3000, vol = 0.6 }: { spot?: number; vol?: number } = {},
) {
  return post(market, { at, vol, spot: wad(spot), tenors: tenorsAt(at) });
}

export const wad = (value: number): bigint => BigInt(Math.round(value * 1e6)) * 10n ** 12n;

/** The feeds at a price and a report with it, then a refresh of the whole book: openings may be. */
export async function open(market: Market, at: number, { spot = 3000, vol = 0.6 } = {}) {
  await renewFeeds(market, at - 60, BigInt(Math.round(spot * 1e8)));
  const posted = await report(market, at, { spot, vol });
  await market.book.refresh!([...(await market.clearinghouse.expiries!(MARKET))]);
  return posted;
}

/** As keepers do before an epoch's end: where the oracle cannot confirm a report's spot, the feeds say it anew. */
export async function confirmSpot(market: Market, { spot }: { spot: bigint }): Promise<void> {
  const { opening } = await market.spot.read!(MARKET);
  if (opening.reason === 0n) return;
  await renewFeeds(market, (await networkHelpers.time.latest()) + 1, spot / 10n ** 10n);
}

/** Ends the running epoch, its report's spot confirmed. */
export async function close(
  market: Market,
  posted: { spot: bigint },
  by?: Account,
): Promise<TransactionReceipt> {
  await confirmSpot(market, posted);
  const vault = by === undefined ? market.vault : as(by, market.vault);
  return (await (await vault.closeEpoch!(posted)).wait()) as TransactionReceipt;
}

/** The feeds stay at one price to an expiry and beyond, and nobody walks them yet; the rounds from which anybody can. */
export async function passExpiry(market: Market, expiryAt: number, price: number): Promise<bigint[]> {
  const { baseFeed, quoteFeed } = market;
  const answer = BigInt(Math.round(price * 1e8));
  await baseFeed.transmit(answer, expiryAt - HOUR);
  await quoteFeed.transmit(USD, expiryAt - HOUR + 1);
  const rounds = await Promise.all(
    [baseFeed, quoteFeed].map(async ({ proxy }) => {
      const [last] = await proxy.latestRoundData!();
      return roundId(1, Number(BigInt.asUintN(64, last)));
    }),
  );
  await baseFeed.transmit(answer, expiryAt + ROUND_LAG_SECONDS);
  await quoteFeed.transmit(USD, expiryAt + ROUND_LAG_SECONDS + 1);
  return rounds;
}

/** {@link passExpiry}; where it is listed, anybody walks the feeds, which settles it. */
export async function settleExpiry(market: Market, expiryAt: number, price: number): Promise<void> {
  const rounds = await passExpiry(market, expiryAt, price);
  const live: bigint[] = [...(await market.clearinghouse.expiries!(MARKET))];
  if (live.includes(BigInt(expiryAt))) await market.settlement.walk!(MARKET, expiryAt, ...rounds, 10);
}

/** Asks a tranche to take, or to give back. */
export const requestDeposit = (market: VaultMarket, side: Side, by: Account, assets: bigint) =>
  as(by, market.tranches[side]).requestDeposit!(assets, by, by);
export const requestRedeem = (market: VaultMarket, side: Side, by: Account, shares: bigint) =>
  as(by, market.tranches[side]).requestRedeem!(shares, by, by);

/** Claims all that a controller can claim; returns what came: shares or assets. */
export async function claimShares(market: VaultMarket, side: Side, by: Account): Promise<bigint> {
  const tranche = as(by, market.tranches[side]);
  const before: bigint = await tranche.balanceOf!(by);
  const claimable: bigint = await tranche.maxDeposit!(by);
  if (claimable > 0n) await tranche["deposit(uint256,address,address)"]!(claimable, by, by);
  return (await tranche.balanceOf!(by)) - before;
}
export async function claimAssets(market: VaultMarket, side: Side, by: Account): Promise<bigint> {
  const tranche = as(by, market.tranches[side]);
  const token = market.tokens[side];
  const before: bigint = await token.balanceOf!(by);
  const claimable: bigint = await tranche.maxRedeem!(by);
  if (claimable > 0n) await tranche.redeem!(claimable, by, by);
  return (await token.balanceOf!(by)) - before;
}

/** b, q, the sums and the rest of the book, and the supplies. */
export async function stateOf(market: VaultMarket) {
  const book = await readBook(market, []);
  const supply = {
    base: (await market.tranches.base.totalSupply!()) as bigint,
    quote: (await market.tranches.quote.totalSupply!()) as bigint,
  };
  return { ...book, supply, claims: { base: book.claimBase, quote: book.claimQuote } };
}

/** Everything deployed, listed and proven, before the seed; `modules` are those that the book is told instead of the genuine ones. */
export async function deployVault({
  tenors = [1, 2, 25, 88],
  modules = {},
  ...names
}: { tenors?: number[]; modules?: object } & Tokens = {}): Promise<VaultMarket> {
  const parts = await deployParts(names);
  const { baseToken, quoteToken, book, clearinghouse, surface, control, trader, other } = parts;
  const tokens = { base: baseToken, quote: quoteToken };
  const terms = trancheTermsOf(parts);
  const tranches = {
    base: await deploy("Tranche", control, book, baseToken, SIDE.base, "Base", "mB", terms.base),
    quote: await deploy("Tranche", control, book, quoteToken, SIDE.quote, "Quote", "mQ", terms.quote),
  };
  const vault = await deploy(
    "LiquidityVault",
    control,
    book,
    clearinghouse,
    surface,
    tranches.base,
    tranches.quote,
    VAULT_TERMS,
  );
  await book.initialize!({
    pool: parts.pool.target,
    vault: vault.target,
    hedger: parts.hedger.target,
    baseTranche: tranches.base.target,
    quoteTranche: tranches.quote.target,
    ...modules,
  });
  const providers = { base: trader, quote: other };
  for (const account of [parts.owner, trader, other])
    for (const side of SIDES)
      for (const spender of [vault, tranches[side]])
        await as(account, tokens[side]).approve!(spender, ethers.MaxUint256);
  const market = { ...parts, vault, tranches, tokens, providers };
  await report(market, START);
  // Within the band of the nearest expiries.
  for (const tenor of tenors)
    for (const strike of STRIKES)
      if (tenor > 4 || strike <= 3600n * WAD) await clearinghouse.list!(MARKET, expiryIn(tenor), strike, 0);
  await report(market, START + QUARANTINE + 60);
  return { ...market, expiries: tenors.map(expiryIn) };
}

/** {@link deployVault}, seeded, with both providers' assets in after the first epoch's end, a day after the start. */
export async function openVault({
  seed = SEED,
  brought = BROUGHT,
  ...deployed
}: Parameters<typeof deployVault>[0] &
  Partial<Record<"seed" | "brought", Record<Side, bigint>>> = {}): Promise<VaultMarket> {
  const market = await deployVault(deployed);
  await report(market, READY);
  await market.vault.seed!(seed.base, seed.quote);
  for (const side of SIDES)
    if (brought[side] > 0n) await requestDeposit(market, side, market.providers[side], brought[side]);
  await close(market, await open(market, cutOffIn(1) + 60));
  for (const side of SIDES) await claimShares(market, side, market.providers[side]);
  await market.book.refresh!([...(await market.clearinghouse.expiries!(MARKET))]);
  return market;
}

let loaded: { market: VaultMarket; loads: number; restore: () => Promise<void> } | undefined;

/** {@link openVault} with its defaults, made once and restored for every test: anew where another fixture has gone back before it. */
export async function running(): Promise<VaultMarket> {
  if (loaded?.loads === surfaceLoads()) {
    await loaded.restore();
  } else {
    const market = await openVault();
    const snapshot = await networkHelpers.takeSnapshot();
    loaded = { market, loads: surfaceLoads(), restore: () => snapshot.restore() };
  }
  // The node's clock has gone on since the snapshot.
  await networkHelpers.time.setNextBlockTimestamp((await networkHelpers.time.latest()) + 1);
  return loaded.market;
}
