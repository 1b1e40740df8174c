/** What a coalition may do between two reports, drawn at random: half of its trades are the best of several that it has looked at. */

import { encodeReport } from "@meniscus/sdk/report";
import { type ReportOptions, sampleReport } from "../surface.ts";
import { type Legs, type Sequence, sidesOf, TENORS_TRADED } from "./coalition.ts";
import { call, expiryIn, MARKET, options, put, TERMS, WAD } from "./fixture.ts";

/** The mark forgets an equity after four epochs; one report lasts for one. */
const MOST_MARKS = 3;

/** One to four legs of any size; two in five of them in what was listed on the way, if anything was. */
export function randomLegs(sequence: Sequence, series: readonly bigint[] = sequence.tradable): Legs {
  const count = sequence.chance(0.6) ? 1 : Math.floor(sequence.between(2, 5));
  const listed = sequence.listed.filter((one) => series.includes(one));
  const chosen = new Set<bigint>();
  while (chosen.size < count)
    chosen.add(sequence.pick(listed.length !== 0 && sequence.chance(0.4) ? listed : series));
  return [...chosen].map((one) => {
    const size = 0.01 * 2 ** sequence.between(0, 12);
    return { series: one, amount: options(sequence.chance(0.5) ? size : -size) };
  });
}

/** What undoes a part of what the coalition holds. */
function homeward(sequence: Sequence, share: number): Legs {
  const legs = [...sequence.held]
    .filter(([series]) => sequence.tradable.includes(series))
    .map(([series, amount]) => ({ series, amount: (-amount * BigInt(Math.round(share * 1000))) / 1000n }))
    .filter(({ amount }) => amount > 10n ** 16n || amount < -(10n ** 16n));
  return legs.slice(0, 6);
}

/** The trade that wins most by the values of now, of several drawn. */
export async function bestOf(sequence: Sequence, drawn: Legs[]): Promise<Legs> {
  let best = drawn[0]!;
  let most: bigint | undefined;
  for (const legs of drawn) {
    const { refusal, cost, inBase, value } = await sequence.quote(legs);
    const wins = value / 10n ** 12n + inBase - cost;
    if (refusal === "None" && (most === undefined || wins > most)) [most, best] = [wins, legs];
  }
  return best;
}

export async function trade(sequence: Sequence): Promise<void> {
  const by = sequence.pick(sequence.world.accounts.slice(1));
  const home = homeward(sequence, sequence.chance(0.5) ? 1 : sequence.between(0.1, 1));
  if (home.length !== 0 && sequence.chance(0.3)) {
    await sequence.trade(by, sequence.chance(0.5) ? home : [sequence.pick(home)], "home");
    return;
  }
  if (sequence.chance(0.5)) {
    const drawn = Array.from({ length: 8 }, () => randomLegs(sequence));
    await sequence.trade(by, await bestOf(sequence, home.length === 0 ? drawn : [...drawn, home]), "best");
    return;
  }
  const legs = randomLegs(sequence);
  if (!sequence.chance(0.3)) {
    await sequence.trade(by, legs, "trade");
    return;
  }
  // The same in parts, or leg by leg.
  for (const { series, amount } of legs)
    for (const part of [amount / 3n, amount - amount / 3n])
      await sequence.trade(by, [{ series, amount: part }], "split");
}

/** How a sequence's marks and money of the owner stand. */
export interface Epochs {
  marks: number;
  report: Parameters<typeof sampleReport>[0];
}

async function ownersMove(sequence: Sequence, epochs: Epochs): Promise<void> {
  const { vault, owner, baseToken, quoteToken } = sequence.world;
  const kind = sequence.pick(["mark", "fund", "fund", "withdraw"]);
  if (kind === "mark") {
    if (epochs.marks === MOST_MARKS) return;
    epochs.marks += 1;
    await sequence.send("mark", owner, vault, "mark", [encodeReport(sampleReport(epochs.report))]);
    return;
  }
  const [token, unit] = sequence.chance(0.5) ? [baseToken, WAD] : [quoteToken, 3000n * 10n ** 6n];
  const assets = (unit * BigInt(Math.round(sequence.between(1, 60) * 1000))) / 1000n;
  if (kind === "fund") await sequence.send("fund", owner, vault, "fund", [token, assets]);
  else await sequence.send("withdraw", owner, vault, "withdraw", [token, assets / 20n, owner]);
}

/** Between those of the beginning. */
const STRIKES_TO_LIST = [2500, 2700, 2900, 3100, 3300];

