/** The shadow beside the genuine vault: from one state both must come to the same end, and plan and execution too. */

import type { EncodedReport } from "@meniscus/sdk/report";
import { VAULT_OBSTACLES } from "@meniscus/sdk/vault/terms";
import { expect } from "chai";
import { networkHelpers } from "../pool/fixture.ts";
import { eventsOf, readBook } from "../pool/words.ts";
import { closeShadow, type Desk, type Marked, type Outcome } from "./epochShadow.ts";
import { close, confirmSpot, SIDES, type Side, stateOf, type VaultMarket } from "./market.ts";

export { VAULT_OBSTACLES as OBSTACLES };

/** ILiquidityVault.TrancheResult. */
export interface Settled {
  claimBefore: bigint;
  claimAfter: bigint;
  rent: bigint;
  fees: bigint;
  navEntry: bigint;
  navMid: bigint;
  navExit: bigint;
  depositAssets: bigint;
  mintedShares: bigint;
  redeemShares: bigint;
  paidAssets: bigint;
  idle: bigint;
  feeShares: bigint;
  high: bigint;
  depositsOpen: boolean;
}

/** ILiquidityVault.EpochResult. */
export interface EpochResult extends Record<Side, Settled> {
  epoch: bigint;
  cutOffAt: bigint;
  mark: Marked & { base: bigint; quote: bigint; liability: bigint; reserve: bigint; rent: bigint };
  equity: bigint;
  factor: bigint;
  /** ILiquidityVault.Doubt. */
  doubt: bigint;
  toArray(deep: boolean): unknown[];
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
const above = (one: bigint, other: bigint): bigint => (one > other ? one - other : 0n);

/** What of each claim the book can need, from its sums and its need. */
async function usedOf(market: VaultMarket, at: number, spot: bigint): Promise<Record<Side, bigint>> {
  const { baseSum, quoteSum } = await readBook(market, []);
  const need = await market.book.need!();
  const { exposureMaxAge, exposureMaxMoveBps } = await market.book.terms!();
  const [low, high] = need.refreshedSpot < spot ? [need.refreshedSpot, spot] : [spot, need.refreshedSpot];
  const isFresh =
    BigInt(at) - need.refreshedAt <= exposureMaxAge && high * 10_000n <= low * (10_000n + exposureMaxMoveBps);
  if (!isFresh) return { base: baseSum, quote: quoteSum };
  const largest = (needs: bigint[]) => needs.reduce((most, one) => (one > most ? one : most));
  return {
    base: least(baseSum, largest([...need.base]) + baseSum - need.baseSum),
    quote: least(quoteSum, largest([...need.quote]) + quoteSum - need.quoteSum),
  };
}

/** What the shadow makes of the state as it stands, were the epoch ended at `at`. */
export async function shadowOf(
  market: VaultMarket,
  posted: EncodedReport,
  highs: Record<Side, bigint> = { base: 10n ** 18n, quote: 10n ** 18n },
  { markedAt, isRunning = true }: { markedAt?: number; isRunning?: boolean } = {},
): Promise<Record<Side, Outcome> & { mark: Marked }> {
  const { vault, tranches } = market;
  const mark: Marked & { rent: bigint; reserve: bigint } = await market.book.mark!(posted);
  const now = (await networkHelpers.time.latest()) + 1;
  const used = await usedOf(market, now, mark.spot);
  const { collateral, claims, supply } = await stateOf(market);
  const [terms] = await vault.terms!();
  const free = {
    base: above(collateral[0], collateral[1]) * market.scale.base,
    quote: above(above(collateral[2], collateral[3]) * market.scale.quote, mark.reserve + mark.rent),
  };
  const desks = {} as Record<Side, Desk>;
  for (const side of SIDES) {
    const { depositAssets, redeemShares } = await tranches[side].queue!();
    desks[side] = {
      claim: claims[side],
      supply: supply[side],
      depositAssets,
      redeemShares,
      high: highs[side],
      free: free[side],
      used: used[side],
      scale: market.scale[side],
    };
  }
  const elapsed = markedAt === undefined ? 0n : mark.reportAt - BigInt(markedAt);
  return { mark, ...closeShadow(mark, desks, terms, elapsed, isRunning) };
}

/** Ends the epoch and compares event, plan, claims and supplies with the shadow. */
export async function expectClosed(
  market: VaultMarket,
  posted: EncodedReport,
  expected: Record<Side, Outcome>,
) {
  const { vault } = market;
  await confirmSpot(market, posted);
  const before = await stateOf(market);
  const planned = await vault.plan!(posted);
  const receipt = await close(market, posted);
  const closed = eventsOf(vault, receipt).find(({ name }) => name === "EpochClosed")!;
  const result = closed.args.result as EpochResult;
  if (planned.obstacle === 0n) expect(result.toArray(true)).to.deep.equal(planned.result.toArray(true));
  const after = await stateOf(market);
  const unit = { base: 10n ** 9n, quote: 10n ** 12n };
  for (const side of SIDES) {
    const [own, shadow] = [result[side], expected[side]];
    expect(
      {
        claim: own.claimAfter,
        rent: own.rent,
        feeShares: own.feeShares,
        entry: own.navEntry,
        mid: own.navMid,
        exit: own.navExit,
        minted: own.mintedShares,
        deposited: own.depositAssets,
        redeemed: own.redeemShares,
        paid: own.paidAssets,
        idle: own.idle,
        high: own.high,
        depositsOpen: own.depositsOpen,
      },
      side,
    ).to.deep.equal(shadow);
    expect(after.claims[side], `claim of ${side}`).to.equal((shadow.claim / unit[side]) * unit[side]);
    expect(after.supply[side], `supply of ${side}`).to.equal(
      before.supply[side] + shadow.feeShares + shadow.minted - shadow.redeemed,
    );
  }
  return { result, receipt };
}
