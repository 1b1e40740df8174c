/** What the chain says at the end of the story: events of all of it, and views of accounts that the events name. Nothing is computed by the contracts. */
import { decodeFunds } from "@meniscus/sdk/pool/bookWords";
import { seriesOfId } from "@meniscus/sdk/series";
import { SIDES, type Side } from "@meniscus/sdk/sides";
import { HEDGER_PARAMETERS } from "@meniscus/sdk/vault/hedge";
import { type Contract, type LogDescription, ZeroAddress } from "ethers";
import { eventsOf } from "../../../localMarket/contract.ts";
import type { Session } from "../../../localMarket/session.ts";
import { PROVIDERS } from "../story/epochStage.ts";
import { type Settlement, settlementsOf } from "./settlements.ts";
import type { Position } from "./worstCase.ts";

export interface AccountAtExpiry {
  account: string;
  expiryAt: number;
  positions: Position[];
  locked: Record<Side, bigint>;
  /** Whether the account chose plain sums. */
  plainSums: boolean;
  decimals: Record<Side, number>;
}

export interface Readings {
  /** Of each token: what the Clearinghouse has, and what each account owns of it there. */
  tokens: { balance: bigint; owned: { account: string; assets: bigint }[] }[];
  /** Redemptions and realizations so far: each rounds once an asset. */
  payments: bigint;
  /** Of every series that has not settled. */
  series: { positions: bigint[]; supply: bigint }[];
  /** Every account at every expiry that has not settled. */
  accounts: AccountAtExpiry[];
  /** What the Clearinghouse counts as locked of an account, over all expiries. */
  locked: { account: string; side: Side; total: bigint }[];
  /** Of every trade, in order; negative: a reward. What epochs' ends released, and what the reserve is now. */
  impacts: bigint[];
  released: bigint;
  reserve: bigint;
  /** Of every epoch's end: claims after flows, WAD. */
  marks: {
    spot: bigint;
    equity: bigint;
    base: bigint;
    quote: bigint;
    tranches: { entry: bigint; mid: bigint; exit: bigint }[];
  }[];
  tranches: {
    balance: bigint;
    pending: bigint;
    claimable: bigint;
    claims: bigint[];
    /** All shares, and those of everybody who ever got one. */
    shares: bigint;
    holders: bigint[];
  }[];
  hedges: { price: bigint; spot: bigint; before: bigint; after: bigint }[];
  boundPpm: bigint;
  settlements: Settlement[];
}

/** All events of a contract so far. */
async function history(contract: Contract): Promise<LogDescription[]> {
  const logs = await contract.runner!.provider!.getLogs({
    address: contract.target as string,
    fromBlock: 0,
    toBlock: "latest",
  });
  return eventsOf(contract, logs);
}

const callOf =
  (contract: Contract) =>
  (method: string, ...values: unknown[]) =>
    contract.getFunction(method)(...values);

/** What was said of a contract's past, by the name of the event. */
type Past = (name: string) => LogDescription["args"][];

const pastOf =
  (events: readonly LogDescription[]): Past =>
  (name) =>
    events.filter((event) => event.name === name).map(({ args }) => args);

export async function readAll(session: Session): Promise<Readings> {
  const { clearinghouse } = session.stage;
  const events = await history(clearinghouse);
  const cleared = pastOf(events);
  const accounts = accountsIn(cleared);
  const settlements = await settlementsOf(session, events, accounts);
  const settled = new Set(settlements.map(({ expiryAt }) => expiryAt));
  const ids = [...new Set(cleared("PositionMoved").map(({ series }): bigint => series))].filter(
    (id) => !settled.has(seriesOfId(id).expiryAt),
  );
  const { series, held } = await seriesOf(session, ids, accounts);
  return {
    payments: BigInt(cleared("Redeemed").length + cleared("Realized").length),
    series,
    accounts: await coverageOf(session, held),
    ...(await collateralOf(session, accounts)),
    ...(await bookOf(session)),
    tranches: await tranchesOf(session),
    boundPpm: BigInt(HEDGER_PARAMETERS.boundPpm),
    settlements,
  };
}

/** Everybody who ever had anything in the Clearinghouse. */
function accountsIn(cleared: Past): string[] {
  const seen = ["Deposited", "PositionMoved", "PremiumPaid"].flatMap(cleared);
  return [...new Set(seen.map(({ account }): string => account))];
}

/** What somebody has of the series of one expiry. */
interface Held {
  account: string;
  expiryAt: number;
  positions: Position[];
}

