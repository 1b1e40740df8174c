import type { TransactionReceipt } from "ethers";
import type { Intent } from "./journal.ts";
import type { Reason } from "./reason.ts";

/** What became of a deed, or of a look at an open one; `unsent`: the node did not take it. */
export type Event =
  | { kind: "sent" | "resent" | "replaced" | "cancelled"; intent: Intent }
  /** `cost` in wei, the layer 1's share included. */
  | { kind: "mined"; intent: Intent; receipt: TransactionReceipt; cost: bigint }
  | ({ kind: "waiting" | "unsent" | "taken"; nonce: number } & Reason);
