/**
 * Thousands of random steps of eight controllers, against the queue by brute force: requests, cancelations, claims by either amount, fills
 * of every size (nothing, nine tenths, all but one unit, all), leaving at the floor, gifts.
 */

import { expect } from "chai";
import type { Interface } from "ethers";
import fc from "fast-check";
import { as, deployStage, MOST_GAS, type Stage } from "../../support/vault/fixture.ts";
import { ShadowQueue } from "../../support/vault/shadow.ts";

const isDeep = process.env.MENISCUS_DEEP === "1";
const SEED = Number(process.env.MENISCUS_SEED ?? 7);
const [BATCHES, STEPS] = [isDeep ? 1000 : 40, 40];
const WHOLE = 1n << 32n;
/** Shares per asset in a fill: a sixteenth to sixteen. */
const PRICE_MAX = 16n;

const KIND = [
  ...["requestDeposit", "requestRedeem", "cancelDeposit", "cancelRedeem", "deposit", "mint", "withdraw"],
  ...["redeem", "claimCancelledDeposit", "claimCancelledRedeem", "fill", "leaveAtFloor", "donate"],
];

/** Any size between a unit and a million tokens. */
const amountsOf = (decimals: number) => {
  const most = BigInt(Math.round(Math.log2(10 ** (decimals + 6))));
  return fc
    .tuple(fc.bigInt(0n, most), fc.bigInt(0n, 1n << most))
    .map(([bits, low]) => (1n << bits) + (low % (1n << bits)));
};
const parts = fc.oneof(fc.constant(WHOLE), fc.bigInt(0n, WHOLE));
const fillParts = fc.oneof(
  fc.constant((WHOLE * 9n) / 10n),
  fc.constant(WHOLE),
  fc.constant(WHOLE - 1n),
  fc.constant(0n),
  fc.bigInt(0n, WHOLE),
);
const kinds = fc.oneof(
  { weight: 10, arbitrary: fc.integer({ min: 0, max: 9 }) },
  { weight: 6, arbitrary: fc.constantFrom(0, 0, 1, 4, 5, 6, 7) },
  { weight: 4, arbitrary: fc.constant(10) },
  { weight: 1, arbitrary: fc.constantFrom(11, 12) },
);

const stepOf = (users: string[], decimals: number) =>
  fc
    .tuple(
      kinds,
      fc.constantFrom(...users),
      amountsOf(decimals),
      parts,
      fillParts,
      fillParts,
      fc.bigInt(WHOLE / PRICE_MAX, WHOLE * PRICE_MAX),
    )
    .map(([kind, who, amount, part, deposits, redeems, price]) => ({
      kind,
      who,
      part: kind === 10 ? deposits : kind === 0 || kind === 12 ? amount : part,
      other: redeems,
      price,
    }));

interface Shadow {
  deposits: ShadowQueue;
  redeems: ShadowQueue;
  donated: bigint;
  counts: Record<string, number>;
}

type Done = Record<"amountIn" | "amountOut" | "otherIn" | "otherOut" | "total" | "otherTotal", bigint> & {
  kind: bigint;
  who: string;
};

/** Does to the shadow what the contract says it did. */
function follow(shadow: Shadow, done: Done): void {
  const { who, amountIn, amountOut } = done;
  const name = KIND[Number(done.kind)]!;
  if (name === "fill") {
    shadow.deposits.fill(amountIn, amountOut, done.total);
    shadow.redeems.fill(done.otherIn, done.otherOut, done.otherTotal);
  } else if (amountIn === 0n && amountOut === 0n) {
    return;
  } else if (name === "requestDeposit") shadow.deposits.add(who, amountIn);
  else if (name === "requestRedeem") shadow.redeems.add(who, amountIn);
  else if (name === "cancelDeposit") shadow.deposits.removeAll(who, amountIn);
  else if (name === "cancelRedeem" || name === "leaveAtFloor") shadow.redeems.removeAll(who, amountIn);
  else if (name === "deposit" || name === "mint") shadow.deposits.claim(who, amountIn, amountOut);
  else if (name === "withdraw" || name === "redeem") shadow.redeems.claim(who, amountIn, amountOut);
  else if (name === "donate") shadow.donated += amountIn;
  // V2: neither for nothing.
  if (["deposit", "mint", "withdraw", "redeem"].includes(name)) {
    expect(amountIn, name).to.be.greaterThan(0n);
    expect(amountOut, name).to.be.greaterThan(0n);
  }
  shadow.counts[name] = (shadow.counts[name] ?? 0) + 1;
}

