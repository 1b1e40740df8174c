/** The keeper's log: a JSON line for every finding. */
import type { Logger } from "pino";
import type { Finding } from "../keeper.ts";
import type { Intent } from "../sending/journal.ts";

/** Every skip has its reason; of an intent the signed transaction stays out. */
export function logFinding(log: Logger, finding: Finding): void {
  switch (finding.kind) {
    case "skip":
      log.info({ job: finding.job, reason: finding.reason }, "skip");
      break;
    case "failed":
      log.warn({ job: finding.job, reason: finding.reason }, "failed");
      break;
    case "would":
      log.info({ job: finding.job, what: finding.what }, "would send (dry run)");
      break;
    case "blind":
      log.warn({ reason: finding.reason }, "cannot look");
      break;
    case "looked":
      log.debug({ head: finding.head.number, open: finding.open }, "looked");
      break;
    case "mined":
      logMined(log, finding);
      break;
    case "waiting":
    case "unsent":
    case "taken":
      log.warn({ nonce: finding.nonce, reason: finding.reason }, finding.kind);
      break;
    default:
      log.info(named(finding.intent), finding.kind);
  }
}

function logMined(log: Logger, { intent, receipt }: Extract<Finding, { kind: "mined" }>): void {
  const told = { ...named(intent), block: receipt.blockNumber, gas: Number(receipt.gasUsed) };
  if (receipt.status === 1) log.info(told, "done");
  else log.warn({ ...told, reason: "it reverted: somebody else was first, or the state moved on" }, "skip");
}

const named = ({ nonce, hash, deed, maxFeePerGas }: Intent) => ({
  job: deed.job,
  what: deed.what,
  nonce,
  hash,
  maxFeePerGas,
});
