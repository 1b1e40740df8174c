/** The vault's epoch: ended by the first report after its cut-off, which the chain's own events tell. */
import { VAULT_OBSTACLES } from "@meniscus/sdk/vault/terms";
import { type Decision, skip } from "../deed.ts";
import { epochDayOf, keptReport } from "../reports.ts";
import { deedOf, type View } from "../view.ts";

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
  return deedOf(view, "epoch", `close epoch ${number}`, vault, "closeEpoch", report);
}
