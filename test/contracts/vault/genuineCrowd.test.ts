import { expect } from "chai";
import { as, call, ethers, leg, networkHelpers, trade, WAD } from "../../support/pool/fixture.ts";
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
/** The amounts differ, so bytes of data and steps of a division do; no slot is among it. */
const ARITHMETIC = 600;

type Market = Awaited<ReturnType<typeof running>>;
const random = () => ethers.Wallet.createRandom().address;

/** So many controllers, each with a deposit and a withdrawal that wait in both tranches. */
async function crowd({ tranches, providers }: Market, count: number): Promise<void> {
  const asks = SIDES.flatMap((side) => {
    const own = as(providers[side], tranches[side]);
    return Array.from({ length: count }, () => [
      () => own.requestDeposit!(ONE[side], random(), providers[side]),
      () => own.requestRedeem!(ONE[side] / 100n, random(), providers[side]),
    ]).flat();
  });
  for (let first = 0; first < asks.length; first += BATCH)
    await Promise.all(asks.slice(first, first + BATCH).map((ask) => ask()));
}

/** Gas of one user's day beside so many others, and of the epoch's end. */
async function gasAmong(others: number): Promise<Record<string, number>> {
  const market = await running();
  await trade(market, market.trader, [leg(call(3000), 10)]);
  await crowd(market, others);
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
      await crowd(market, others);
      for (const side of SIDES) await requestDeposit(market, side, market.owner, 3n * ONE[side]);
      await close(market, await open(market, cutOffIn(2) + 30));
      const shares = { base: 0n, quote: 0n };
      for (const side of SIDES) shares[side] = await claimShares(market, side, market.owner);
      claims.push(shares);
    }
    expect(claims[1]).to.deep.equal(claims[0]);
  });
});
