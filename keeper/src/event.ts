import type { TransactionReceipt } from "ethers";
import type { Intent } from "./journal.ts";
import type { Reason } from "./reason.ts";

/** What became of a deed, or of a look at an open one; `unsent`: the node did not take it. */
export type Event =
  | { kind: "sent" | "resent" | "replaced" | "cancelled"; intent: Intent }
  | { kind: "mined"; intent: Intent; receipt: TransactionReceipt }
  | ({ kind: "waiting" | "unsent" | "taken"; nonce: number } & Reason);
