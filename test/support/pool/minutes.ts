/**
 * A coalition over minutes, while reports go on and say the same: fills of the vault's hedge between its trades, and what an expiry's end
 * brings: the settlement window, its walk, the settlement and what the book realizes of it.
 */
import { ROUND_LAG_SECONDS, SETTLEMENT_WINDOW_SECONDS } from "@meniscus/sdk/clock";
import { deploy } from "../oracle/fixture.ts";
import type { ReportOptions } from "../surface.ts";
import { ALL, HEDGER_PARAMETERS, hedgedOf, NO_LIMIT_BUYING, NO_LIMIT_SELLING } from "../vault/hedge.ts";
import { contractOf, SERIES, type Sequence, TENORS_TRADED, type World } from "./coalition.ts";
import { type AnyContract, expiryIn, MARKET, options, USD } from "./fixture.ts";
import { bestOf, randomLegs, trade } from "./moves.ts";
import { renewFeeds } from "./situations.ts";

const [NEAR, ...FAR] = TENORS_TRADED;
const NEAR_AT = expiryIn(NEAR!);
const NEAR_SERIES = SERIES.filter((series) => contractOf(series).tenor === NEAR);
const FAR_SERIES = SERIES.filter((series) => contractOf(series).tenor !== NEAR);
/** The shortest clock of an auction that the code allows. */
const HEDGE_SECONDS = 60;

/** An honest report of now that says what the last one said. */
export async function renew(sequence: Sequence, report: ReportOptions): Promise<void> {
  const at = sequence.now + 1;
  const tenors = at + SETTLEMENT_WINDOW_SECONDS < NEAR_AT ? TENORS_TRADED : FAR;
  await sequence.report({ ...report, at, tenors });
}

/** Who fills out of the coalition's own pocket, and a clock as fast as the code allows. */
export async function deployFiller({ hedger, baseToken, quoteToken }: World): Promise<AnyContract> {
  const filler = await deploy("TestFiller", hedger);
  await baseToken.mint!(filler, 10n ** 24n);
  await quoteToken.mint!(filler, 10n ** 15n);
  await hedger.setParameters!({
    ...HEDGER_PARAMETERS,
    startPpm: 0,
    duration: HEDGE_SECONDS,
    lossCapPpm: 10_000,
  });
  return filler;
}

/**
 * Opens the auction, lets its clock run out, and fills up to `most` of what there is, by default all of it or a part as drawn; by the
 * coalition, or by `others`. The base that the vault has got.
 */
export async function hedge(
  sequence: Sequence,
  filler: AnyContract,
  report: ReportOptions,
  most?: bigint,
  by: "coalition" | "others" = "coalition",
): Promise<bigint> {
  const { hedger, accounts } = sequence.world;
  await sequence.open(1);
  const { obstacle } = await hedger.plan!({ blockTag: "pending" });
  if (obstacle === 0n) await sequence.send("open", accounts[1]!, hedger, "open", []);
  await sequence.close();
  if (obstacle !== 0n) return 0n;
  sequence.now += HEDGE_SECONDS;
  await renew(sequence, report);
  await sequence.open(1);
  const { obstacle: next, amount, minimum } = await hedger.plan!({ blockTag: "pending" });
  if (next === 0n) {
    const part = () => (minimum * BigInt(Math.round(sequence.between(100, 1000)))) / 100n;
    const size = most ?? (sequence.chance(0.7) ? ALL : part());
    const limit = amount > 0n ? NO_LIMIT_BUYING : NO_LIMIT_SELLING;
    const kind = by === "coalition" ? "fill" : "others' fill";
    await sequence.send(kind, accounts[1]!, filler, "fill", [amount > 0n ? size : -size, limit, filler]);
  }
  const [receipt] = await sequence.close();
  if (receipt?.status !== 1) return 0n;
  const hedged = hedgedOf(sequence.world, receipt);
  if (by === "coalition") sequence.bookFill(hedged);
  return hedged.base;
}

/** A few minutes a day before anything expires: trades of the coalition and its fills of what they do to the delta. */
export async function hedgedMinutes(
  sequence: Sequence,
  filler: AnyContract,
  report: ReportOptions,
  blocks: number,
): Promise<void> {
  const { book, accounts } = sequence.world;
  // What was there before is anybody's: others fill it first.
  await hedge(sequence, filler, report, ALL, "others");
  for (let i = 0; i < blocks; i++) {
    sequence.now += Math.round(sequence.between(1, 60));
    await renew(sequence, report);
    await sequence.open(1);
    if (sequence.chance(0.3))
      await sequence.send("refresh", accounts[1]!, book, "refresh", [TENORS_TRADED.map(expiryIn)]);
    for (let trades = Math.floor(sequence.between(1, 3)); trades > 0; trades--) await trade(sequence);
    await sequence.close();
    if (sequence.chance(0.5)) await hedge(sequence, filler, report);
  }
}

