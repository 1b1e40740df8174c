/** The vault's delta, auctioned: opens the auction outside the band, and fills it from Uniswap once its price pays for the gas and leaves a profit. */
import { HEDGE_OBSTACLES } from "@meniscus/sdk/vault/hedge";
import { wadScale } from "@meniscus/sdk/wad";
import type { Contract } from "ethers";
import { type Decision, skip } from "../deed.ts";
import type { BlockTag } from "../nextBlock.ts";
import { hedgeOrder, mostProfit, quoteWorthUp, weiWorth } from "../order.ts";
import { estimateGas } from "../sending/gas.ts";
import { deedOf, logsIn, revertIn, type View } from "../view.ts";

/** A hedge takes a report of at most 30 s: one that is older than this is replaced, where a younger one can be had. */
const YOUNG = 12;
const NO_REPORT = "0x";
/** What a fill uses, some: an auction that even at its bound earns less is not opened. */
const GAS_OF_FILL = 260_000n;
/** What a report of sixteen slices adds. */
const GAS_OF_REPORT = 200_000n;

/** Of `DeltaHedger.plan`, what is used here. */
interface Plan {
  delta: bigint;
  amount: bigint;
  spot: bigint;
  bound: bigint;
  openedAt: bigint;
  obstacle: bigint;
  /** Where it was seen. */
  blockTag: BlockTag;
}

export async function hedge(view: View): Promise<Decision> {
  const { contracts, head } = view;
  const plan = await planOf(contracts.hedger);
  const obstacle = obstacleOf(plan);
  const report = obstacle === "SpotOld" || obstacle === "None" ? await reportToCarry(view) : NO_REPORT;
  if (obstacle !== "None" && !(obstacle === "SpotOld" && report !== NO_REPORT)) return skip(obstacle);
  // The view begins an auction at its own time where none runs.
  if (obstacle === "None" && Number(plan.openedAt) >= head.timestamp) return open(view, plan);
  const decision = await fill(view, plan, report);
  // The posted one does, and what else is served may be wrong.
  if ("act" in decision || obstacle !== "None" || report === NO_REPORT) return decision;
  return fill(view, plan, NO_REPORT);
}

const obstacleOf = ({ obstacle }: Pick<Plan, "obstacle">): string => HEDGE_OBSTACLES[Number(obstacle)]!;

/** The plan at the head or, where a trade of the head's own block is in its way, for the block to come. */
async function planOf(hedger: Contract): Promise<Plan> {
  const at = async (blockTag: BlockTag): Promise<Plan> => {
    const { delta, amount, spot, bound, openedAt, obstacle } = await hedger.getFunction("plan")({ blockTag });
    return { delta, amount, spot, bound, openedAt, obstacle, blockTag };
  };
  const plan = await at("latest");
  // Of a node that knows no such block, the head's stands.
  return obstacleOf(plan) === "TradedInBlock" ? at("pending").catch(() => plan) : plan;
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
  const usualGas = String(report === NO_REPORT ? GAS_OF_FILL : GAS_OF_FILL + GAS_OF_REPORT);
  let gas: bigint;
  try {
    gas = await estimateGas(view.provider, view.account, { ...decision.act, usualGas });
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
  // What waits for the block to come may make the profit, and never be mined: certain is what the contract is asked for.
  const certain = plan.blockTag === "latest" ? profit : paying.minimumProfit;
  const wei =
    order.amount > 0n
      ? weiWorth(certain - order.minimumProfit, plan.spot, decimals)
      : (certain - order.minimumProfit) * wadScale(decimals.base);
  return { act: { ...decision.act, data, usualGas, paysUpTo: String(wei / gas) } };
}

/** What a fill that uses this gas must earn, quote assets. */
const leastProfit = (view: View, { spot }: Plan, gas: bigint): bigint =>
  view.minimumProfit + quoteWorthUp(gas * view.gasPrice, spot, view.contracts.decimals);
