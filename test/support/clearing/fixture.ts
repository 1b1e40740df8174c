/** A Clearinghouse with one market, a one-price oracle, roles and rich accounts. */
import { RESTRICTED, ROLES } from "@meniscus/sdk/roles";
import { seriesId } from "@meniscus/sdk/series";
import type { BaseContract, ContractMethod, HDNodeWallet } from "ethers";
import { encodeBytes32String, Interface } from "ethers";
import { network } from "hardhat";

export const connection = await network.create();
export const { ethers, networkHelpers } = connection;

/** Methods that the tests call by name; ethers does not type contracts by ABI here. */
type MethodName =
  | "SERIES"
  | "addressOf"
  | "allowance"
  | "answer"
  | "approve"
  | "authorize"
  | "authorizeBySignature"
  | "balanceOf"
  | "behave"
  | "burn"
  | "callBack"
  | "choosePlainSums"
  | "collateral"
  | "coverage"
  | "dateOf"
  | "decimals"
  | "deploy"
  | "deposit"
  | "entered"
  | "exchange"
  | "execute"
  | "expiries"
  | "fix"
  | "getTargetFunctionRole"
  | "grantRole"
  | "held"
  | "kindOf"
  | "list"
  | "listReserved"
  | "marketOf"
  | "mint"
  | "name"
  | "nonces"
  | "orders"
  | "packedCollaterals"
  | "pause"
  | "pausedUntil"
  | "permit"
  | "position"
  | "positions"
  | "quoteAsset"
  | "realize"
  | "rebase"
  | "redeem"
  | "registerMarket"
  | "requireExpiry"
  | "requireInBand"
  | "requireOnGrid"
  | "revokeRole"
  | "schedule"
  | "scopes"
  | "setBlocked"
  | "setDecimals"
  | "setOperator"
  | "setPrice"
  | "setTargetFunctionRole"
  | "settle"
  | "settlementPrice"
  | "stepAt"
  | "strikes"
  | "symbol"
  | "symbolOf"
  | "target"
  | "totalSupply"
  | "transfer"
  | "transferFrom"
  | "unpause"
  | "unwrap"
  | "withdraw"
  | "wrap";

/** Any contract of this project, as the tests call it. */
export type AnyContract = BaseContract & Record<MethodName, ContractMethod>;
export type Account = Awaited<ReturnType<typeof ethers.getSigners>>[number];
export type Signer = Account | HDNodeWallet;

export const WAD = 10n ** 18n;
export const DAY = 86_400;
export const MARKET = 1;
export const SPOT = 3000n * WAD;
/** Monday 4 January 2027, 10:30 UTC: the tests' clock starts here. */
export const START = 1_799_058_600;
/** Friday 15 January 2027, 08:00 UTC: a weekly expiry. */
export const EXPIRY = 1_800_000_000;
/** Friday 22 January 2027. */
export const NEXT_EXPIRY = EXPIRY + 7 * DAY;
export const STRIKES = [2500n, 3000n, 3500n].map((strike) => strike * WAD);
export const MINIMUM = WAD / 100n;
export const SCOPE = { trade: 1, withdraw: 2, realize: 4, redeem: 8 } as const;
export const call = (strike: bigint, expiryAt = EXPIRY) =>
  seriesId({ market: MARKET, expiryAt, strike: strike * WAD, isPut: false });
export const put = (strike: bigint, expiryAt = EXPIRY) =>
  seriesId({ market: MARKET, expiryAt, strike: strike * WAD, isPut: true });
/** Options in WAD. */
export const options = (amount: number) => (BigInt(Math.round(amount * 1e6)) * WAD) / 1_000_000n;

export interface Clearing {
  clearinghouse: AnyContract;
  factory: AnyContract;
  manager: AnyContract;
  oracle: AnyContract;
  base: AnyContract;
  quote: AnyContract;
  owner: Account;
  governor: Account;
  council: Account;
  guardian: Account;
  writer: Account;
  holder: Account;
  stranger: Account;
}

/** What a deployment may vary: the tokens' decimals, and hostile tokens in place of plain ones. */
export interface Tokens {
  base: string;
  baseDecimals: number;
  quote: string;
  quoteDecimals: number;
}

const PLAIN: Tokens = { base: "TestToken", baseDecimals: 18, quote: "TestToken", quoteDecimals: 6 };

export async function deploy(name: string, ...parameters: unknown[]): Promise<AnyContract> {
  return (await ethers.deployContract(name, parameters)) as unknown as AnyContract;
}

/** The Clearinghouse with the errors of its library, which speaks through it. */
async function deployClearinghouse(manager: AnyContract, quote: AnyContract, decimals: number) {
  const listing = await deploy("Listing");
  const rules = await ethers.getContractFactory("ListingRules");
  const factory = await ethers.getContractFactory("Clearinghouse", { libraries: { Listing: listing } });
  const deployed = await factory.deploy(manager, quote, decimals);
  const errors = [...listing.interface.fragments, ...rules.interface.fragments].filter(
    ({ type }) => type === "error",
  );
  const own = factory.interface.fragments;
  const known = new Set(own.filter(({ type }) => type === "error").map((fragment) => fragment.format()));
  const unique = [...own, ...errors.filter((fragment) => !known.has(fragment.format()))];
  return new ethers.Contract(
    deployed.target,
    new Interface(unique),
    deployed.runner,
  ) as unknown as AnyContract;
}