/** One controller's side: pending, filled and paid, as the contract tells them, against the shadow. */
function compare(queue: ShadowQueue, who: string, [pending, filled, paid]: [bigint, bigint, bigint]): void {
  const slack = queue.slackOf(who);
  expect(pending).to.be.at.most(queue.pendingOf(who));
  expect(queue.pendingOf(who) - pending).to.be.at.most(slack);
  expect(paid).to.be.at.most(queue.paidOf(who));
  if (filled === 0n) return;
  // V5: no part of a request is both pending and claimable, none is lost.
  expect(pending + filled).to.equal(queue.of(who).open);
  // What one is short of pending, it is short of its payout, at the dearest price there is.
  expect(queue.paidOf(who) - paid).to.be.at.most(slack * (1n + PRICE_MAX));
}

async function check(stage: Stage, users: string[], shadow: Shadow): Promise<void> {
  const [queue, all, balance] = [
    await stage.tranche.queue!(),
    await stage.stage.standings!(users),
    await stage.token.balanceOf!(stage.tranche),
  ];
  const sums = { pendingDeposit: 0n, pendingRedeem: 0n, shares: 0n, assets: 0n };
  for (const [i, who] of users.entries()) {
    const one = all[i];
    compare(shadow.deposits, who, [one.pendingDeposit, one.claimableDeposit, one.maxMint]);
    compare(shadow.redeems, who, [one.pendingRedeem, one.claimableRedeem, one.maxWithdraw]);
    sums.pendingDeposit += one.pendingDeposit;
    sums.pendingRedeem += one.pendingRedeem;
    sums.shares += one.maxMint + one.cancelledRedeem;
    sums.assets += one.maxWithdraw + one.cancelledDeposit;
  }
  // V5, V8: what all can claim is set apart, and nothing else is here.
  expect(sums.pendingDeposit).to.be.at.most(queue.depositAssets);
  expect(sums.pendingRedeem).to.be.at.most(queue.redeemShares);
  expect(sums.shares).to.be.at.most(queue.claimableShares);
  expect(sums.assets).to.be.at.most(queue.claimableAssets);
  expect(balance).to.equal(queue.depositAssets + queue.claimableAssets + shadow.donated);
}

describe("Tranche: campaign", function () {
  this.timeout(isDeep ? 3_600_000 : 600_000);

  for (const decimals of [6, 18]) {
    it(`V1, V2, V5, V8: keeps every request as brute force would, within its rounding, at ${decimals} decimals`, async () => {
      const terms = {
        cap: (2n ** 63n * 10n ** BigInt(decimals)) / 10n ** 9n,
        minimumAssets: 1n,
        minimumShares: 1n,
      };
      const stage = await deployStage({ decimals, terms });
      const users = stage.users.map(({ address }) => address);
      for (const account of stage.users) {
        await as(account, stage.tranche).setOperator!(stage.stage, true);
        await stage.token.mint!(account, 10n ** 27n);
      }
      const shadow: Shadow = {
        deposits: new ShadowQueue(),
        redeems: new ShadowQueue(),
        donated: 0n,
        counts: {},
      };
      const steps = fc.sample(stepOf(users, decimals), { numRuns: BATCHES * STEPS, seed: SEED + decimals });
      const decoder: Interface = stage.stage.interface;
      for (let batch = 0; batch < BATCHES; batch += 1) {
        const sent = await stage.stage.play!(steps.slice(batch * STEPS, (batch + 1) * STEPS), MOST_GAS);
        for (const log of (await sent.wait())!.logs) {
          if (log.address !== stage.stage.target) continue;
          follow(shadow, decoder.parseLog(log)!.args.toObject() as unknown as Done);
        }
        await check(stage, users, shadow);
      }
      for (const name of KIND) expect(shadow.counts[name], name).to.be.greaterThan(BATCHES / 10);
    });
  }
});
