/** A quorum of signers who lie as far and as fast as the rate bound lets them, and their friends. */
import { encodeReport } from "@meniscus/sdk/report";
import { sampleReport, signed } from "../surface.ts";
import type { Legs, Sequence } from "./coalition.ts";
import { options } from "./fixture.ts";
import { bestWith } from "./informed.ts";
import { randomLegs } from "./moves.ts";
import type { Truth } from "./truth.ts";

/** A little inside the bound of 50 % of variance an hour. */
export const EDGE = Math.sqrt(1.49);

/** Posts a report `times` as high in vol as the truth, in a block of its own. */
export async function lie(sequence: Sequence, truth: Truth, times: number, seconds = 1): Promise<void> {
  const { surface, accounts } = sequence.world;
  const encoded = encodeReport(sampleReport(truth.report(sequence.now + seconds, times)));
  const signatures = await signed(sequence.world, encoded);
  await sequence.open(seconds + 1);
  await sequence.send("lie", accounts[1]!, surface, "post", [encoded, signatures]);
  await sequence.close();
}

/** Trades of one direction, of all sizes and up to everything that is held. */
function greedy(sequence: Sequence, isBuying: boolean): Legs[] {
  const sized = Array.from({ length: 6 }, () => {
    const size = options(2 ** sequence.between(0, 7));
    return randomLegs(sequence).map(({ series }) => ({ series, amount: isBuying ? size : -size }));
  });
  const held = [...sequence.held].map(([series, amount]) => ({ series, amount: -amount }));
  const home = held.filter(({ amount }) => amount !== 0n && amount > 0n === isBuying);
  return [...sized, ...home.map((one) => [one])];
}

/** Trades the best of what the lie makes cheap or dear, by the truth; what it won. */
export async function feast(sequence: Sequence, truth: Truth, isBuying: boolean): Promise<bigint> {
  await sequence.open(1);
  const best = await bestWith(sequence, truth, ["0x"], greedy(sequence, isBuying));
  const wins = best !== undefined && best.wins > 0n;
  if (wins) await sequence.trade(sequence.world.accounts[1]!, best.legs, "feast");
  const [receipt] = await sequence.close();
  return wins && receipt?.status === 1 ? best.wins : 0n;
}
