/** The vault's delta, auctioned: opens the auction outside the band, and fills it from Uniswap once its price leaves a profit. */
import { HEDGE_OBSTACLES } from "@meniscus/sdk/vault/hedge";
import { type Decision, skip } from "../deed.ts";
import { hedgeOrder } from "../order.ts";
import { deedOf, type View } from "../view.ts";

/** A hedge takes a report of at most 30 s: one that is older than this is replaced, where a younger one can be had. */
const YOUNG = 12;

export async function hedge(view: View): Promise<Decision> {
  const { contracts, head, account, minimumProfit } = view;
  const { hedger, filler, volSurface, market, decimals } = contracts;
  const plan = await hedger.getFunction("plan")();
  const obstacle = HEDGE_OBSTACLES[Number(plan.obstacle)]!;
  let report = "0x";
  if (obstacle === "SpotOld" || obstacle === "None") {
    const { reportAt } = await volSurface.getFunction("surface")(market);
    if (head.timestamp - Number(reportAt) > YOUNG) {
      const newest = await view.newestReport();
      if (newest !== null && newest.reportAt > Number(reportAt)) report = newest.encoded;
    }
  }
  if (obstacle !== "None" && !(obstacle === "SpotOld" && report !== "0x")) return skip(obstacle);
  // The view begins an auction at its own time where none runs.
  if (obstacle === "None" && Number(plan.openedAt) >= head.timestamp)
    return deedOf(view, "hedge", "open the auction", { contract: hedger, method: "open", values: [] });
  const order = hedgeOrder(plan, { receiver: account, minimumProfit, decimals, report });
  const what = `fill ${order.amount > 0n ? "what the vault buys" : "what the vault sells"}`;
  return deedOf(view, "hedge", what, { contract: filler, method: "fill", values: [order] });
}
