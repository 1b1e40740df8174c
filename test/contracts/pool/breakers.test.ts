import { SLICE_STATUSES } from "@meniscus/sdk/pool/terms";
import { encodeReport } from "@meniscus/sdk/report";
import { HEDGER_PARAMETERS } from "@meniscus/sdk/vault/hedge";
import { expect } from "chai";
import { Campaign, dollars } from "../../support/pool/campaign.ts";
import {
  contractOf,
  type Legs,
  SERIES,
  type Sequence,
  TENORS_TRADED,
  type World,
} from "../../support/pool/coalition.ts";
import {
  type AnyContract,
  call,
  DEADLINE,
  expiryIn,
  leg,
  MARKET,
  NO_LIMIT,
  put,
  TERMS,
  WAD,
} from "../../support/pool/fixture.ts";
import { deployFiller, feedsAgain, hedge, renew } from "../../support/pool/minutes.ts";
import { randomLegs } from "../../support/pool/moves.ts";
import { readBook } from "../../support/pool/words.ts";
import { smileWord } from "../../support/slices.ts";
import { QUARANTINE, type ReportOptions, sampleReport, tauAt } from "../../support/surface.ts";
import { ALL, absolute } from "../../support/vault/hedge.ts";

const [SHORTER, FAR] = TENORS_TRADED.slice(1) as [number, number];
const LATER = SERIES.filter((series) => contractOf(series).tenor !== TENORS_TRADED[0]);
const STRADDLE = [call(3000, expiryIn(FAR)), put(3000, expiryIn(FAR))];
/** Trades before what trips, and while it is tripped. */
const [BEFORE, WITHIN] = [4, 8];

/** A run of the coalition. What it did while a breaker tripped is played again to the second in a market in which none did. */
class Play {
  readonly sequence: Sequence;
  readonly report: ReportOptions;
  readonly feed: number;
  readonly filler: AnyContract;
  readonly steps: { at: number; take: (play: Play) => Promise<unknown> }[] = [];

  constructor(begun: { sequence: Sequence; report: ReportOptions; feed: number }, filler: AnyContract) {
    ({ sequence: this.sequence, report: this.report, feed: this.feed } = begun);
    this.filler = filler;
  }
  get world(): World {
    return this.sequence.world;
  }

  /** Takes a step, which is taken again if it came to something; in the other market another one, if given. */
  async step<T>(take: (play: Play) => Promise<T>, calm: (play: Play) => Promise<unknown> = take): Promise<T> {
    const at = this.sequence.now;
    const came = await take(this);
    if (came !== false) this.steps.push({ at, take: calm });
    return came;
  }

  /** What another run did, at the same seconds; and the clock where that one's is. */
  async again({ steps, sequence }: Play): Promise<void> {
    for (const { at, take } of steps) {
      this.sequence.now = at;
      await take(this);
    }
    if (this.sequence.now === sequence.now) return;
    this.sequence.now = sequence.now - 1;
    await this.sequence.open(1);
    await this.sequence.close();
  }

  /** Whether a trade went through. */
  trade(legs: Legs): Promise<boolean> {
    return this.step(async ({ sequence }) => {
      const by = sequence.world.accounts[1]!;
      await sequence.open(1);
      const { refusal } = await sequence.quote(legs);
      if (refusal === "None")
        await sequence.send(
          "trade",
          by,
          sequence.world.pool,
          "trade",
          [legs, NO_LIMIT, DEADLINE, by, "0x"],
          legs,
        );
      const [receipt] = await sequence.close();
      return receipt?.status === 1;
    });
  }

  mark(): Promise<void> {
    return this.step(async ({ sequence, report }) => {
      await renew(sequence, report);
      const { owner, vault } = sequence.world;
      await sequence.open(1);
      const marked = encodeReport(sampleReport({ ...report, at: sequence.now - 2 }));
      await sequence.send("mark", owner, vault, "mark", [marked]);
      const [receipt] = await sequence.close();
      expect(receipt!.status, "mark").to.equal(1);
    });
  }

  /** Fills all of the vault's hedge out of the coalition's pocket; as much of it in the other market. */
  async hedge(): Promise<void> {
    const { sequence, filler, report } = this;
    const at = sequence.now;
    const filled = await hedge(sequence, filler, report, ALL);
    if (filled !== 0n)
      this.steps.push({ at, take: (play) => hedge(play.sequence, filler, report, absolute(filled)) });
  }

