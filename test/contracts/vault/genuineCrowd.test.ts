import { expect } from "chai";
import {
  as,
  call,
  ethers,
  leg,
  networkHelpers,
  refreshAll,
  signerOf,
  trade,
  WAD,
} from "../../support/pool/fixture.ts";
import { type EpochResult, expectClosed, shadowOf } from "../../support/vault/agreement.ts";
import {
  claimAssets,
  claimShares,
  close,
  cutOffIn,
  open,
  requestDeposit,
  requestRedeem,
  running,
  SIDES,
  type Side,
  UNIT,
} from "../../support/vault/market.ts";

const MANY = process.env.MENISCUS_DEEP === "1" ? 2000 : 200;
/** Requests sent before the first of them is waited for. */
const BATCH = 50;
const ONE = { base: WAD / 10n, quote: 300n * UNIT };
const ONES: Asks = { deposits: ONE, withdrawals: { base: ONE.base / 100n, quote: ONE.quote / 100n } };
/** The amounts differ, so bytes of data and steps of a division do; no slot is among it. */
const ARITHMETIC = 600;

/** Of each of both ways and both tranches: 10,000 requests in a deep run. */
const DUST = process.env.MENISCUS_DEEP === "1" ? 2500 : 250;
/** Of either asset and of either share: so little that what it brings is mostly rounding. */
const SPECK = 3n;

type Market = Awaited<ReturnType<typeof running>>;
type Asks = Record<"deposits" | "withdrawals", Record<Side, bigint>>;

/** So many controllers, each with a deposit and a withdrawal that wait in both tranches; who they are. */
async function crowd({ tranches, providers }: Market, count: number, amounts: Asks): Promise<string[]> {
  const controllers = Array.from({ length: count }, (_, i) => ethers.toBeHex(0x1_0000 + i, 20));
  const asks = SIDES.flatMap((side) => {
    const own = as(providers[side], tranches[side]);
    return controllers.flatMap((controller) => [
      () => own.requestDeposit!(amounts.deposits[side], controller, providers[side]),
      () => own.requestRedeem!(amounts.withdrawals[side], controller, providers[side]),
    ]);
  });
  for (let first = 0; first < asks.length; first += BATCH)
    await Promise.all(asks.slice(first, first + BATCH).map((ask) => ask()));
  return controllers;
}

const highsOf = ({ base, quote }: EpochResult) => ({ base: base.high, quote: quote.high });

/** V5, V8: what specks wait for and can claim is there, no more than they brought, and each tranche has what it owes. */
async function expectOwed({ tranches, tokens }: Market, controllers: string[]): Promise<void> {
  for (const side of SIDES) {
    const tranche = tranches[side];
    let [shares, assets] = [0n, 0n];
    for (const controller of controllers) {
      const [pending, claimable, paid, minted] = (await Promise.all([
        tranche.pendingRedeemRequest!(0, controller),
        tranche.maxRedeem!(controller),
        tranche.maxWithdraw!(controller),
        tranche.maxMint!(controller),
      ])) as [bigint, bigint, bigint, bigint];
      expect(pending + claimable).to.be.at.most(SPECK);
      [shares, assets] = [shares + minted, assets + paid];
    }
    const queue = await tranche.queue!();
    expect(shares).to.be.at.most(queue.claimableShares);
    expect(assets).to.be.at.most(queue.claimableAssets);
    expect(await tokens[side].balanceOf!(tranche)).to.equal(queue.depositAssets + queue.claimableAssets);
  }
}

/** Gas of one user's day beside so many others, and of the epoch's end. */
async function gasAmong(others: number): Promise<Record<string, number>> {
  const market = await running();
  await trade(market, market.trader, [leg(call(3000), 10)]);
  await crowd(market, others, ONES);
  const gas: Record<string, number> = {};
  const note = async (name: string, sent: Promise<{ hash: string }>) => {
    const { hash } = await sent;
    gas[name] = Number((await ethers.provider.getTransactionReceipt(hash))!.gasUsed);
  };
  const ask = async (name: string, side: Side) => {
    const { owner, other, trader } = market;
    const by = side === "base" ? trader : other;
    await note(`${name}: deposit of ${side}`, requestDeposit(market, side, owner, 3n * ONE[side]));
    await note(`${name}: withdrawal of ${side}`, requestRedeem(market, side, by, ONE[side]));
  };
  for (const side of SIDES) await ask("request", side);
  const posted = await open(market, cutOffIn(2) + 30);
  await note("closeEpoch", market.vault.closeEpoch!(posted));
  for (const side of SIDES) {
    const by = side === "base" ? market.trader : market.other;
    const own = as(market.owner, market.tranches[side]);
    const shares: bigint = await own.maxMint!(market.owner);
    await note(`claim: shares of ${side}`, own["mint(uint256,address)"]!(shares, market.owner));
    const leaver = as(by, market.tranches[side]);
    await note(`claim: ${side}`, leaver.redeem!(await leaver.maxRedeem!(by), by, by));
  }
  expect(await claimShares(market, "base", market.owner)).to.equal(0n);
  expect(await claimAssets(market, "base", market.trader)).to.equal(0n);
  await networkHelpers.mine();
  return gas;
}

