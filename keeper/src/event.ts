import type { TransactionReceipt } from "ethers";
import type { Intent } from "./journal.ts";

/** What became of a deed, or of a look at an open one. */
export type Event =
  | { kind: "sent" | "resent" | "replaced" | "cancelled"; intent: Intent }
  | { kind: "mined"; intent: Intent; receipt: TransactionReceipt }
  | { kind: "waiting" | "unsent" | "taken"; nonce: number; reason: string };

/** The first line of what went wrong. */
export const shortReason = (error: unknown): string => {
  const { shortMessage, message } = error as { shortMessage?: string; message?: string };
  return String(shortMessage ?? message ?? error).split("\n")[0]!;
};
