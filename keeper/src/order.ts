/** What a filler is asked. */
import { WAD } from "@meniscus/sdk/wad";

/** More than any hedge: it is cut to the plan's. */
const ALL = 2n ** 95n;

export interface HedgeOrder {
  amount: bigint;
  /** Of what the profit comes in: quote assets where the vault buys base, else base assets. */
  minimumProfit: bigint;
  receiver: string;
  report: string;
}

/** Decimals of the two tokens. */
export interface Decimals {
  base: number;
  quote: number;
}

/** All of the plan: base is bought where the vault is short of delta, and sold where it is long. */
export function hedgeOrder(
  { delta, spot }: { delta: bigint; spot: bigint },
  {
    minimumProfit,
    decimals,
    ...order
  }: Pick<HedgeOrder, "receiver" | "report"> & {
    /** Quote assets, on either side. */
    minimumProfit: bigint;
    decimals: Decimals;
  },
): HedgeOrder {
  if (delta < 0n) return { amount: ALL, minimumProfit, ...order };
  return { amount: -ALL, minimumProfit: baseWorthUp(minimumProfit, spot, decimals), ...order };
}

/** The base assets that are worth these quote assets at spot (quote per base, WAD), rounded up. */
function baseWorthUp(quoteAssets: bigint, spot: bigint, { base, quote }: Decimals): bigint {
  const [worth, unit] = [quoteAssets * WAD * 10n ** BigInt(base), spot * 10n ** BigInt(quote)];
  return (worth + unit - 1n) / unit;
}
