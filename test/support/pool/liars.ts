/** A quorum of signers who lie as far and as fast as the rate bound lets them, and their friends. */
import { encodeReport } from "@meniscus/sdk/report";
import { sampleReport, signed } from "../surface.ts";
import type { Legs, Sequence } from "./coalition.ts";
import { options } from "./fixture.ts";
import { bestWith } from "./informed.ts";
import { randomLegs } from "./moves.ts";
import type { Truth } from "./truth.ts";

/** A little inside the bound of 50 % of variance an hour. */
const EDGE = Math.sqrt(1.49);
/** The vol that honest signers proved in the hour in which a sequence plays: what the rate bound is measured from. */
const ANCHOR_VOL = 0.6;

/** How many times as high as the true `vol` a report at the edge of the rate bound is. */
export const atEdge = (vol: number, isLow: boolean): number => ((isLow ? 1 / EDGE : EDGE) * ANCHOR_VOL) / vol;

/** Posts a report `times` as high in vol as the truth, in a block of its own. */
export async function lie(sequence: Sequence, truth: Truth, times: number, seconds = 1): Promise<void> {
  const { surface, accounts } = sequence.world;
  const encoded = encodeReport(sampleReport(truth.report(sequence.now + seconds, times)));
  const signatures = await signed(sequence.world, encoded);
  await sequence.open(seconds + 1);
  await sequence.send("lie", accounts[1]!, surface, "post", [encoded, signatures]);
  await sequence.close();
}

/** How many openings of each look are drawn. */
export const DRAWN = 6;

/** Trades of one direction, of all sizes from `least` to 128, and of everything that is held. */
function greedy(sequence: Sequence, isBuying: boolean, least: number): Legs[] {
  const sized = Array.from({ length: DRAWN }, () => {
    const size = options(2 ** sequence.between(Math.log2(least), 7));
    return randomLegs(sequence).map(({ series }) => ({ series, amount: isBuying ? size : -size }));
  });
  const held = [...sequence.held].map(([series, amount]) => ({ series, amount: -amount }));
  const home = held.filter(({ amount }) => amount !== 0n && amount > 0n === isBuying);
  return [...sized, ...home.map((one) => [one])];
}

/** Trades the best of what the lie makes cheap or dear, by the truth, in sizes from `least` on; what it won. */
export async function feast(sequence: Sequence, truth: Truth, isBuying: boolean, least = 1): Promise<bigint> {
  await sequence.open(1);
  const best = await bestWith(sequence, truth, ["0x"], greedy(sequence, isBuying, least));
  const wins = best !== undefined && best.wins > 0n;
  if (wins) await sequence.trade(sequence.world.accounts[1]!, best.legs, "feast");
  const [receipt] = await sequence.close();
  return wins && receipt?.status === 1 ? best.wins : 0n;
}
