/** A coalition against the pool: its accounts and their stock of options, calls in blocks of its choice, what it is worth. */
import { SETTLEMENT_WINDOW_SECONDS } from "@meniscus/sdk/clock";
import { encodeReport } from "@meniscus/sdk/report";
import { seriesOfId } from "@meniscus/sdk/series";
import type { TransactionReceipt } from "ethers";
import { uniform } from "../../contracts/pricing/points.ts";
import { DAY, type ReportOptions, sampleReport, signed } from "../surface.ts";
import {
  type Account,
  type AnyContract,
  as,
  call,
  DEADLINE,
  ethers,
  expiryIn,
  LIMITS_OF_BOOK,
  MARKET,
  type Market,
  NO_LIMIT,
  networkHelpers,
  openMarket,
  options,
  put,
  USD,
  WAD,
} from "./fixture.ts";
import { errorOf, eventsOf, whyOf } from "./words.ts";

export type Legs = { series: bigint; amount: bigint }[];

/** An honest trader's accounts and the coalition's: who sells has written what he sells before, with cover of his own. */
export const ACCOUNTS = 4;
const STOCK = 1000;
export const TENORS_TRADED = [1, 25, 88];
export const STRIKES_TRADED = [2600, 2800, 3000, 3200, 3400];
/** Both sides of one strike. */
export const sidesOf = (strike: number, expiryAt: number): bigint[] => [
  call(strike, expiryAt),
  put(strike, expiryAt),
];

/** What is listed at the beginning. */
export const SERIES = TENORS_TRADED.flatMap((tenor) =>
  STRIKES_TRADED.flatMap((strike) => sidesOf(strike, expiryIn(tenor))),
);

/** Days from the start to its expiry, whole strike and side of a series. */
export function contractOf(series: bigint): { tenor: number; strike: number; isPut: boolean } {
  const { expiryAt, strike, isPut } = seriesOfId(series);
  return { tenor: (expiryAt - expiryIn(0)) / DAY, strike: Number(strike / WAD), isPut };
}

export interface World extends Market {
  /** The honest trader first, then the coalition. */
  accounts: Account[];
  /** Writes their stock. */
  writer: Account;
}

/** The market with an account each for an honest trader and the coalition, who hold stock of every series; the owner is neither. */
export async function deployWorld(): Promise<World> {
  const market = await openMarket({
    strikes: STRIKES_TRADED.map((strike) => BigInt(strike) * WAD),
    tenors: TENORS_TRADED,
  });
  const signers = (await ethers.getSigners()) as Account[];
  const [accounts, writer] = [signers.slice(3, 3 + ACCOUNTS), signers[8]!];
  const { baseToken, quoteToken, clearinghouse } = market;
  for (const account of [...accounts, writer]) {
    await baseToken.mint!(account, 10n ** 6n * WAD);
    await quoteToken.mint!(account, 10n ** 15n);
    for (const token of [baseToken, quoteToken])
      for (const spender of [market.pool, clearinghouse])
        await as(account, token).approve!(spender, ethers.MaxUint256);
    await as(account, clearinghouse).setOperator!(market.pool, true);
  }
  await as(writer, clearinghouse).deposit!(baseToken, 10n ** 6n * WAD, writer);
  await as(writer, clearinghouse).deposit!(quoteToken, 10n ** 15n, writer);
  const world = { ...market, accounts, writer };
  for (const series of SERIES) await stock(world, series);
  return world;
}

/** Gives each account its stock of a series. */
async function stock({ clearinghouse, accounts, writer }: World, series: bigint): Promise<void> {
  for (const account of accounts)
    await as(writer, clearinghouse).mint!(series, options(STOCK), writer, account);
}

export interface Counts {
  sequences: number;
  calls: number;
  effective: number;
  /** Of calls that should have passed. */
  reverted: number;
  /** Trades that the pool said it would refuse: of the coalition's half are sent all the same, as `refused`. */
  refused: Record<string, number>;
  byKind: Record<string, number>;
}
export const noCounts = (): Counts => ({
  sequences: 0,
  calls: 0,
  effective: 0,
  reverted: 0,
  refused: {},
  byKind: {},
});

/** By what name the contracts refused a call; whatever else went wrong is thrown on. */
export function refusalOf({ pool, book, clearinghouse, surface }: World, error: unknown): string {
  const { name, args } = errorOf([pool, book, clearinghouse, surface], error);
  if (name === "Pool_Refused") return whyOf({ refusal: args[0], limit: args[3] });
  return name === "Book_LimitExceeded" ? LIMITS_OF_BOOK[Number(args[0])]! : name;
}

export const count = (counts: Record<string, number>, name: string): void => {
  counts[name] = (counts[name] ?? 0) + 1;
};

