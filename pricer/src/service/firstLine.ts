import { isError } from "ethers";
import { withHostsOnly } from "./withHostsOnly.ts";

/** What went wrong, in a line; of a URL its host. */
export const firstLine = (error: unknown): string => {
  const { shortMessage, message } = (nodesOwn(error) ?? error) as { shortMessage?: string; message?: string };
  return withHostsOnly(String(shortMessage ?? message ?? error).split("\n")[0]!);
};

/** The error that a node answered with, where ethers says less: that it does not know it, or of which kind it is. */
function nodesOwn(error: unknown): object | null {
  const told = isError(error, "UNKNOWN_ERROR")
    ? error.error
    : SENDING.some((code) => isError(error, code)) && (error as { info?: { error?: unknown } }).info?.error;
  return told instanceof Object ? told : null;
}

const SENDING = ["INSUFFICIENT_FUNDS", "NONCE_EXPIRED", "REPLACEMENT_UNDERPRICED"] as const;
