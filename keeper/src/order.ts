/** What a filler is asked, and what it must earn. */
import { WAD, wadScale } from "@meniscus/sdk/wad";

/** More than any hedge: it is cut to the plan's. */
const ALL = 2n ** 95n;

interface HedgeOrder {
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

/** What so many wei are worth in quote assets at spot (quote per base, WAD), rounded up: base is taken for the coin that pays for gas. */
export const quoteWorthUp = (wei: bigint, spot: bigint, { quote }: Decimals): bigint =>
  divideUp(wei * spot, WAD * wadScale(quote));

/** What so many quote assets are worth in wei at spot, rounded down. */
export const weiWorth = (quoteAssets: bigint, spot: bigint, { quote }: Decimals): bigint =>
  (quoteAssets * WAD * wadScale(quote)) / spot;

/** The most that a fill of all of the plan could earn, quote assets: at the auction's bound, from who trades at spot. */
export function mostProfit(
  { amount, bound, spot }: Record<"amount" | "bound" | "spot", bigint>,
  { quote }: Decimals,
): bigint {
  const [size, edge] = [amount, bound - spot].map((value) => (value < 0n ? -value : value)) as [
    bigint,
    bigint,
  ];
  return (size * edge) / (WAD * wadScale(quote));
}

/** The base assets that are worth these quote assets at spot (quote per base, WAD), rounded up. */
function baseWorthUp(quoteAssets: bigint, spot: bigint, { base, quote }: Decimals): bigint {
  return divideUp(quoteAssets * WAD * 10n ** BigInt(base), spot * 10n ** BigInt(quote));
}

const divideUp = (value: bigint, by: bigint): bigint => (value + by - 1n) / by;