/** One sequence: a clock, blocks of calls, and the coalition's books. */
export class Sequence {
  readonly world: World;
  readonly counts: Counts;
  readonly next: () => number;
  now: number;
  /** What may be traded both ways: near its end a series cannot be bought back. */
  tradable: readonly bigint[] = SERIES;
  /** What was listed on the way. */
  listed: readonly bigint[] = [];
  /** Called after each trade, its block still open. */
  onTrade: (() => Promise<void>) | undefined;
  /** What the coalition holds more than at the beginning, by series. */
  readonly held = new Map<bigint, bigint>();
  /** How many trades of the coalition went through; what it paid, net, in quote assets, and got in base. */
  trades = 0;
  paid = 0n;
  baseGot = 0n;
  /** Fees and spreads paid, and impact of the last trade: WAD. */
  fees = 0n;
  lastImpact = 0n;
  /** The most that the options which it only bought can pay, less what it paid for them: WAD. */
  atStake = 0n;
  readonly log: string[] = [];
  #pending: { kind: string; hash: string; legs: Legs | undefined }[] = [];

  constructor(world: World, counts: Counts, seed: bigint, now: number) {
    this.world = world;
    this.counts = counts;
    this.next = uniform(seed);
    this.now = now;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.next() * from.length)]!;
  }
  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }
  chance(share: number): boolean {
    return this.next() < share;
  }

  /** Opens a block at `seconds` from the last one. */
  async open(seconds: number): Promise<void> {
    this.now += Math.max(1, Math.round(seconds));
    await ethers.provider.send("evm_setAutomine", [false]);
    await networkHelpers.time.setNextBlockTimestamp(this.now);
  }

  /** Takes up what has been listed: everybody gets his stock of it. In a block of its own. */
  async takeUp(series: readonly bigint[]): Promise<void> {
    await this.open(1);
    for (const one of series) await stock(this.world, one);
    await ethers.provider.send("evm_mine", []);
    await ethers.provider.send("evm_setAutomine", [true]);
    this.tradable = [...this.tradable, ...series];
    this.listed = [...this.listed, ...series];
  }

  /** Sends a call into the open block, in this order. */
  async send(kind: string, by: Account, contract: AnyContract, method: string, args: unknown[], legs?: Legs) {
    const fee = 10n ** 9n * BigInt(100 - this.#pending.length);
    const overrides = { gasLimit: 4_000_000n, maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: fee };
    const { hash } = await as(by, contract)[method]!(...args, overrides);
    this.#pending.push({ kind, hash, legs });
  }

  /** Mines the block and books what came of it. */
  async close(): Promise<TransactionReceipt[]> {
    const sent = this.#pending;
    this.#pending = [];
    await ethers.provider.send("evm_mine", []);
    await ethers.provider.send("evm_setAutomine", [true]);
    const receipts = [];
    for (const { kind, legs, hash } of sent) {
      const receipt = (await ethers.provider.getTransactionReceipt(hash))!;
      this.counts.calls += 1;
      count(this.counts.byKind, kind);
      this.log.push(`${this.now} ${kind} ${receipt.status === 1 ? "" : "reverted "}${describe(legs)}`);
      if (receipt.status === 1) this.counts.effective += 1;
      else if (kind !== "refused") this.counts.reverted += 1;
      if (receipt.status === 1 && legs !== undefined && kind !== "honest") this.#book(receipt, legs);
      receipts.push(receipt);
    }
    return receipts;
  }

  /** Books a fill of the vault's hedge by the coalition: base and quote that the vault got, WAD. */
  bookFill({ base, quote }: { base: bigint; quote: bigint }): void {
    this.paid += quote / 10n ** 12n;
    this.baseGot -= base;
    this.log.push(`  filled ${Number(base) / 1e18} for ${Number(quote) / 1e18}`);
  }

  #book(receipt: TransactionReceipt, legs: Legs): void {
    const event = eventsOf(this.world.pool, receipt).find(({ name }) => name === "Traded")!;
    this.trades += 1;
    this.paid += event.args.premium;
    this.baseGot += event.args.baseProceeds;
    this.lastImpact = event.args.parts.impact;
    this.fees += event.args.parts.fee + event.args.parts.spread;
    if (legs.every(({ amount }) => amount > 0n))
      this.atStake += mostPaid(legs, event.args.parts.spotHigh) - event.args.premium * 10n ** 12n;
    this.log.push(`  cost ${event.args.premium} parts ${event.args.parts}`);
    for (const { series, amount } of legs) this.held.set(series, (this.held.get(series) ?? 0n) + amount);
  }

  /**
   * What the pool asks, in quote assets, the base that it pays besides, at its lowest spot in quote assets, and sum q V at that spot
   * and current slices, WAD.
   */
  async quote(
    legs: Legs,
    blockTag = "pending",
  ): Promise<{ refusal: string; cost: bigint; inBase: bigint; value: bigint }> {
    const quoted = await this.world.pool.quote!(legs, { blockTag });
    const valued: { value: bigint }[] = [...quoted.legs];
    const value = valued.reduce((sum, leg, i) => sum + (legs[i]!.amount * leg.value) / WAD, 0n);
    const inBase = ((quoted.baseProceeds as bigint) * (quoted.parts.spotLow as bigint)) / WAD / 10n ** 12n;
    return { refusal: whyOf(quoted), cost: quoted.cost, inBase, value };
  }

  /** Trades in the open block; whether the pool said that it would pass. Of what it would refuse half is sent all the same (P8). */
  async trade(by: Account, legs: Legs, kind = "trade", report = "0x"): Promise<boolean> {
    const { pool } = this.world;
    const args = [legs, NO_LIMIT, DEADLINE, by, report];
    if (report === "0x") {
      const { refusal } = await this.quote(legs);
      if (refusal !== "None") {
        count(this.counts.refused, refusal);
        if (kind !== "honest" && this.chance(0.5)) await this.send("refused", by, pool, "trade", args, legs);
        return false;
      }
    }
    await this.send(kind, by, pool, "trade", args, legs);
    await this.onTrade?.();
    return true;
  }

  /** A new report by honest signers, posted in a block of its own; the feed's round before it. */
  async report(options: ReportOptions, feed?: number): Promise<void> {
    if (feed !== undefined) {
      this.now += 1;
      await this.world.baseFeed.transmit(BigInt(Math.round(feed * 1e4)) * (USD / 10_000n), this.now);
    }
    const encoded = encodeReport(sampleReport(options));
    const signatures = await signed(this.world, encoded);
    this.now = Math.max(this.now, options.at) + 1;
    await networkHelpers.time.setNextBlockTimestamp(this.now);
    await this.world.surface.post!(encoded, signatures);
  }

  /** q V at the last report's spot and slice, WAD. */
  async #midOf(series: bigint, amount: bigint): Promise<bigint> {
    const { tenor, strike, isPut } = contractOf(series);
    const { quotes } = await this.world.lens.quotes!(MARKET, expiryIn(tenor), [BigInt(strike) * WAD]);
    return (amount * (isPut ? quotes[0].put : quotes[0].call)) / WAD;
  }

  /** What is held, at the values of now: WAD. */
  async #valueOf(series: bigint, amount: bigint, spot: bigint): Promise<bigint> {
    const { tenor, strike, isPut } = contractOf(series);
    if (this.now + SETTLEMENT_WINDOW_SECONDS >= expiryIn(tenor)) {
      // Its average is made of the feed, by which nothing has moved; the worse of it and the report's spot, for the claim.
      const feed = ((await this.world.baseFeed.proxy.latestRoundData!())[1] as bigint) * (WAD / USD);
      const paid = [spot, feed].map((one) =>
        isPut ? BigInt(strike) * WAD - one : one - BigInt(strike) * WAD,
      );
      const worths = paid.map((one) => (one > 0n ? (amount * one) / WAD : 0n));
      return worths[0]! > worths[1]! ? worths[0]! : worths[1]!;
    }
    const { value } = await this.quote([{ series, amount }], "latest");
    // Where nothing opens, as in an expiry's last hour, an opening has no price.
    return value === 0n ? this.#midOf(series, amount) : value;
  }

  /** What the coalition has won, in quote assets: money, and what is still held at the values of now. */
  async result(): Promise<bigint> {
    const spot = (await this.world.surface.surface!(1)).spot as bigint;
    let worth = -this.paid + (this.baseGot * spot) / WAD / 10n ** 12n;
    for (const [series, amount] of this.held) {
      if (amount === 0n) continue;
      const held = await this.#valueOf(series, amount, spot);
      // Against the claim: rounded up.
      worth += held / 10n ** 12n + 1n;
    }
    return worth;
  }
}

/** The most that bought options can pay: spot for a call, its strike for a put. WAD. */
const mostPaid = (legs: Legs, spot: bigint): bigint =>
  legs.reduce((sum, { series, amount }) => {
    const { strike, isPut } = contractOf(series);
    return sum + (amount * (isPut ? BigInt(strike) * WAD : spot)) / WAD;
  }, 0n);

const describe = (legs: Legs | undefined): string =>
  (legs ?? [])
    .map(({ series, amount }) => {
      const { tenor, strike, isPut } = contractOf(series);
      return `${Number(amount) / 1e18}x${tenor}d${strike}${isPut ? "P" : "C"}`;
    })
    .join(" ");

export { DAY };
