/** A tranche between users and a stage that stands for vault and book's claims; time, roles and money in place. */
import { RESTRICTED, ROLES } from "@meniscus/sdk/roles";
import { trancheTerms } from "@meniscus/sdk/vault/terms";
import type { BaseContract, ContractMethod } from "ethers";
import { network } from "hardhat";

export const connection = await network.create();
export const { ethers, networkHelpers } = connection;

export type AnyContract = BaseContract & Record<string, ContractMethod>;
export type Account = Awaited<ReturnType<typeof ethers.getSigners>>[number];

export const WAD = 10n ** 18n;
export const DAY = 86_400;
/** Monday 4 January 2027, 10:30 UTC; the next cut-off is at 09:00 UTC of the day after. */
export const START = 1_799_058_600;
export const CUT_OFF = START + DAY - 5400;
/** The seed's shares, which belong to nobody. */
export const SEED = 1000n;
export const SIDE = { base: 0, quote: 1 } as const;
/** ERC-7540's claims of shares, with a controller: overloads of ERC-4626's. */
export const DEPOSIT = "deposit(uint256,address,address)";
export const MINT = "mint(uint256,address,address)";

/** For transactions of many steps: what one may use, so that nothing is spent on an estimate. */
export const MOST_GAS = { gasLimit: 2n ** 24n };

/** What an epoch's end does, by default nothing but to open the next. */
export interface Fill {
  depositAssets: bigint;
  mintedShares: bigint;
  redeemShares: bigint;
  paidAssets: bigint;
  nextCutOffAt: number;
  depositsOpen: boolean;
}

export interface Stage {
  tranche: AnyContract;
  stage: AnyContract;
  token: AnyContract;
  control: AnyContract;
  unit: bigint;
  owner: Account;
  governor: Account;
  council: Account;
  guardian: Account;
  alice: Account;
  bob: Account;
  carol: Account;
  users: Account[];
}

export interface StageOptions {
  token: string;
  decimals: number;
  side: keyof typeof SIDE;
  terms: { cap: bigint; minimumAssets: bigint; minimumShares: bigint } | undefined;
}

export const as = (account: Account, contract: AnyContract) =>
  contract.connect(account) as unknown as AnyContract;

export async function deploy(name: string, ...parameters: unknown[]): Promise<AnyContract> {
  return (await ethers.deployContract(name, parameters)) as unknown as AnyContract;
}

export const fillOf = (fill: Partial<Fill> = {}): Fill => ({
  depositAssets: 0n,
  mintedShares: 0n,
  redeemShares: 0n,
  paidAssets: 0n,
  nextCutOffAt: CUT_OFF + 30 * DAY,
  depositsOpen: true,
  ...fill,
});

/** Deploys, maps roles, makes eight users rich, and seeds: a claim of 1,000 tokens and as many shares of nobody's. */
export async function deployStage(options: Partial<StageOptions> = {}): Promise<Stage> {
  const { token: name = "TestToken", decimals = 18, side = "base" } = options;
  const signers = await ethers.getSigners();
  const [owner, governor, council, guardian, ...users] = signers.slice(0, 12) as [
    Account,
    Account,
    Account,
    Account,
    ...Account[],
  ];
  const [alice, bob, carol] = users as [Account, Account, Account];
  const control = await deploy("Control", owner);
  const token = await deploy(name, decimals);
  const stage = await deploy("TrancheStage");
  const unit = 10n ** BigInt(decimals);
  const terms = options.terms ?? trancheTerms(side, decimals);
  const tranche = await deploy(
    "Tranche",
    control,
    stage,
    token,
    SIDE[side],
    "Meniscus ETH base",
    "mETH",
    terms,
  );
  for (const [role, account] of Object.entries({ governor, council, guardian }) as [
    "governor" | "council" | "guardian",
    Account,
  ][]) {
    const selectors = RESTRICTED.Tranche![role]!.map((one) => tranche.interface.getFunction(one)!.selector);
    await control.setTargetFunctionRole!(tranche, selectors, ROLES[role]);
    await control.grantRole!(ROLES[role], account, 0);
  }
  await stage.setTranche!(tranche);
  for (const account of users) {
    await token.mint!(account, 1_000_000_000n * unit);
    await as(account, token).approve!(tranche, ethers.MaxUint256);
  }
  await claimOf({ stage } as Stage, SEED);
  if ((await networkHelpers.time.latest()) < START) await networkHelpers.time.increaseTo(START);
  await stage.close!(fillOf({ mintedShares: SEED * unit, nextCutOffAt: CUT_OFF }));
  return {
    tranche,
    stage,
    token,
    control,
    unit,
    owner,
    governor,
    council,
    guardian,
    alice,
    bob,
    carol,
    users,
  };
}

/** Lets the book owe `tokens`, of either side. */
export async function claimOf({ stage }: Stage, tokens: bigint): Promise<void> {
  await stage.assign!(tokens * WAD, tokens * WAD);
}

const genesis = await networkHelpers.takeSnapshot();
let loaded: { fixture: () => Promise<Stage>; made: Stage; restore: () => Promise<void> } | undefined;

/** The state that a fixture makes, made once and restored for as long as no other is asked for. */
export async function load(fixture: () => Promise<Stage> = deployStage): Promise<Stage> {
  if (loaded?.fixture === fixture) {
    await loaded.restore();
    return loaded.made;
  }
  await genesis.restore();
  const made = await fixture();
  const snapshot = await networkHelpers.takeSnapshot();
  loaded = { fixture, made, restore: () => snapshot.restore() };
  return made;
}

/** Alice has claimed shares: she deposited, an epoch let all of it in one for one, and another opens. */
export async function withShares(stage: Stage, account: Account, tokens: bigint): Promise<void> {
  const { tranche, unit } = stage;
  const assets = tokens * unit;
  await as(account, tranche).requestDeposit!(assets, account, account);
  await stage.stage.close!(fillOf({ depositAssets: assets, mintedShares: assets }));
  await as(account, tranche)["deposit(uint256,address)"]!(assets, account);
}
