/** Thousands of requests: what they cost the others, and what they can do. */
import { expect } from "chai";
import {
  as,
  claimOf,
  deployStage,
  fillOf,
  load,
  MOST_GAS,
  type Stage,
  withShares,
} from "../../support/vault/fixture.ts";

const tiny = () =>
  deployStage({ terms: { cap: 10n ** 24n, minimumAssets: 1n, minimumShares: 1n }, decimals: 18 });
/** Per transaction, below the gas that one may use. */
const BATCH = 125;

/** `count` controllers request a deposit and a withdrawal each. */
async function crowd({ stage, token, unit }: Stage, count: number, amount: bigint): Promise<void> {
  await token.mint!(stage, BigInt(count) * amount);
  await stage.mintFee!(stage, BigInt(count) * amount + unit);
  for (let first = 0; first < count; first += BATCH)
    for (const isDeposit of [true, false])
      await stage.crowd!(first, Math.min(BATCH, count - first), amount, isDeposit, MOST_GAS);
}

/** Gas of what a user does after so many others: requests, an epoch, claims. */
async function gasAmong(others: number) {
  const stage = await load(tiny);
  const { tranche, alice, unit, stage: vault } = stage;
  await claimOf(stage, 100_000n);
  await withShares(stage, alice, 100n);
  await crowd(stage, others, unit);
  const gas: Record<string, bigint> = {};
  const own = as(alice, tranche);
  const note = async (name: string, sent: Promise<{ wait: () => Promise<{ gasUsed: bigint } | null> }>) => {
    gas[name] = (await (await sent).wait())!.gasUsed;
  };
  const send = (method: string, ...args: unknown[]) => own[method]!(...args) as never;
  await note("requestDeposit", send("requestDeposit", 3n * unit, alice, alice));
  await note("requestRedeem", send("requestRedeem", 3n * unit, alice, alice));
  const part = { depositAssets: 2n * unit, mintedShares: unit, redeemShares: 2n * unit, paidAssets: unit };
  await note("fill", vault.close!(fillOf(part)) as never);
  await note("second requestDeposit", send("requestDeposit", 3n * unit, alice, alice));
  await note("deposit", send("deposit(uint256,address)", 1000n, alice));
  await note("redeem", send("redeem", 1000n, alice, alice));
  await note("cancelDepositRequest", send("cancelDepositRequest", 0, alice));
  await note("cancelRedeemRequest", send("cancelRedeemRequest", 0, alice));
  await note("claimCancelDepositRequest", send("claimCancelDepositRequest", 0, alice, alice));
  return gas;
}

describe("Tranche: crowds", function () {
  this.timeout(600_000);

  it("V6: requests, fills, claims and cancelations cost among 2,000 others what they cost beside one", async () => {
    const [few, many] = [await gasAmong(1), await gasAmong(2000)];
    for (const [name, gas] of Object.entries(few)) {
      // The call's data has other bytes, the arithmetic other numbers: a few tens of gas, and no slot.
      expect(many[name]! - gas, name).to.be.within(-400n, 400n);
    }
  });

  it("V6: a claim costs after thirty epochs that filled all what it costs after six", async () => {
    const gasAfter = async (epochs: number) => {
      const stage = await load(tiny);
      const { tranche, alice, unit, stage: vault } = stage;
      await claimOf(stage, 100_000n);
      await withShares(stage, alice, 100n);
      const own = as(alice, tranche);
      await own.requestDeposit!(3n * unit, alice, alice);
      for (let epoch = 0; epoch < epochs; epoch += 1) {
        await crowd(stage, 1, unit);
        const { depositAssets, redeemShares } = await tranche.queue!();
        const all = { depositAssets, mintedShares: depositAssets, redeemShares, paidAssets: redeemShares };
        await vault.close!(fillOf(all));
      }
      const sent = await own["deposit(uint256,address)"]!(3n * unit, alice);
      return (await sent.wait())!.gasUsed;
    };
    expect((await gasAfter(30)) - (await gasAfter(6))).to.be.within(-400n, 400n);
  });

  it("V7: 10,000 requests of dust do no harm: epochs end, a large request is filled to its part, and all can leave", async () => {
    const stage = await load(tiny);
    const { tranche, token, alice, unit, stage: vault } = stage;
    await withShares(stage, alice, 100n);
    await crowd(stage, 5000, 1n);
    const own = as(alice, tranche);
    await own.requestDeposit!(10n * unit, alice, alice);
    await own.requestRedeem!(10n * unit, alice, alice);
    for (let epoch = 0; epoch < 3; epoch += 1) {
      const { depositAssets, redeemShares } = await tranche.queue!();
      await vault.close!(
        fillOf({
          depositAssets: depositAssets / 2n,
          mintedShares: depositAssets / 2n,
          redeemShares: redeemShares / 2n,
          paidAssets: redeemShares / 2n,
        }),
      );
    }
    // An eighth waits still, but for the dust's rounding.
    expect(await tranche.pendingRedeemRequest!(0, alice)).to.be.closeTo((10n * unit) / 8n, 1n);
    expect(await tranche.maxWithdraw!(alice)).to.be.closeTo((70n * unit) / 8n, 5n);
    const { depositAssets, redeemShares } = await tranche.queue!();
    await vault.close!(
      fillOf({ depositAssets, mintedShares: depositAssets, redeemShares, paidAssets: redeemShares }),
    );
    expect((await tranche.queue!()).redeemShares).to.equal(0n);
    const before = await token.balanceOf!(alice);
    await own.redeem!(10n * unit, alice, alice);
    await own["deposit(uint256,address)"]!(10n * unit, alice);
    expect((await token.balanceOf!(alice)) - before).to.be.closeTo(10n * unit, 10n);
    expect(await tranche.balanceOf!(alice)).to.be.closeTo(100n * unit, 10n);
    // What the dust is owed stays: its claims are the queue's.
    const { claimableAssets } = await tranche.queue!();
    expect(claimableAssets).to.be.at.least(5000n);
    expect(await token.balanceOf!(tranche)).to.equal(claimableAssets);
  });
});
