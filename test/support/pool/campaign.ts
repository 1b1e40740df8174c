/** Where every sequence of a coalition begins, how many there are, and how they tell what they tried. */
import { encodeReport } from "@meniscus/sdk/report";
import { ROLES } from "@meniscus/sdk/roles";
import { type ReportOptions, sampleReport } from "../surface.ts";
import { type Counts, deployWorld, noCounts, Sequence, TENORS_TRADED, type World } from "./coalition.ts";
import { expiryIn, MARKET, networkHelpers, WAD } from "./fixture.ts";
import { randomLegs } from "./moves.ts";

export const isDeep = process.env.MENISCUS_DEEP === "1";
const SEED = BigInt(process.env.MENISCUS_SEED ?? 7);

/** A campaign's market, made once and restored for every sequence. */
export class Campaign {
  readonly world: World;
  readonly counts: Counts = noCounts();
  readonly #restore: () => Promise<void>;

  constructor(world: World, restore: () => Promise<void>) {
    this.world = world;
    this.#restore = restore;
  }

  /** `prepare` adds what every sequence finds besides. */
  static async deploy(prepare?: (world: World) => Promise<void>): Promise<Campaign> {
    const world = await deployWorld();
    await prepare?.(world);
    await world.control.grantRole!(ROLES.guardian, world.owner, 0);
    const snapshot = await networkHelpers.takeSnapshot();
    return new Campaign(world, () => snapshot.restore());
  }

  /** Seeds of one mode of a campaign: `offset` keeps the modes apart. */
  seeds(offset: number, usual: number, deep: number): bigint[] {
    const from = SEED * 1_000_000n + BigInt(offset);
    const count = Number(process.env.MENISCUS_SEQUENCES ?? (isDeep ? deep : usual));
    return Array.from({ length: count }, (_, i) => from + BigInt(i));
  }

  /**
   * A book as up to `honest` trades left it, then a report of other vol and spot, a mark and a refresh: what a coalition may find. With a
   * chance of `late`, an hour and so many seconds before the first expiry as drawn within `ahead`.
   */
  async begin(
    seed: bigint,
    late: number,
    honest = 12,
    ahead: readonly [number, number] = [30, 130],
    vols: readonly [number, number] = [0.57, 0.63],
  ): Promise<{ sequence: Sequence; report: Required<ReportOptions>; feed: number }> {
    await this.#restore();
    const sequence = new Sequence(this.world, this.counts, seed, await networkHelpers.time.latest());
    const { accounts, vault, owner } = this.world;
    const vol = sequence.between(...vols);
    // Two, so that a vol out of its bound is proven by the report after the wait.
    for (const seconds of [50, 10]) await sequence.report({ at: sequence.now + seconds, vol });
    await this.refresh(sequence);
    for (let trades = Math.floor(sequence.between(0, honest)); trades > 0; trades--) {
      await sequence.open(1);
      await sequence.trade(accounts[0]!, randomLegs(sequence), "honest");
      await sequence.close();
    }
    if (sequence.chance(late)) await this.#wait(sequence, ahead);
    const spot = Math.round(sequence.between(2960, 3040));
    const at = sequence.now + 10;
    const report = {
      at,
      vol: vol * sequence.between(0.97, 1.03),
      spot: BigInt(spot) * WAD,
      words: {},
      tenors: TENORS_TRADED,
    };
    const feed = spot * sequence.between(0.996, 1.004);
    await sequence.report(report, feed);
    await sequence.open(1);
    await sequence.send("mark", owner, vault, "mark", [encodeReport(sampleReport(report))]);
    await sequence.close();
    await this.refresh(sequence);
    return { sequence, report, feed };
  }

  async #wait(sequence: Sequence, ahead: readonly [number, number]): Promise<void> {
    const { baseFeed, quoteFeed, spot } = this.world;
    sequence.now = expiryIn(TENORS_TRADED[0]!) - 3600 - Math.floor(sequence.between(...ahead));
    await baseFeed.transmit(3000n * 10n ** 8n, sequence.now);
    await quoteFeed.transmit(10n ** 8n, sequence.now + 1);
    sequence.now += 2;
    await networkHelpers.time.setNextBlockTimestamp(sequence.now);
    await spot.poke!(MARKET);
  }

  /** The whole book, in a block of its own. */
  async refresh(sequence: Sequence): Promise<void> {
    await sequence.open(1);
    const { owner, book } = this.world;
    await sequence.send("refresh", owner, book, "refresh", [TENORS_TRADED.map(expiryIn)]);
    await sequence.close();
  }

  /** One line of what was tried. */
  tell(found: string): void {
    const { sequences, calls, effective, reverted, byKind, refused } = this.counts;
    const list = (of: Record<string, number>) =>
      Object.entries(of)
        .map(([name, count]) => `${count} ${name}`)
        .join(", ");
    const share = ((100 * reverted) / Math.max(calls, 1)).toFixed(1);
    console.log(`        ${sequences} sequences from seed ${SEED}, ${calls} calls (${list(byKind)})`);
    console.log(
      `        ${effective} effective, ${share} % reverted; asked and refused: ${list(refused) || "none"}`,
    );
    console.log(`        ${found}`);
  }
}

export const dollars = (assets: bigint | number): string => `${(Number(assets) / 1e6).toFixed(6)} USD`;
