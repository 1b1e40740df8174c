/** The vault's delta, auctioned: opens the auction outside the band, and fills it from Uniswap once its price pays for the gas and leaves a profit. */
import { HEDGE_OBSTACLES } from "@meniscus/sdk/vault/hedge";
import { type Decision, skip } from "../deed.ts";
import { hedgeOrder, mostProfit, quoteWorthUp, weiWorth } from "../order.ts";
import { estimateGas } from "../sending/gas.ts";
import { deedOf, logsIn, revertIn, type View } from "../view.ts";

/** A hedge takes a report of at most 30 s: one that is older than this is replaced, where a younger one can be had. */
const YOUNG = 12;
const NO_REPORT = "0x";
/** What a fill uses, some: an auction that even at its bound earns less is not opened. */
const GAS_OF_FILL = 260_000n;

/** Of `DeltaHedger.plan`, what is used here. */
interface Plan {
  delta: bigint;
  amount: bigint;
  spot: bigint;
  bound: bigint;
  openedAt: bigint;
}

export async function hedge(view: View): Promise<Decision> {
  const { contracts, head } = view;
  const plan = await contracts.hedger.getFunction("plan")();
  const obstacle = HEDGE_OBSTACLES[Number(plan.obstacle)]!;
  const report = obstacle === "SpotOld" || obstacle === "None" ? await reportToCarry(view) : NO_REPORT;
  if (obstacle !== "None" && !(obstacle === "SpotOld" && report !== NO_REPORT)) return skip(obstacle);
  // The view begins an auction at its own time where none runs.
  if (obstacle === "None" && Number(plan.openedAt) >= head.timestamp) return open(view, plan);
  const decision = await fill(view, plan, report);
  // The posted one does, and what else is served may be wrong.
  if ("act" in decision || obstacle !== "None" || report === NO_REPORT) return decision;
  return fill(view, plan, NO_REPORT);
}

/** The newest report where it is worth carrying; none where it is of a later time than the head, for the contract refuses those. */
async function reportToCarry(view: View): Promise<string> {
  const { volSurface, market } = view.contracts;
  const now = view.head.timestamp;
  const reportAt = Number((await volSurface.getFunction("surface")(market)).reportAt);
  if (now - reportAt <= YOUNG) return NO_REPORT;
  const newest = await view.newestReport();
  if (newest === null || newest.reportAt <= reportAt || newest.reportAt > now) return NO_REPORT;
  return newest.encoded;
}

async function open(view: View, plan: Plan): Promise<Decision> {
  const { hedger, decimals } = view.contracts;
  const [most, least] = [mostProfit(plan, decimals), leastProfit(view, plan, GAS_OF_FILL)];
  if (most < least)
    return skip(
      `too little to open the auction for: a fill may earn ${most} of quote at most, and must earn ${least}`,
      most >= view.minimumProfit ? "unpaid" : undefined,
    );
  const topics = [hedger.interface.getEvent("AuctionOpened")!.topicHash];
  // Of a node that does not say, an opening in vain costs little.
  if ((await logsIn(view, hedger, topics, view.head.number).catch(() => [])).length > 0)
    return skip("the auction was opened in this block");
  return deedOf(view, "hedge", "open the auction", { contract: hedger, method: "open", values: [] });
}

async function fill(view: View, plan: Plan, report: string): Promise<Decision> {
  const { filler, decimals } = view.contracts;
  const orderOf = (minimumProfit: bigint) =>
    hedgeOrder(plan, { receiver: view.account, minimumProfit, decimals, report });
  const order = orderOf(view.minimumProfit);
  const what = `fill ${order.amount > 0n ? "what the vault buys" : "what the vault sells"}`;
  const decision = await deedOf(view, "hedge", what, { contract: filler, method: "fill", values: [order] });
  if ("skip" in decision) return decision;
  let gas: bigint;
  try {
    gas = await estimateGas(view.provider, view.account, decision.act);
  } catch (error) {
    return skip(`${what}: not now, ${revertIn(error)}`);
  }
  // Asked of the contract too: by the block that mines it, others may have moved the price.
  const paying = orderOf(leastProfit(view, plan, gas));
  const profit = decision.result as bigint;
  if (profit < paying.minimumProfit) {
    const unit = order.amount > 0n ? "quote" : "base";
    return skip(
      `${what}: not now, it would earn ${profit} of ${unit}, and must earn ${paying.minimumProfit}`,
      // The least beside gas it would earn: that was simulated above.
      "unpaid",
    );
  }
  const data = filler.interface.encodeFunctionData("fill", [paying]);
  const wei =
    order.amount > 0n
      ? weiWorth(profit - order.minimumProfit, plan.spot, decimals)
      : (profit - order.minimumProfit) * 10n ** BigInt(18 - decimals.base);
  return { act: { ...decision.act, data, paysUpTo: String(wei / gas) } };
}

/** What a fill that uses this gas must earn, quote assets. */
const leastProfit = (view: View, { spot }: Plan, gas: bigint): bigint =>
  view.minimumProfit + quoteWorthUp(gas * view.gasPrice, spot, view.contracts.decimals);
