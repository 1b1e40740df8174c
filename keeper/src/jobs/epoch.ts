/** The vault's epoch: ended by the first report after its cut-off, which the chain's own events tell. */
import { epochDayOf } from "@meniscus/sdk/clock";
import { VAULT_DOUBTS, VAULT_OBSTACLES } from "@meniscus/sdk/vault/terms";
import { type Decision, skip } from "../deed.ts";
import { keptReport } from "../reports.ts";
import { deedOf, type View } from "../view.ts";

/**
 * Seconds after its report for which an epoch waits for a mark while the oracle does not confirm that spot; the vault itself waits for an hour. Spot comes
 * back within the band in minutes or hours, or ever less likely; nothing opens meanwhile, and three quarters of the day are left to openings.
 */
const SPOT_PATIENCE = 6 * 3600;

export async function epoch(view: View): Promise<Decision> {
  const { vault } = view.contracts;
  const { number, cutOffAt } = await vault.getFunction("epoch")();
  if (cutOffAt === 0n) return skip("NotSeeded");
  if (view.head.timestamp < Number(cutOffAt))
    return skip(`epoch ${number} ends in ${Number(cutOffAt) - view.head.timestamp} s`);
  const report = await keptReport(view, epochDayOf(Number(cutOffAt)));
  if (report === null) return skip("NoReportYet");
  const { obstacle } = await vault.getFunction("plan")(report);
  const name = VAULT_OBSTACLES[Number(obstacle)]!;
  // Closing realizes an expiry that is settled by itself.
  if (name !== "None" && name !== "ExpiryNotRealized") return skip(name);
  const call = { contract: vault, method: "closeEpoch", values: [report] };
  const decision = await deedOf(view, "epoch", `close epoch ${number}`, call);
  if ("skip" in decision) return decision;
  // The plan has no result before what is settled is realized, the call has.
  const { doubt } = decision.result as { doubt: bigint };
  const doubted = VAULT_DOUBTS[Number(doubt)]!;
  if (doubted === "None") return decision;
  const left = report.reportAt + SPOT_PATIENCE - view.head.timestamp;
  // The slices were judged when the report came: that doubt stays.
  if (doubted === "Spot" && left > 0)
    return skip(
      `no mark yet: the oracle does not confirm the report's spot, epoch ${number} ends without one in ${left} s`,
      "mark",
    );
  return {
    act: { ...decision.act, what: `close epoch ${number} without a mark, its report in doubt: ${doubted}` },
  };
}