/** Buys of the nearest expiry while it opens: what is sold of it cannot be bought back. */
async function buyNear(sequence: Sequence): Promise<void> {
  await sequence.open(1);
  for (let i = Math.floor(sequence.between(0, 3)); i > 0; i--) {
    const amount = options(0.1 * 2 ** sequence.between(0, 9));
    await sequence.trade(accountOf(sequence), [{ series: sequence.pick(NEAR_SERIES), amount }], "near");
  }
  await sequence.close();
}

const accountOf = (sequence: Sequence) => sequence.pick(sequence.world.accounts.slice(1));

/** A refresh of all that lives, in a block of its own. */
async function refreshed(sequence: Sequence): Promise<void> {
  const { accounts, book } = sequence.world;
  const live = sequence.now < NEAR_AT ? TENORS_TRADED : FAR;
  await sequence.open(1);
  await sequence.send("refresh", accounts[1]!, book, "refresh", [live.map(expiryIn)]);
  await sequence.close();
}

async function sellNear(sequence: Sequence): Promise<void> {
  for (const series of NEAR_SERIES) {
    const held = sequence.held.get(series) ?? 0n;
    const amount = sequence.chance(0.5) ? held : held / 2n;
    if (amount > 10n ** 16n)
      await sequence.trade(accountOf(sequence), [{ series, amount: -amount }], "near home");
  }
}

/** Out and back by the same legs, in one block or with a refresh between, around what happens to the expiry. */
async function turn(sequence: Sequence, happen: () => Promise<void>): Promise<void> {
  const by = accountOf(sequence);
  const legs = await bestOf(
    sequence,
    Array.from({ length: 8 }, () => randomLegs(sequence)),
  );
  if (!(await sequence.trade(by, legs, "turn"))) return;
  await happen();
  if (sequence.chance(0.5)) {
    await sequence.close();
    await refreshed(sequence);
    await sequence.open(1);
  }
  const back = legs.map(({ series, amount }) => ({ series, amount: -amount }));
  await sequence.trade(by, back, "turn");
}

/** Both feeds say again what they said, and the cache is renewed; their rounds. */
export async function feedsAgain(sequence: Sequence, feed: number): Promise<bigint[]> {
  const { baseFeed, quoteFeed } = sequence.world;
  await renewFeeds(sequence.world, sequence.now + 1, BigInt(Math.round(feed * 1e4)) * (USD / 10_000n));
  sequence.now += 3;
  return Promise.all([baseFeed, quoteFeed].map(async ({ proxy }) => (await proxy.latestRoundData!())[0]));
}

/**
 * From the last minutes in which the nearest expiry opens, to some 2,200 seconds before it ends, and on by minutes into its window or beyond
 * its end. `report` and `feed` go on saying the same. How many trades went through inside the window and beyond.
 */
export async function throughWindow(
  sequence: Sequence,
  report: ReportOptions,
  feed: number,
  blocks: number,
): Promise<number> {
  const { book, settlement, accounts } = sequence.world;
  await buyNear(sequence);
  sequence.now = NEAR_AT - Math.round(sequence.between(2000, 2400));
  sequence.tradable = FAR_SERIES;
  const rounds = await feedsAgain(sequence, feed);
  const walk = () =>
    sequence.send("walk", accounts[1]!, settlement, "walk", [MARKET, NEAR_AT, ...rounds, 10]);
  await renew(sequence, report);
  const endsAt = sequence.chance(0.5) ? Math.floor(sequence.between(3, blocks)) : Infinity;
  let isRealized = false;
  const happen = async () => {
    const walkable = sequence.now - ROUND_LAG_SECONDS;
    if (walkable + SETTLEMENT_WINDOW_SECONDS <= NEAR_AT || !sequence.chance(0.5)) return;
    await walk();
    if (walkable < NEAR_AT || isRealized) return;
    isRealized = true;
    await sequence.send("realize", accounts[1]!, book, "realize", [NEAR_AT]);
  };
  let inWindow = 0;
  if (sequence.chance(0.7)) await refreshed(sequence);
  for (let i = 0; i < blocks; i++) {
    if (i === endsAt) {
      sequence.now = NEAR_AT + 10;
      await feedsAgain(sequence, feed);
    } else sequence.now += Math.round(sequence.between(20, 180));
    if (sequence.chance(0.8)) await renew(sequence, report);
    const before = sequence.trades;
    await sequence.open(1);
    const expiries = sequence.now < NEAR_AT && sequence.chance(0.8) ? TENORS_TRADED : FAR;
    if (sequence.chance(0.4))
      await sequence.send("refresh", accounts[1]!, book, "refresh", [expiries.map(expiryIn)]);
    if (sequence.now + SETTLEMENT_WINDOW_SECONDS < NEAR_AT && sequence.chance(0.4)) await sellNear(sequence);
    else if (sequence.chance(0.5)) await turn(sequence, happen);
    else for (let j = Math.floor(sequence.between(0, 3)); j > 0; j--) await trade(sequence);
    await happen();
    await sequence.close();
    if (sequence.now + SETTLEMENT_WINDOW_SECONDS >= NEAR_AT) inWindow += sequence.trades - before;
  }
  await renew(sequence, report);
  return inWindow;
}