/** Sends for the listing of a strike, and returns both of its series. */
async function list(sequence: Sequence): Promise<bigint[]> {
  const { clearinghouse, owner } = sequence.world;
  const expiryAt = expiryIn(sequence.pick(TENORS_TRADED));
  const unlisted = STRIKES_TO_LIST.filter((strike) => !sequence.listed.includes(call(strike, expiryAt)));
  if (unlisted.length === 0) return [];
  const strike = sequence.pick(unlisted);
  await sequence.send("list", owner, clearinghouse, "list", [MARKET, expiryAt, BigInt(strike) * WAD, 0]);
  return sidesOf(strike, expiryAt);
}

/** One block of one to three calls; and another one of the stock of what it listed. */
export async function block(sequence: Sequence, epochs: Epochs, seconds: number): Promise<void> {
  const { book, accounts } = sequence.world;
  await sequence.open(seconds);
  const die = sequence.next();
  let listed: bigint[] = [];
  if (die < 0.15) {
    const live = TENORS_TRADED.map(expiryIn);
    const some = sequence.chance(0.5) ? live : live.filter(() => sequence.chance(0.5));
    await sequence.send("refresh", accounts[1]!, book, "refresh", [some]);
  } else if (die < 0.3) {
    await ownersMove(sequence, epochs);
  } else if (die < 0.45) {
    listed = await list(sequence);
  }
  const trades = Math.floor(sequence.between(die < 0.45 ? 0 : 1, 3));
  for (let i = 0; i < trades; i++) await trade(sequence);
  const [first] = await sequence.close();
  if (listed.length !== 0 && first?.status === 1) await sequence.takeUp(listed);
}

/** Trades of a crowd: what the limits of exposures allow is used up by then. */
const CROWD = 10;

/** A call and a put at one strike of the nearest expiry, which have gamma and next to no delta. */
function straddle(sequence: Sequence, amount: bigint, strikes: readonly number[]): Legs {
  const [expiryAt, strike] = [expiryIn(TENORS_TRADED[0]!), sequence.pick(strikes)];
  return [call, put].map((seriesOf) => ({ series: seriesOf(strike, expiryAt), amount }));
}

/** An honest trader's straddles near spot, all one way, until the book bears little more. */
export async function crowd(sequence: Sequence): Promise<void> {
  const sign = sequence.chance(0.7) ? 1 : -1;
  for (let trades = 0; trades < CROWD; trades++) {
    const amount = options(sign * 2 ** sequence.between(1, 6));
    await sequence.open(1);
    await sequence.trade(sequence.world.accounts[0]!, straddle(sequence, amount, [3000]), "honest");
    await sequence.close();
  }
}

/** A straddle out and back again with a refresh between, as far as the pool takes both. */
export async function straddleAndBack(sequence: Sequence): Promise<void> {
  const { accounts, book } = sequence.world;
  const by = sequence.pick(accounts.slice(1));
  const size = options((sequence.chance(0.5) ? 1 : -1) * 2 ** sequence.between(1, 5));
  const legs = straddle(sequence, size, [2800, 3000, 3000, 3200]);
  await sequence.open(1);
  const isTraded = await sequence.trade(by, legs, "turn");
  await sequence.close();
  if (!isTraded) return;
  await sequence.open(1);
  await sequence.send("refresh", by, book, "refresh", [TENORS_TRADED.map(expiryIn)]);
  await sequence.close();
  await sequence.open(1);
  await sequence.trade(
    by,
    legs.map(({ series, amount }) => ({ series, amount: -amount })),
    "turn",
  );
  await sequence.close();
}

/**
 * Lets spot go almost as far from where the book was refreshed as openings bear, and some of the time pass for which they do: an honest
 * report of then, with a round of the feed as far from it as before.
 */
export async function moveOn(
  sequence: Sequence,
  report: Required<ReportOptions>,
  feed: number,
): Promise<void> {
  const most = TERMS.exposureMaxMoveBps / 1e4;
  const ratio = 1 + most * sequence.pick([1, -1]) * sequence.between(0.6, 0.99);
  const at = sequence.now + Math.round(sequence.between(2, 50));
  const spot = (report.spot * BigInt(Math.round(ratio * 1e9))) / 10n ** 9n;
  await sequence.report({ ...report, at, spot }, feed * ratio);
}

/** Closes what is held: at once, or leg by leg; what a limit forbids stays. */
export async function goHome(sequence: Sequence): Promise<void> {
  const by = sequence.world.accounts[1]!;
  if (sequence.chance(0.5)) {
    const legs = homeward(sequence, 1);
    if (legs.length !== 0) {
      await sequence.open(1);
      await sequence.trade(by, legs, "home");
      await sequence.close();
    }
  }
  for (const leg of homeward(sequence, 1)) {
    await sequence.open(1);
    await sequence.trade(by, [leg], "home");
    await sequence.close();
  }
}
