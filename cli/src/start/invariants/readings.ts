/** What the chain says at the end of the story: events of all of it, and views of accounts that the events name. Nothing is computed by the contracts. */
import { decodeFunds } from "@meniscus/sdk/pool/bookWords";
import { seriesOfId } from "@meniscus/sdk/series";
import { SIDES, type Side } from "@meniscus/sdk/sides";
import { HEDGER_PARAMETERS } from "@meniscus/sdk/vault/hedge";
import { type Contract, type LogDescription, ZeroAddress } from "ethers";
import { eventsOf } from "../../local/contract.ts";
import { PROVIDERS } from "../story/epochStage.ts";
import type { Session } from "../trading/tradingOrders.ts";
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
export async function history(contract: Contract): Promise<LogDescription[]> {
  const logs = await contract.runner!.provider!.getLogs({
    address: contract.target as string,
    fromBlock: 0,
    toBlock: "latest",
  });
  return eventsOf(contract, logs);
}

export async function readAll(session: Session): Promise<Readings> {
  const { stage, pool } = session;
  const { market, clearinghouse } = stage;
  const events = await history(clearinghouse);
  const named = (name: string) => events.filter((event) => event.name === name).map(({ args }) => args);
  const accounts = [
    ...new Set(
      [...named("Deposited"), ...named("PositionMoved"), ...named("PremiumPaid")].map(
        ({ account }): string => account,
      ),
    ),
  ];
  const settlements = await settlementsOf(session, events, accounts);
  const settled = new Set(settlements.map(({ expiryAt }) => expiryAt));
  const ids = [...new Set(named("PositionMoved").map(({ series }): bigint => series))].filter(
    (id) => !settled.has(seriesOfId(id).expiryAt),
  );
  const call = (method: string, ...values: unknown[]) => clearinghouse.getFunction(method)(...values);

  const series: Readings["series"] = [];
  const positionsOf = new Map<string, Position[]>();
  for (const id of ids) {
    const { expiryAt, strike, isPut } = seriesOfId(id);
    const positions: bigint[] = [];
    for (const account of accounts) {
      const amount: bigint = await call("position", account, id);
      positions.push(amount);
      const key = `${account} ${expiryAt}`;
      positionsOf.set(key, [...(positionsOf.get(key) ?? []), { strike, isPut, amount }]);
    }
    series.push({ positions, supply: await call("totalSupply", id) });
  }

  const decimals = { base: stage.base.decimals, quote: stage.quote.decimals };
  const atExpiries: AccountAtExpiry[] = [];
  for (const [key, positions] of positionsOf) {
    const [account, expiryAt] = [key.split(" ")[0]!, Number(key.split(" ")[1])];
    const { baseAssets, quoteAssets, plainSums } = await call("coverage", account, market, expiryAt);
    atExpiries.push({
      account,
      expiryAt,
      positions,
      locked: { base: baseAssets, quote: quoteAssets },
      plainSums,
      decimals,
    });
  }

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
    tokens.push({ balance: await contract.getFunction("balanceOf")(clearinghouse), owned });
  }
  const [trades, marks, hedged] = [
    await history(pool.pool),
    await history(pool.vault),
    await history(pool.hedger),
  ];
  const booked = await history(pool.book);
  const { funds } = await pool.book.getFunction("read")([]);
  return {
    tokens,
    payments: BigInt(named("Redeemed").length + named("Realized").length),
    series,
    accounts: atExpiries,
    locked,
    impacts: trades.flatMap(({ name, args }) => (name === "Traded" ? [args.parts.impact] : [])),
    released: booked.reduce((all, { name, args }) => (name === "Assigned" ? all + args.released : all), 0n),
    reserve: decodeFunds(funds).reserve,
    marks: marks.flatMap(({ name, args }) => {
      if (name !== "EpochClosed") return [];
      const { mark, equity, base, quote } = args.result;
      return [
        {
          ...{ spot: mark.spot, equity, base: base.claimAfter, quote: quote.claimAfter },
          tranches: [base, quote].map(({ navEntry, navMid, navExit }) => ({
            ...{ entry: navEntry, mid: navMid, exit: navExit },
          })),
        },
      ];
    }),
    tranches: await tranchesOf(session),
    hedges: hedged.flatMap(({ name, args: { price, spot, deltaBefore, deltaAfter } }) =>
      name === "Hedged" ? [{ price, spot, before: deltaBefore, after: deltaAfter }] : [],
    ),
    boundPpm: BigInt(HEDGER_PARAMETERS.boundPpm),
    settlements,
  };
}

async function tranchesOf({ chain, stage, pool }: Session): Promise<Readings["tranches"]> {
  const tranches: Readings["tranches"] = [];
  for (const side of SIDES) {
    const tranche = pool.tranches[side];
    const read = (method: string, ...values: unknown[]) => tranche.getFunction(method)(...values);
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
