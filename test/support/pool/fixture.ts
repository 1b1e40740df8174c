/** A market that trades: surface, genuine feeds, Clearinghouse, book, pool, and an owner's money behind them. */

import { BOOK_TERMS, POOL_PARAMETERS } from "@meniscus/sdk/pool/terms";
import { encodeReport } from "@meniscus/sdk/report";
import { seriesId } from "@meniscus/sdk/series";
import { HEDGER_PARAMETERS } from "@meniscus/sdk/vault/hedge";
import { AbiCoder, encodeBytes32String, type TransactionReceipt } from "ethers";
import { deployFeed, type Feed } from "../oracle/chainlink.ts";
import { deploy, deployOracles, type Oracles, USD, WAD } from "../oracle/fixture.ts";
import {
  type AnyContract,
  ethers,
  expiryIn,
  freshSurface,
  MARKET,
  networkHelpers,
  QUARANTINE,
  type ReportOptions,
  SPOT,
  START,
  sampleReport,
  signed,
  signerOf,
  surfaceLoads,
  TENORS,
} from "../surface.ts";

export type { AnyContract };
export { ethers, expiryIn, MARKET, networkHelpers, SPOT, START, signerOf, TENORS, USD, WAD };

export type Account = Awaited<ReturnType<typeof ethers.getSigners>>[number];

/** Defaults of docs/PARAMETERS.md, and the orders of IOptionPool.Refusal and IBook.Limit. */
export {
  BOOK_LIMITS as LIMITS_OF_BOOK,
  BOOK_TERMS as TERMS,
  POOL_PARAMETERS as PARAMETERS,
  POOL_REFUSALS as REFUSALS,
} from "@meniscus/sdk/pool/terms";

/** The expiry and the strikes at which most tests trade: 25 days ahead, around spot. */
export const EXPIRY = expiryIn(25);
export const STRIKES = [2400n, 2600n, 2800n, 3000n, 3200n, 3400n, 3600n, 3800n].map((k) => k * WAD);
/** The clock after set-up; the last report was posted shortly before. */
export const READY = START + QUARANTINE + 120;

export const options = (amount: number): bigint => (BigInt(Math.round(amount * 1e6)) * WAD) / 1_000_000n;
export const call = (strike: number, expiryAt = EXPIRY): bigint =>
  seriesId({ market: MARKET, expiryAt, strike: BigInt(strike) * WAD, isPut: false });
export const put = (strike: number, expiryAt = EXPIRY): bigint =>
  seriesId({ market: MARKET, expiryAt, strike: BigInt(strike) * WAD, isPut: true });
export const leg = (series: bigint, amount: number) => ({ series, amount: options(amount) });

export interface Market extends Oracles {
  clearinghouse: AnyContract;
  book: AnyContract;
  pool: AnyContract;
  vault: AnyContract;
  hedger: AnyContract;
  baseToken: AnyContract;
  quoteToken: AnyContract;
  baseFeed: Feed;
  quoteFeed: Feed;
  owner: Account;
  trader: Account;
  other: Account;
  /** Whoever speaks for the tranches until the vault comes. */
  baseTranche: Account;
  quoteTranche: Account;
  expiries: number[];
  /** 10^(18 - decimals): WAD in a unit of each asset. */
  scale: { base: bigint; quote: bigint };
}

/** How much of each asset stands behind the book: a million in all at the fixture's spot. */
export const FUNDS = { base: (500_000n * WAD) / 3000n, quote: 500_000n * 10n ** 6n };

/** What tests want otherwise of the tokens: the contract of the quote, which has 6 decimals, and the decimals of the base. */
export interface Tokens {
  quoteName?: string;
  baseDecimals?: number;
}

const as = (account: Account, contract: AnyContract) => contract.connect(account) as unknown as AnyContract;

export { as };

/** A contract as another one sees it, for what only that may do. */
export const speakingFor = async (account: AnyContract, contract: AnyContract): Promise<AnyContract> =>
  as(await signerOf(account), contract);

/** A contract and the libraries that it is linked with, each with a deployment of its own. */
export async function linked(name: string, needed: string[], parameters: unknown[]): Promise<AnyContract> {
  const libraries: Record<string, AnyContract> = {};
  for (const library of needed) libraries[library] = await deploy(library);
  const factory = await ethers.getContractFactory(name, { libraries });
  return (await factory.deploy(...parameters)) as unknown as AnyContract;
}

/** All of a market but what stands behind its book. */
export type MarketParts = Omit<Market, "vault">;

