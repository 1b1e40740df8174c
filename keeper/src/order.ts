/** What a filler is asked. */

/** More than any hedge: it is cut to the plan's. */
const ALL = 2n ** 95n;

export interface HedgeOrder {
  amount: bigint;
  minimumProfit: bigint;
  receiver: string;
  report: string;
}

/** All of the plan: base is bought where the vault is short of delta, and sold where it is long. */
export const hedgeOrder = (
  { delta }: { delta: bigint },
  { receiver, minimumProfit, report }: Omit<HedgeOrder, "amount">,
): HedgeOrder => ({ amount: delta < 0n ? ALL : -ALL, minimumProfit, receiver, report });
