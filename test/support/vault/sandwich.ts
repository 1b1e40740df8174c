/**
 * Whoever plays all roles at once around a cut-off: provider of both assets, trader, filler of hedges, giver, and the one who picks which of the
 * signers' reports is posted first. Spot and the options' total variance stand still but for the reports' noise, so whoever wins has taken it
 * from the providers.
 */
import {
  type AnyContract,
  as,
  call,
  EXPIRY,
  networkHelpers,
  put,
  refreshAll,
  USD,
  WAD,
} from "../pool/fixture.ts";
import { renewFeeds } from "../pool/situations.ts";
import { eventsOf } from "../pool/words.ts";
import type { EpochResult } from "./agreement.ts";
import { ALL, absolute, fill, type HedgeMarket, planAt, tick } from "./hedge.ts";
import {
  claimAssets,
  claimShares,
  close,
  cutOffIn,
  report,
  requestDeposit,
  requestRedeem,
  SIDES,
  type Side,
  UNIT,
  type VaultMarket,
} from "./market.ts";

const SPOT = 3000;
/** By how much reports of one minute differ: of spot, and in vol. */
export const NOISE = { spot: 0.0008, vol: 0.003 };
const STRIKES = [2600, 2800, 3000, 3200, 3400];
export const SERIES = STRIKES.flatMap((strike) => [call(strike), put(strike)]);
/** The first cut-off that is attacked, and the last by which all should be out. */
export const [FIRST, LAST] = [2, 7];

export type SandwichMarket = VaultMarket & Pick<HedgeMarket, "own">;

/** The vol at which an option of {@link EXPIRY} is worth what it was at the start. */
const volAt = (at: number): number => 0.6 * Math.sqrt((EXPIRY - cutOffIn(1)) / (EXPIRY - at));

export class Sandwich {
  readonly market: SandwichMarket;
  readonly next: () => number;
  readonly noise: typeof NOISE;
  readonly log: string[] = [];
  /** What rent came to the attacker's shares while he was in: base and quote, WAD. */
  readonly rent: Record<Side, bigint> = { base: 0n, quote: 0n };
  readonly counts: Record<string, number> = {};