  renew(): Promise<void> {
    return this.step(({ sequence, report }) => renew(sequence, report));
  }

  refresh(): Promise<void> {
    return this.step(async ({ sequence }) => {
      await sequence.open(1);
      const { owner, book } = sequence.world;
      await sequence.send("refresh", owner, book, "refresh", [TENORS_TRADED.map(expiryIn)]);
      await sequence.close();
    });
  }

  /** Hedges and closes all that is held. */
  async home(): Promise<void> {
    await this.renew();
    await this.refresh();
    await this.hedge();
    for (const [series, held] of [...this.sequence.held]) {
      if (held === 0n) continue;
      await this.renew();
      await this.trade([{ series, amount: -held }]);
    }
  }
}

/** A breaker: how tight it is set in either market, what trips it, what tells that it has tripped, what the coalition trades, and the reset. */
interface Breaker {
  name: string;
  setUp?(world: World, isTight: boolean): Promise<unknown>;
  trip(play: Play): Promise<void>;
  isTripped(play: Play): Promise<boolean>;
  reset(play: Play): Promise<void>;
}

const statusOf = async ({ world }: Play) =>
  SLICE_STATUSES[Number(await world.surface.sliceStatus!(MARKET, expiryIn(FAR)))]!;

/** A pair that crosses at k = 0.33, two deviations of the shorter, which the checks of a post do not see. */
const crossing = (at: number): Record<number, bigint> => {
  const word = (tenor: number, vol: number, wing: number, sigma: number) =>
    smileWord({ vol, tau: tauAt(expiryIn(tenor), at), reportAt: at, wing, sigma, rho: 0, m: 0 });
  return { [SHORTER]: word(SHORTER, 0.6, 0.4, 0.5), [FAR]: word(FAR, 0.327, 0.5, 4) };
};

/** Two reports that agree, a quarantine apart. */
async function proven(play: Play): Promise<void> {
  await play.renew();
  play.sequence.now += QUARANTINE + 30;
  for (let i = 0; i < 2; i++) {
    await play.renew();
    play.sequence.now += 20;
  }
}

/** Straddles bought in one epoch; the next has begun. */
async function straddles(play: Play): Promise<void> {
  for (let i = 0; i < 7; i++) for (const series of STRADDLE) await play.trade([leg(series, 12)]);
  await play.mark();
}

const setTerms = (world: World, more: Partial<typeof TERMS>) => world.book.setTerms!({ ...TERMS, ...more });

const BREAKERS: Breaker[] = [
  {
    name: "the rate bound",
    trip: async (play) => {
      await straddles(play);
      await play.step(
        ({ sequence, report }) =>
          sequence.report({ ...report, at: sequence.now + 1, vol: report.vol! * 1.5 }),
        ({ sequence, report }) => renew(sequence, report),
      );
    },
    isTripped: async (play) => (await statusOf(play)) === "Unproven",
    reset: proven,
  },
  {
    name: "a challenge",
    trip: async (play) => {
      await straddles(play);
      // In either market: what the shorter one's wings let through within the rate bound is none of the challenge's.
      await play.step(({ sequence, report }) => {
        const at = sequence.now + 1;
        return sequence.report({ ...report, at, words: crossing(at) });
      });
      const { accounts, surface } = play.world;
      await play.sequence.open(1);
      await play.sequence.send("challenge", accounts[1]!, surface, "challenge", [
        MARKET,
        expiryIn(FAR),
        33n * 10n ** 16n,
      ]);
      await play.sequence.close();
    },
    isTripped: async (play) => (await statusOf(play)) === "Retired",
    reset: proven,
  },
  {
    name: "the allowance of exits",
    setUp: (world, isTight) => setTerms(world, { epochExitsBps: isTight ? 200 : 10_000 }),
    trip: async (play) => {
      await straddles(play);
      for (const series of STRADDLE) await play.trade([{ series, amount: -play.sequence.held.get(series)! }]);
    },
    isTripped: async ({ world }) => {
      const { equityLow, epochExits } = await readBook(world);
      const { epochExitsBps } = await world.book.terms!();
      return epochExits >= (equityLow * epochExitsBps) / 10_000n - 10n ** 13n;
    },
    reset: (play) => play.mark(),
  },
  {
    name: "the epoch's outflow",
    setUp: (world, isTight) => setTerms(world, { epochOutflowBps: isTight ? 500 : 5000 }),
    trip: async (play) => {
      while (await play.trade([leg(put(3000), 4)])) await play.renew();
    },
    isTripped: async ({ sequence }) =>
      (await sequence.quote([leg(put(3000), 4)])).refusal === "OutflowOfEpoch",
    reset: (play) => play.mark(),
  },
  {
    name: "the hedge's loss cap",
    setUp: ({ hedger }, isTight) =>
      hedger.setParameters!({
        ...HEDGER_PARAMETERS,
        startPpm: 0,
        duration: 60,
        lossCapPpm: isTight ? 100 : 10_000,
      }),
    trip: async (play) => {
      for (let i = 0; i < 3; i++) {
        await play.renew();
        await play.trade([leg(call(2600), 35)]);
        await play.hedge();
      }
    },
    isTripped: async ({ world }) => {
      const { equityLow } = await readBook(world);
      const { lossCapPpm } = await world.hedger.parameters!();
      return (await world.hedger.epochLoss!()) >= (equityLow * lossCapPpm) / 1_000_000n;
    },
    reset: async (play) => {
      const nine = Math.floor(play.sequence.now / 86_400) * 86_400 + 33 * 3600;
      play.sequence.now = nine + 60;
      await play.step(({ sequence, feed }) => feedsAgain(sequence, feed));
    },
  },
];

