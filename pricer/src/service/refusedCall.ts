import { isError } from "ethers";

/** Words of a node that ran the code, as none does that was too busy for it or does not have the state. */
const OF_EXECUTION = /revert|execution|opcode|instruction|\bevm\b|\bvm\b|out of gas|stack|jump/i;
const ENDED_EARLY = /time(d )?[- ]?out|abort/i;

/** A node's words for why it ran no call; null for every other error. Ethers makes a revert of any JSON-RPC error of a call. */
export function refusedCall(error: unknown): string | null {
  if (!isError(error, "CALL_EXCEPTION") || error.data !== null) return null;
  const { message } = ((error.info ?? {}) as { error?: { message?: unknown } }).error ?? {};
  if (typeof message !== "string") return null;
  return OF_EXECUTION.test(message) && !ENDED_EARLY.test(message) ? null : message;
}

/** Whether a contract does not know the view that it was asked, so that it is another one than it was taken for; false of what a node refuses. */
export function isUnknownView(error: unknown): boolean {
  if (isError(error, "CALL_EXCEPTION")) return refusedCall(error) === null;
  // What it answered is not what the view gives: there is no code, or a fallback takes every call.
  return isError(error, "BAD_DATA") && typeof error.info?.signature === "string";
}
