import type { TransactionReceipt } from "ethers";
import type { Reason } from "./reason.ts";
import type { Intent } from "./sending/journal.ts";

/** What became of a deed, or of a look at an open one; `unsent`: the node did not take it. */
export type Event =
  | { kind: "sent" | "resent" | "replaced" | "cancelled"; intent: Intent }
  /** `cost` in wei, the layer 1's share included. */
  | { kind: "mined"; intent: Intent; receipt: TransactionReceipt; cost: bigint }
  | ({ kind: "waiting" | "unsent" | "taken"; nonce: number } & Reason);
