import { isError } from "ethers";
import { withHostsOnly } from "./withHostsOnly.ts";

interface ToldError {
  shortMessage?: string;
  message?: string;
  cause?: unknown;
}

/** What went wrong, in a line; of a URL its host. */
export const firstLine = (error: unknown): string => {
  const { shortMessage, message, cause } = error as ToldError;
  // Of a request that came to nothing fetch says just that, and why in its cause.
  if (message === "fetch failed" && cause instanceof Error && cause.message !== "") return firstLine(cause);
  return withHostsOnly(String(nodesOwn(error) ?? shortMessage ?? message ?? error).split("\n")[0]!);
};

/** What a node answered, where ethers says less: that it does not know the answer, or of which kind it is. */
function nodesOwn(error: unknown): string | null {
  // What a contract said with its revert ethers reads itself.
  if (isError(error, "CALL_EXCEPTION") && error.data !== null) return null;
  const told = isError(error, "UNKNOWN_ERROR")
    ? error.error
    : KINDS.some((code) => isError(error, code)) && (error as { info?: { error?: unknown } }).info?.error;
  const message = told instanceof Object && "message" in told && told.message;
  return typeof message === "string" && message !== "" ? message : null;
}

/** Under which ethers files an answer, its own words before the node's. */
const KINDS = [
  "CALL_EXCEPTION",
  "INSUFFICIENT_FUNDS",
  "NONCE_EXPIRED",
  "REPLACEMENT_UNDERPRICED",
  "UNSUPPORTED_OPERATION",
] as const;
