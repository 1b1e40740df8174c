/** A failure that its message explains in one line, with what to do: shown without a stack trace, exit code 1. */
export class CliError extends Error {
  override readonly name = "CliError";
}