describe("LiquidityVault: crowds", function () {
  this.timeout(0);

  it(`V6: requests, an epoch's end and claims cost among ${MANY} users what they cost beside one`, async () => {
    const [few, many] = [await gasAmong(1), await gasAmong(MANY)];
    const most = Math.max(...Object.keys(few).map((name) => Math.abs(many[name]! - few[name]!)));
    console.log(
      `        an epoch's end: ${few.closeEpoch} beside one, ${many.closeEpoch} among ${MANY}; most apart: ${most}`,
    );
    expect(Object.keys(few).length).to.equal(9);
    for (const [name, gas] of Object.entries(few))
      expect(Math.abs(many[name]! - gas), name).to.be.at.most(ARITHMETIC);
  });

  it("V6: users who claim find what they would without the others", async () => {
    const claims: Record<Side, bigint>[] = [];
    for (const others of [1, 20]) {
      const market = await running();
      await crowd(market, others, ONES);
      for (const side of SIDES) await requestDeposit(market, side, market.owner, 3n * ONE[side]);
      await close(market, await open(market, cutOffIn(2) + 30));
      const shares = { base: 0n, quote: 0n };
      for (const side of SIDES) shares[side] = await claimShares(market, side, market.owner);
      claims.push(shares);
    }
    expect(claims[1]).to.deep.equal(claims[0]);
  });

  it(`V7: ${4 * DUST} requests of dust do no harm: epochs end, a large request is filled to its part, and all can leave`, async () => {
    const market = await running();
    const { tranches, trader, owner } = market;
    const legs = [leg(call(3000), 40)];
    for (const side of SIDES) {
      const { cap } = await tranches[side].terms!();
      await tranches[side].setTerms!({ cap, minimumAssets: 1n, minimumShares: 1n });
    }
    for (let i = 0; i < 4; i++) await trade(market, trader, legs);
    const first = await open(market, cutOffIn(2) + 30);
    const { result: before } = await expectClosed(market, first, await shadowOf(market, first));
    await refreshAll(market);
    for (let i = 0; i < 2; i++) await trade(market, trader, legs);

    const specks = { base: SPECK, quote: SPECK };
    const controllers = await crowd(market, DUST, { deposits: specks, withdrawals: specks });
    const asked: bigint = await tranches.base.balanceOf!(trader);
    await requestRedeem(market, "base", trader, asked);
    await requestDeposit(market, "quote", owner, ONE.quote);
    const second = await open(market, cutOffIn(3) + 30);
    const { redeemShares: waiting } = await tranches.base.queue!();
    const { result } = await expectClosed(market, second, await shadowOf(market, second, highsOf(before)));
    const { redeemShares, paidAssets } = result.base;
    expect(redeemShares, "options keep the rest in").to.be.within(waiting / 4n, (waiting * 3n) / 4n);
    // To the part that was filled, but for a unit of rounding: the dust has taken nothing of it.
    expect(await tranches.base.pendingRedeemRequest!(0, trader)).to.be.closeTo(
      (asked * (waiting - redeemShares)) / waiting,
      1n,
    );
    expect(await tranches.base.maxWithdraw!(trader)).to.be.closeTo((paidAssets * asked) / waiting, 1n);
    expect(result.quote.depositAssets).to.equal(ONE.quote + SPECK * BigInt(DUST));
    await expectOwed(market, controllers);

    // Who comes in takes the place of who has waited.
    await requestDeposit(market, "base", owner, asked);
    const third = await open(market, cutOffIn(4) + 30);
    const { redeemShares: rest } = await tranches.base.queue!();
    const waits: bigint = await tranches.base.pendingRedeemRequest!(0, trader);
    const { result: after } = await expectClosed(
      market,
      third,
      await shadowOf(market, third, highsOf(result)),
    );
    for (const side of SIDES) {
      const { depositAssets, redeemShares: left } = await tranches[side].queue!();
      expect([depositAssets, left], side).to.deep.equal([0n, 0n]);
    }
    await expectOwed(market, controllers);
    expect(await claimAssets(market, "base", trader)).to.be.closeTo(
      (paidAssets * asked) / waiting + (after.base.paidAssets * waits) / rest,
      3n,
    );
    expect(await claimShares(market, "quote", owner)).to.be.greaterThan(ONE.quote - ONE.quote / 100n);
    for (const controller of controllers.slice(0, 3))
      for (const side of SIDES) {
        const speck = await signerOf(controller);
        // Of three, less what a price beside one and two fills round off.
        expect(await claimShares(market, side, speck), side).to.be.within(1n, SPECK);
        expect(await claimAssets(market, side, speck), side).to.be.within(1n, SPECK);
      }
    await expectOwed(market, controllers);
  });
});
