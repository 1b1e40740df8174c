/** What a job wants done, or why it wants nothing. */
import type { JobName } from "./config.ts";
import type { Trouble } from "./reason.ts";

export interface Deed {
  /** `gap` fills a nonce that nothing is known of. */
  job: JobName | "gap";
  /** What is done, for people. */
  what: string;
  to: string;
  data: string;
  /** A refresh for which a hedge waits, or the walk before it: it may use up more of the day's budget than another. */
  isNeeded?: true;
  /** Gas that it uses, some, where nobody has done a part of it before; of what may be much less for that alone. */
  usualGas?: string;
  /** The price of gas, wei, up to which it earns what it costs; of what earns something alone. */
  paysUpTo?: string;
}

/** Yes or no, and why. */
export type Decision = { act: Deed } | { skip: string; trouble?: Trouble };

export const skip = (reason: string, trouble?: Trouble): Decision => ({
  skip: reason,
  ...(trouble && { trouble }),
});