/** Deploys a market without money behind its book, which waits for its modules. */
export async function deployParts({
  quoteName = "TestToken",
  baseDecimals = 18,
}: Tokens = {}): Promise<MarketParts> {
  const surface = await freshSurface();
  const [owner, trader, other, baseTranche, quoteTranche] = (await ethers.getSigners()) as [
    Account,
    Account,
    Account,
    Account,
    Account,
  ];
  const [baseFeed, quoteFeed] = [await deployFeed(8, 3000n * USD), await deployFeed(8, USD)];
  const [baseToken, quoteToken] = [await deploy("TestToken", baseDecimals), await deploy(quoteName, 6)];
  const scale = { base: 10n ** BigInt(18 - baseDecimals), quote: 10n ** 12n };
  const clearinghouse = await linked("Clearinghouse", ["Listing"], [surface.control, quoteToken, 6]);
  const oracles = await deployOracles(surface, baseFeed.proxy, quoteFeed.proxy, clearinghouse);
  await clearinghouse.registerMarket!(MARKET, {
    base: baseToken.target,
    baseDecimals,
    minimumAmount: WAD / 100n,
    spotOracle: oracles.spot.target,
    settlementOracle: oracles.settlement.target,
    name: encodeBytes32String("ETH"),
  });
  const shared = [clearinghouse, surface.surface] as const;
  const book = await linked(
    "Book",
    ["Revaluation", "BookTermsBounds"],
    [surface.control, ...shared, MARKET, BOOK_TERMS],
  );
  const pool = await linked("OptionPool", ["Execution"], [surface.control, book, ...shared, POOL_PARAMETERS]);
  const hedger = await deploy("DeltaHedger", surface.control, book, ...shared, HEDGER_PARAMETERS);
  for (const account of [owner, trader, other]) {
    await baseToken.mint!(account, (100_000n * WAD) / scale.base);
    await quoteToken.mint!(account, 1_000_000_000n * 10n ** 6n);
    for (const token of [baseToken, quoteToken])
      for (const spender of [pool, clearinghouse])
        await as(account, token).approve!(spender, ethers.MaxUint256);
    await as(account, clearinghouse).setOperator!(pool, true);
  }
  return {
    ...oracles,
    clearinghouse,
    book,
    pool,
    hedger,
    baseToken,
    quoteToken,
    baseFeed,
    quoteFeed,
    owner,
    trader,
    other,
    baseTranche,
    quoteTranche,
    expiries: [],
    scale,
  };
}

/** Deploys everything and funds the vault; lists nothing, posts nothing. */
async function deployMarket(tokens: Tokens): Promise<Market> {
  const parts = await deployParts(tokens);
  const { owner, book, clearinghouse, pool, hedger, baseToken, quoteToken, scale } = parts;
  const vault = await deploy("OwnerVault", owner, book, clearinghouse);
  await book.initialize!({
    pool: pool.target,
    vault: vault.target,
    hedger: hedger.target,
    baseTranche: parts.baseTranche.address,
    quoteTranche: parts.quoteTranche.address,
  });
  for (const token of [baseToken, quoteToken]) await token.approve!(vault, ethers.MaxUint256);
  await vault.fund!(baseToken, FUNDS.base / scale.base);
  await vault.fund!(quoteToken, FUNDS.quote);
  return { ...parts, vault };
}

/** Posts a signed report five seconds after its time and returns it as the contracts take it. */
export async function post(market: Market, report: ReportOptions) {
  const encoded = encodeReport(sampleReport(report));
  const signatures = await signed(market, encoded);
  await networkHelpers.time.setNextBlockTimestamp(report.at + 5);
  await market.surface.post!(encoded, signatures);
  return encoded;
}

/** A report with its signatures as {IOptionPool.trade} carries it. */
export async function carried(market: Market, report: ReportOptions): Promise<string> {
  const encoded = encodeReport(sampleReport(report));
  const signatures = await signed(market, encoded);
  const fragment = market.surface.interface.getFunction("postIfNewer")!;
  return AbiCoder.defaultAbiCoder().encode(fragment.inputs, [encoded, signatures]);
}

export const refreshAll = async (market: Market) =>
  market.book.refresh!([...(await market.clearinghouse.expiries!(MARKET))]);

/** Lists `strikes` at `expiries`, proves the surface, marks and refreshes the book. */
export async function openMarket({
  strikes = STRIKES,
  tenors = [25, 88],
  vol = 0.6,
  ...tokens
}: { strikes?: bigint[]; tenors?: number[]; vol?: number } & Tokens = {}): Promise<Market> {
  const market = await deployMarket(tokens);
  await post(market, { at: START, vol });
  for (const tenor of tenors)
    for (const strike of strikes) await market.clearinghouse.list!(MARKET, expiryIn(tenor), strike, 0);
  await post(market, { at: START + QUARANTINE + 60, vol });
  const report = await post(market, { at: READY - 5, vol });
  await market.vault.mark!(report);
  await networkHelpers.mine();
  await refreshAll(market);
  return { ...market, expiries: tenors.map(expiryIn) };
}

let loaded: { market: Market; loads: number; restore: () => Promise<void> } | undefined;

/** {@link openMarket} with its defaults, made once and restored for every test: anew where another fixture has gone back before it. */
export async function ready(): Promise<Market> {
  if (loaded?.loads === surfaceLoads()) {
    await loaded.restore();
  } else {
    const market = await openMarket();
    const snapshot = await networkHelpers.takeSnapshot();
    loaded = { market, loads: surfaceLoads(), restore: () => snapshot.restore() };
  }
  // The node's clock has gone on since the snapshot.
  await networkHelpers.time.setNextBlockTimestamp((await networkHelpers.time.latest()) + 1);
  return loaded.market;
}

export const DEADLINE = 2n ** 40n;
export const NO_LIMIT = 2n ** 200n;
/** What a pool tells the book of a trade that moves nothing. */
export const STILL = {
  spot: WAD,
  baseSum: 0,
  quoteSum: 0,
  baseTaken: 0,
  quoteTaken: 0,
  impact: 0,
  exits: 0,
  outflow: 0,
  isOpening: false,
  expiries: [],
};

/** A trade by `account`, without limits. */
export async function trade(
  market: Market,
  account: Account,
  legs: { series: bigint; amount: bigint }[],
  report = "0x",
): Promise<TransactionReceipt> {
  const sent = await as(account, market.pool).trade!(legs, NO_LIMIT, DEADLINE, account, report);
  return (await sent.wait()) as TransactionReceipt;
}

export const quote = (market: Market, legs: { series: bigint; amount: bigint }[]) => market.pool.quote!(legs);