/** Any trade but of the next day's expiry, or a part of what is held, sold back. */
function drawn(sequence: Sequence): Legs {
  const long = [...sequence.held].filter(([, amount]) => amount > WAD / 10n);
  if (long.length === 0 || sequence.chance(0.5)) return randomLegs(sequence, LATER);
  const [series, amount] = sequence.pick(long);
  return [{ series, amount: (-amount * BigInt(Math.round(sequence.between(100, 1000)))) / 1000n }];
}

describe("Breakers", function () {
  this.timeout(0);

  for (const { name, setUp, trip, isTripped, reset } of BREAKERS)
    it(`K6: to trip ${name} and have it reset wins nothing beside the same trades where it did not trip`, async () => {
      let filler!: AnyContract;
      const campaign = await Campaign.deploy(async (world) => {
        filler = await deployFiller(world);
      });
      let [most, within, judged] = [-(10n ** 30n), 0, 0];
      const begin = async (seed: bigint, isTight: boolean) => {
        const play = new Play(await campaign.begin(seed, 0, 4), filler);
        await setUp?.(play.world, isTight);
        play.sequence.now += 5;
        return play;
      };
      for (const seed of campaign.seeds(1_000_000, 1, 40)) {
        const tripped = await begin(seed, true);
        const told = () => `seed ${seed}\n${tripped.sequence.log.join("\n")}`;
        for (let i = 0; i < BEFORE; i++) await tripped.trade(drawn(tripped.sequence));
        await trip(tripped);
        campaign.counts.sequences += 1;
        // What was drawn before may have left no room for it.
        if (!(await isTripped(tripped))) continue;
        judged += 1;
        for (let i = 0; i < WITHIN; i++) within += Number(await tripped.trade(drawn(tripped.sequence)));
        await reset(tripped);
        expect(await isTripped(tripped), `reset ${told()}`).to.equal(false);
        await tripped.home();
        const won = await tripped.sequence.result();

        const control = await begin(seed, false);
        await control.again(tripped);
        expect(await isTripped(control), `control ${told()}`).to.equal(false);
        expect(control.sequence.trades, `control ${told()}`).to.equal(tripped.sequence.trades);
        const beside = won - (await control.sequence.result());
        if (beside > most) most = beside;
        expect(beside, `${told()}\ncontrol\n${control.sequence.log.join("\n")}`).to.be.at.most(0n);
      }
      expect(judged, "tripped").to.be.at.least(Math.ceil(0.7 * campaign.counts.sequences));
      campaign.tell(
        `${within} trades while tripped; at most ${dollars(most)} beside a market where nothing tripped`,
      );
      expect(campaign.counts.reverted).to.equal(0);
    });
});