/** Deploys, opens the market and makes accounts rich; lists nothing. */
async function deployClearing(tokens: Tokens = PLAIN): Promise<Clearing> {
  const [owner, governor, council, guardian, writer, holder, stranger] = (await ethers.getSigners()) as [
    Account,
    Account,
    Account,
    Account,
    Account,
    Account,
    Account,
  ];
  await networkHelpers.time.setNextBlockTimestamp(START - 3600);
  const manager = await deploy("Control", owner);
  const base = await deploy(tokens.base, tokens.baseDecimals);
  const quote = await deploy(tokens.quote, tokens.quoteDecimals);
  const oracle = await deploy("OnePriceOracle", SPOT);
  const clearinghouse = await deployClearinghouse(manager, quote, tokens.quoteDecimals);
  const factory = await deploy("OptionERC20Factory", clearinghouse);
  const holders = { governor, council, guardian };
  for (const [role, account] of Object.entries(holders) as [keyof typeof holders, Account][]) {
    const functions = RESTRICTED.Clearinghouse![role]!;
    const selectors = functions.map((name) => clearinghouse.interface.getFunction(name)!.selector);
    await manager.setTargetFunctionRole(clearinghouse, selectors, ROLES[role]);
    await manager.grantRole(ROLES[role], account, 0);
  }
  await as(governor, clearinghouse).registerMarket(MARKET, termsOf(base, tokens.baseDecimals, oracle));
  for (const account of [writer, holder, stranger]) {
    for (const [token, decimals] of [
      [base, tokens.baseDecimals],
      [quote, tokens.quoteDecimals],
    ] as const) {
      await token.mint(account, 1_000_000n * 10n ** BigInt(decimals));
      await (token.connect(account) as AnyContract).approve(clearinghouse, ethers.MaxUint256);
    }
  }
  await networkHelpers.time.increaseTo(START);
  return {
    clearinghouse,
    factory,
    manager,
    oracle,
    base,
    quote,
    owner,
    governor,
    council,
    guardian,
    writer,
    holder,
    stranger,
  };
}

export function termsOf(base: AnyContract, baseDecimals: number, oracle: AnyContract) {
  return {
    base: base.target,
    baseDecimals,
    minimumAmount: MINIMUM,
    spotOracle: oracle.target,
    settlementOracle: oracle.target,
    name: encodeBytes32String("ETH"),
  };
}

/** As a signer sees a contract. */
export function as(account: Signer, contract: AnyContract): AnyContract {
  return contract.connect(account) as unknown as AnyContract;
}

/** {@link deployClearing} with three strikes listed and collateral of writer and holder deposited. */
export async function readyWith(tokens: Tokens, strikes = STRIKES): Promise<Clearing> {
  const clearing = await deployClearing(tokens);
  const { clearinghouse, base, quote, writer, holder } = clearing;
  for (const strike of strikes) await clearinghouse.list(MARKET, EXPIRY, strike, 0);
  for (const account of [writer, holder]) {
    await as(account, clearinghouse).deposit(base, 1000n * 10n ** BigInt(tokens.baseDecimals), account);
    await as(account, clearinghouse).deposit(quote, 500_000n * 10n ** BigInt(tokens.quoteDecimals), account);
  }
  return clearing;
}

/** {@link readyWith} plain tokens: base of 18 decimals, quote of 6. */
export const ready = (strikes = STRIKES) => readyWith(PLAIN, strikes);

/** {@link deployClearing} with plain tokens. */
export const bare = () => deployClearing();

const genesis = await networkHelpers.takeSnapshot();
let loaded:
  | { fixture: () => Promise<Clearing>; clearing: Clearing; restore: () => Promise<void> }
  | undefined;

/**
 * The state that a fixture makes, made once and restored for as long as no other is asked for. Every fixture starts at genesis,
 * because time on a chain does not run back.
 */
export async function load(fixture: () => Promise<Clearing> = ready): Promise<Clearing> {
  if (loaded?.fixture === fixture) {
    await loaded.restore();
    return loaded.clearing;
  }
  await genesis.restore();
  const clearing = await fixture();
  const snapshot = await networkHelpers.takeSnapshot();
  loaded = { fixture, clearing, restore: () => snapshot.restore() };
  return clearing;
}

/** Passes expiry and settles at a price. */
export async function settleAt(clearing: Clearing, price: bigint, expiryAt = EXPIRY): Promise<void> {
  if ((await networkHelpers.time.latest()) < expiryAt) await networkHelpers.time.increaseTo(expiryAt);
  await clearing.oracle.setPrice(price);
  await clearing.oracle.settle(clearing.clearinghouse, MARKET, expiryAt);
}
