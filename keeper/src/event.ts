import type { TransactionReceipt } from "ethers";
import type { Intent } from "./journal.ts";

/** What became of a deed, or of a look at an open one. */
export type Event =
  | { kind: "sent" | "resent" | "replaced" | "cancelled"; intent: Intent }
  | { kind: "mined"; intent: Intent; receipt: TransactionReceipt }
  | { kind: "waiting" | "unsent" | "taken"; nonce: number; reason: string };

/** How the reason begins where a node refused to pass a transaction on. */
export const UNTAKEN = "the node did not take it";
