/**
 * What stands in the way that is the keeper's own or somebody's to see to: no ether, the day's budget, gas above the cap, a log that cannot be
 * written, an epoch that waits for its mark, or a hedge that earns enough but for its gas.
 */
export type Trouble = "funds" | "budget" | "gas" | "log" | "mark" | "unpaid";

/** Why nothing is done, in words; an obstacle of the market's is no trouble. */
export interface Reason {
  reason: string;
  trouble?: Trouble;
}
