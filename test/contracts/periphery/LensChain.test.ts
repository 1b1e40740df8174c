import { expect } from "chai";
import {
  call,
  EXPIRY,
  leg,
  MARKET,
  type Market,
  networkHelpers,
  options,
  put,
  quote,
  REFUSALS,
  ready,
  SPOT,
  STRIKES,
  trade,
  WAD,
} from "../../support/pool/fixture.ts";

const ONE = options(1);
/** Strikes of an expiry that is full. */
const FULL = 32;
/** As docs/INTEGRATOR.md tells who asks for it. */
const GAS_OF_FULL_EXPIRY = 12_000_000n;

describe("Lens, the chain of a pool", () => {
  let market: Market;
  beforeEach(async () => {
    market = await ready();
    // Blocks follow the machine's clock, which has gone on since the snapshot.
    await networkHelpers.time.increaseTo((await networkHelpers.time.latest()) + 1);
  });

  const chain = async (expiryAt = EXPIRY, amount = ONE) => [
    ...(await market.lens.chain!(market.clearinghouse, market.pool, expiryAt, amount)),
  ];

  it("has every listed strike, rising, the call before the put", async () => {
    // Out of order and last, so it stands at the last place in the Clearinghouse.
    await market.clearinghouse.list!(1, EXPIRY, 2500n * WAD, 0);
    const strikes = [...STRIKES, 2500n * WAD].sort((one, other) => (one < other ? -1 : 1));
    const expected = strikes.flatMap((strike) => {
      const whole = Number(strike / WAD);
      return [call(whole), put(whole)];
    });
    expect((await chain()).map(({ series }) => series)).to.deep.equal(expected);
  });

  it("P8: is to the unit what each side's own quote says", async () => {
    await trade(market, market.trader, [leg(call(3000), 4), leg(put(2800), 2)]);
    await networkHelpers.mine();
    const amount = options(2);
    for (const { series, buy, sell } of await chain(EXPIRY, amount)) {
      expect(buy).to.deep.equal(await quote(market, [{ series, amount }]));
      expect(sell).to.deep.equal(await quote(market, [{ series, amount: -amount }]));
      expect(buy.cost, "an ask above the bid").to.be.greaterThan(-sell.cost);
      expect(buy.legs[0].vol).to.be.greaterThan(0n);
      expect(buy.delta).to.equal(-sell.delta);
    }
  });

  it("has all live expiries where none is named, in their order", async () => {
    const all = await chain(0);
    const each = await Promise.all(market.expiries.map((expiryAt) => chain(expiryAt)));
    expect(all).to.deep.equal(each.flat());
    expect(all).to.have.length(market.expiries.length * STRIKES.length * 2);
    expect(await chain(EXPIRY + 86_400)).to.deep.equal([]);
  });

  it("has a full expiry of 32 strikes in one call of no more gas than docs/INTEGRATOR.md says", async () => {
    const { clearinghouse, pool, lens } = market;
    const listed = [...STRIKES];
    for (let strike = 2050n; listed.length < FULL; strike += 100n) {
      await clearinghouse.listReserved!(MARKET, EXPIRY, strike * WAD, 0);
      listed.push(strike * WAD);
    }
    // Exits among the sales.
    await trade(
      market,
      market.trader,
      listed.slice(0, 16).map((strike) => leg(call(Number(strike / WAD)), 0.1)),
    );
    await networkHelpers.mine();
    const all = await lens.chain!(clearinghouse, pool, EXPIRY, ONE, { gasLimit: GAS_OF_FULL_EXPIRY });
    expect(all).to.have.length(2 * FULL);
    for (const { buy, sell } of all) {
      expect([buy.refusal, sell.refusal]).to.deep.equal([0n, 0n]);
      expect(buy.cost, "an ask above the bid").to.be.greaterThan(-sell.cost);
    }
  });

  it("says of each side why it would be refused, and keeps the other", async () => {
    const names = (sides: { refusal: bigint }[]) => [
      ...new Set(sides.map(({ refusal }) => REFUSALS[Number(refusal)])),
    ];
    await trade(market, market.trader, [leg(call(3000), 1)]);
    const dust = await chain(EXPIRY, options(0.001));
    expect(names(dust.map(({ buy }) => buy))).to.deep.equal(["AmountTooSmall"]);
    const large = await chain(EXPIRY, options(Number((10n ** 9n * WAD) / SPOT)));
    expect(names(large.map(({ buy }) => buy))).to.deep.equal(["BookLimit"]);

    await networkHelpers.time.increase(121);
    const stale = await chain();
    expect(names(stale.map(({ buy }) => buy))).to.deep.equal(["ReportOld"]);
    const exits = stale.filter(({ sell }) => sell.refusal === 0n);
    expect(exits.map(({ series }) => series)).to.deep.equal([call(3000)]);
    expect(exits[0].sell.isFloor).to.equal(true);
  });
});
