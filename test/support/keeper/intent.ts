/** What an intent log holds, and whose it is. */
import type { Intent } from "@meniscus/keeper/sending/journal";

export const intent = (nonce: number, more: Partial<Intent> = {}): Intent => ({
  type: "intent",
  nonce,
  deed: { job: "hedge", what: "fill", to: `0x${"11".repeat(20)}`, data: "0x" },
  hash: `0x${String(nonce).padStart(64, "0")}`,
  raw: "0x02",
  gasLimit: "100000",
  maxFeePerGas: "1000",
  maxPriorityFeePerGas: "10",
  block: 1,
  at: 1000,
  ...more,
});

export const OWNER = { account: `0x${"aa".repeat(20)}`, chainId: 1 };