  constructor(market: SandwichMarket, next: () => number, noise = NOISE) {
    this.market = market;
    this.next = next;
    this.noise = noise;
  }
  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)]!;
  }
  #did(what: string, detail = ""): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
    this.log.push(`${what} ${detail}`);
  }
  #scatter = (size: number): number => (2 * this.next() - 1) * size;

  /** A report of now, with the noise that the attacker chose among those there are, the feeds beside it, the whole book refreshed. */
  async look(at: number, isNoisy = true) {
    const { market } = this;
    await renewFeeds(market, at - 60, BigInt(SPOT) * USD);
    const spot = SPOT * (1 + (isNoisy ? this.#scatter(this.noise.spot) : 0));
    const vol = volAt(at) + (isNoisy ? this.#scatter(this.noise.vol) : 0);
    const posted = await report(market, at, { spot, vol });
    await refreshAll(market);
    await networkHelpers.mine();
    return posted;
  }

  /** Base and quote that the attacker has in hand, WAD. */
  async hand(): Promise<Record<Side, bigint>> {
    const { tokens, owner, own } = this.market;
    const of = async (side: Side) =>
      ((await tokens[side].balanceOf!(owner)) as bigint) + ((await tokens[side].balanceOf!(own)) as bigint);
    return { base: await of("base"), quote: (await of("quote")) * 10n ** 12n };
  }

  /** One step before a cut-off. */
  async act(): Promise<void> {
    const steps: [number, () => Promise<void>][] = [
      [0.22, () => this.#ask()],
      [0.3, () => this.#cancel()],
      [0.42, () => this.#leave()],
      [0.66, () => this.#buy()],
      [1, () => this.#disturb()],
    ];
    const dice = this.next();
    await steps.find(([below]) => dice < below)![1]();
  }

  /** One step that may be taken between a cut-off and its mark as well. */
  async #disturb(): Promise<void> {
    const dice = this.next();
    if (dice < 0.35) return this.sell(this.next() < 0.5 ? 1 : this.next());
    if (dice < 0.7) return this.#hedge();
    if (dice < 0.85) return this.#donate();
    await refreshAll(this.market);
    await networkHelpers.mine();
    this.#did("refresh");
  }

  async #ask(): Promise<void> {
    const { market } = this;
    const side = this.pick(SIDES);
    if (!(await market.tranches[side].queue!()).depositsOpen) return;
    const size = BigInt(Math.round(1 + 400 * this.next() ** 2));
    await requestDeposit(market, side, market.owner, size * (side === "base" ? WAD : 3000n * UNIT));
    this.#did("deposit", `${size} of ${side}`);
  }

  async #cancel(): Promise<void> {
    const { owner, tranches } = this.market;
    const side = this.pick(SIDES);
    const tranche = as(owner, tranches[side]);
    if ((await tranche.pendingDepositRequest!(0, owner)) > 0n) {
      await tranche.cancelDepositRequest!(0, owner);
      await tranche.claimCancelDepositRequest!(0, owner, owner);
      this.#did("cancelled deposit", side);
    } else if ((await tranche.pendingRedeemRequest!(0, owner)) > 0n) {
      await tranche.cancelRedeemRequest!(0, owner);
      await tranche.claimCancelRedeemRequest!(0, owner, owner);
      this.#did("cancelled withdrawal", side);
    }
  }

  async #leave(part = this.next()): Promise<void> {
    const { market } = this;
    for (const side of SIDES) {
      const held: bigint = await market.tranches[side].balanceOf!(market.owner);
      const shares = part >= 1 ? held : (held * BigInt(Math.floor(part * 1000))) / 1000n;
      if (held === 0n || (shares < held && shares < (side === "base" ? WAD : UNIT))) continue;
      await requestRedeem(market, side, market.owner, shares);
      this.#did("withdrawal", side);
    }
  }

  async #trade(legs: { series: bigint; amount: bigint }[], what: string): Promise<boolean> {
    const { pool, owner } = this.market;
    await networkHelpers.mine();
    await tick();
    if ((await pool.quote!(legs, { blockTag: "pending" })).refusal !== 0n) {
      this.#did("refused", what);
      return false;
    }
    await as(owner, pool).trade!(legs, 2n ** 200n, 2n ** 40n, owner, "0x");
    this.#did(what, `${Number(legs[0]!.amount) / 1e18} of ${SERIES.indexOf(legs[0]!.series)}`);
    return true;
  }

  async #buy(): Promise<void> {
    const amount = BigInt(Math.round(1 + 80 * this.next() ** 2)) * WAD;
    await this.#trade([{ series: this.pick(SERIES), amount }], "buy");
  }

  async sell(part: number): Promise<void> {
    const { clearinghouse, owner } = this.market;
    for (const series of SERIES) {
      const held: bigint = await clearinghouse.balanceOf!(owner, series);
      const amount = part >= 1 ? held : (held * BigInt(Math.floor(part * 100))) / 100n;
      if (amount > WAD / 100n) await this.#trade([{ series, amount: -amount }], "sale");
    }
  }

  async #donate(): Promise<void> {
    const { vault, book, pool, clearinghouse, tranches, tokens, owner } = this.market;
    const side = this.pick(SIDES);
    const target: AnyContract = this.pick([vault, book, pool, clearinghouse, tranches.base, tranches.quote]);
    await as(owner, tokens[side]).transfer!(target, side === "base" ? WAD / 1000n : UNIT);
    this.#did("donation", side);
  }

  /** Opens the auction, or fills what is there. */
  async #hedge(): Promise<void> {
    const { market } = this;
    await networkHelpers.mine();
    const { obstacle, amount, minimum } = await planAt(market as unknown as HedgeMarket);
    if (obstacle !== "None") return;
    const size = absolute(amount);
    const part =
      this.next() < 0.6 ? ALL : minimum + ((size - minimum) * BigInt(Math.round(this.next() * 99))) / 100n;
    await fill(market as unknown as HedgeMarket, amount > 0n ? part : -part);
    this.#did("hedge");
  }

  /** A day: what is done before its cut-off, the report that is posted first, what is done before the mark, and the mark. */
  async day(day: number, steps: number, isLast = false): Promise<void> {
    const { market } = this;
    await this.look(cutOffIn(day) - 900);
    for (let i = 0; i < steps; i++) await this.act();
    if (isLast) {
      await this.sell(1);
      await this.#leave(1);
    }
    const posted = await this.look(cutOffIn(day) + 120, !isLast);
    for (let i = Math.floor(this.next() * 3); i > 0 && !isLast; i--) await this.#disturb();
    const before = await this.#shares();
    const receipt = await close(market, posted);
    const result = eventsOf(market.vault, receipt).find(({ name }) => name === "EpochClosed")!.args
      .result as EpochResult;
    for (const side of SIDES)
      this.rent[side] += (result[side].rent * before[side].own + before[side].all - 1n) / before[side].all;
    for (const side of SIDES) {
      await claimShares(market, side, market.owner);
      await claimAssets(market, side, market.owner);
    }
  }

  async #shares(): Promise<Record<Side, { own: bigint; all: bigint }>> {
    const { tranches, owner } = this.market;
    const of = async (side: Side) => {
      const [held, waiting, all] = (await Promise.all([
        tranches[side].balanceOf!(owner),
        tranches[side].pendingRedeemRequest!(0, owner),
        tranches[side].totalSupply!(),
      ])) as [bigint, bigint, bigint];
      return { own: held + waiting, all: all + 1000n };
    };
    return { base: await of("base"), quote: await of("quote") };
  }

  /** Whether nothing of the attacker's is left in tranches and options. */
  async isOut(): Promise<boolean> {
    const { clearinghouse, owner } = this.market;
    const shares = await this.#shares();
    if (shares.base.own > UNIT || shares.quote.own > 0n) return false;
    for (const series of SERIES)
      if ((await clearinghouse.balanceOf!(owner, series)) > WAD / 100n) return false;
    return true;
  }
}
