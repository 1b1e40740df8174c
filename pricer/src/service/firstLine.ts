import { isError } from "ethers";

/** What went wrong, in a line. */
export const firstLine = (error: unknown): string => {
  // Where a node answers with an error of its own, ethers says only that it does not know it.
  const told = isError(error, "UNKNOWN_ERROR") && error.error instanceof Object ? error.error : error;
  const { shortMessage, message } = told as { shortMessage?: string; message?: string };
  return String(shortMessage ?? message ?? error).split("\n")[0]!;
};