async function seriesOf({ stage }: Session, ids: readonly bigint[], accounts: readonly string[]) {
  const call = callOf(stage.clearinghouse);
  const series: Readings["series"] = [];
  const held = new Map<string, Held>();
  for (const id of ids) {
    const { expiryAt, strike, isPut } = seriesOfId(id);
    const positions: bigint[] = [];
    for (const account of accounts) {
      const amount: bigint = await call("position", account, id);
      positions.push(amount);
      const key = `${account} ${expiryAt}`;
      const own = held.get(key) ?? { account, expiryAt, positions: [] };
      own.positions.push({ strike, isPut, amount });
      held.set(key, own);
    }
    series.push({ positions, supply: await call("totalSupply", id) });
  }
  return { series, held: [...held.values()] };
}

/** What is locked for them. */
async function coverageOf({ stage }: Session, held: readonly Held[]): Promise<AccountAtExpiry[]> {
  const { market, clearinghouse, base, quote } = stage;
  const decimals = { base: base.decimals, quote: quote.decimals };
  const call = callOf(clearinghouse);
  const accounts: AccountAtExpiry[] = [];
  for (const { account, expiryAt, positions } of held) {
    const { baseAssets, quoteAssets, plainSums } = await call("coverage", account, market, expiryAt);
    const locked = { base: baseAssets, quote: quoteAssets };
    accounts.push({ account, expiryAt, positions, locked, plainSums, decimals });
  }
  return accounts;
}

async function collateralOf(
  { stage }: Session,
  accounts: readonly string[],
): Promise<Pick<Readings, "tokens" | "locked">> {
  const call = callOf(stage.clearinghouse);
  const tokens: Readings["tokens"] = [];
  const locked: Readings["locked"] = [];
  for (const side of SIDES) {
    const { contract } = stage[side];
    const owned: Readings["tokens"][number]["owned"] = [];
    for (const account of accounts) {
      const { balance, locked: total } = await call("collateral", account, contract);
      owned.push({ account, assets: balance });
      locked.push({ account, side, total });
    }
    tokens.push({ balance: await contract.getFunction("balanceOf")(stage.clearinghouse), owned });
  }
  return { tokens, locked };
}

/** Trades, hedges and marks, and what they did to the reserve. */
async function bookOf({
  pool,
}: Session): Promise<Pick<Readings, "impacts" | "released" | "reserve" | "marks" | "hedges">> {
  const traded = pastOf(await history(pool.pool));
  const marked = pastOf(await history(pool.vault));
  const hedged = pastOf(await history(pool.hedger));
  const booked = pastOf(await history(pool.book));
  const { funds } = await pool.book.getFunction("read")([]);
  return {
    impacts: traded("Traded").map(({ parts }) => parts.impact),
    released: booked("Assigned").reduce((all, { released }) => all + released, 0n),
    reserve: decodeFunds(funds).reserve,
    marks: marked("EpochClosed").map(({ result: { mark, equity, base, quote } }) => ({
      spot: mark.spot,
      equity,
      base: base.claimAfter,
      quote: quote.claimAfter,
      tranches: [base, quote].map(({ navEntry, navMid, navExit }) => ({
        entry: navEntry,
        mid: navMid,
        exit: navExit,
      })),
    })),
    hedges: hedged("Hedged").map(({ price, spot, deltaBefore, deltaAfter }) => ({
      price,
      spot,
      before: deltaBefore,
      after: deltaAfter,
    })),
  };
}

async function tranchesOf({ chain, stage, pool }: Session): Promise<Readings["tranches"]> {
  const tranches: Readings["tranches"] = [];
  for (const side of SIDES) {
    const tranche = pool.tranches[side];
    const read = callOf(tranche);
    const provider = await chain.provider.getSigner(PROVIDERS[side]);
    const queue = await read("queue");
    const transfers = (await history(tranche)).filter(({ name }) => name === "Transfer");
    // What waits is the tranche's own, and no Transfer tells of it.
    const holders = new Set<string>([tranche.target as string, ...transfers.map(({ args }) => args.to)]);
    holders.delete(ZeroAddress);
    const shares: bigint[] = [];
    for (const holder of holders) shares.push(await read("balanceOf", holder));
    tranches.push({
      balance: await stage[side].contract.getFunction("balanceOf")(tranche),
      pending: queue.depositAssets,
      claimable: queue.claimableAssets,
      claims: [await read("maxWithdraw", provider)],
      shares: await read("totalSupply"),
      holders: shares,
    });
  }
  return tranches;
}
