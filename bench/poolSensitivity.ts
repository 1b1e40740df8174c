/** Which default matters: every parameter at half and at double, and what that does to the figures that have goals. */
import { DEFAULT_PARAMETERS, type PoolParameters } from "@meniscus/sdk/pool/parameters";
import { atLimits, crossingsOf, depthOf, widthsOf } from "./poolEconomics.ts";
import { looksAt, type Move } from "./poolLooks.ts";
import { besideMarket, type RecordedMarket } from "./poolMarkets.ts";
import { quantile } from "./statistics.ts";

export interface Figures {
  /** Our width at the money, 30 days, vp. */
  readonly width: number;
  readonly crossingPct: number;
  /** USD a million, all terms but delta. */
  readonly depth: number;
  /** Expected loss of a look of 60 s over the fee, vp. */
  readonly loss: number;
  /** Least ask over value at the book's lower limits, a day before expiry, vol 60 %. */
  readonly leastAsk: number;
  /** Highest bid over value at its upper ones. */
  readonly highestBid: number;
}

export interface Sensitivity extends Figures {
  readonly parameter: string;
  readonly factor: number;
  /** The largest worsening: in units of the base, of the goal for crossings, and of the loss without a spread for the loss. */
  readonly worse: number;
  readonly by: keyof Figures;
}

function figuresOf(
  markets: readonly RecordedMarket[],
  moves: readonly Move[],
  parameters: PoolParameters,
): Figures & { lossWithoutSpread: number } {
  const besides = markets.flatMap((market) => besideMarket(market, parameters));
  const eth = besides.filter(({ currency }) => currency === "ETH");
  const looks = looksAt(60, moves, parameters);
  const limits = atLimits(0.6, parameters).find(({ hours }) => hours === 24)!;
  return {
    width: widthsOf(eth).find(({ days, delta }) => days === "30 d" && delta === "atm")!.ours,
    crossingPct: crossingsOf(besides).sharePct,
    depth: quantile(
      markets.map((market) => depthOf(market, parameters).gamma),
      0.5,
    ),
    loss: looks.withSpread,
    leastAsk: limits.leastAsk,
    highestBid: limits.highestBid,
    lossWithoutSpread: looks.withoutSpread,
  };
}

const CROSSING_GOAL_PCT = 0.5;

export function sensitivities(markets: readonly RecordedMarket[], moves: readonly Move[]): Sensitivity[] {
  const base = figuresOf(markets, moves, DEFAULT_PARAMETERS);
  const rooms = ["potential", "charges", "limits"] as const;
  const variants = rooms.flatMap((room) =>
    Object.entries(DEFAULT_PARAMETERS[room]).flatMap(([name, value]) =>
      [0.5, 2].map((factor) => ({ room, name, factor, value: factor * (value as number) })),
    ),
  );
  return variants
    .map(({ room, name, factor, value }): Sensitivity => {
      const parameters = { ...DEFAULT_PARAMETERS, [room]: { ...DEFAULT_PARAMETERS[room], [name]: value } };
      const { lossWithoutSpread: _, ...figures } = figuresOf(markets, moves, parameters);
      const worsenings: [keyof Figures, number][] = [
        ["width", figures.width / base.width - 1],
        ["crossingPct", (figures.crossingPct - base.crossingPct) / CROSSING_GOAL_PCT],
        ["depth", 1 - figures.depth / base.depth],
        ["loss", (figures.loss - base.loss) / base.lossWithoutSpread],
        ["leastAsk", base.leastAsk - figures.leastAsk],
        ["highestBid", figures.highestBid - base.highestBid],
      ];
      const [by, worse] = worsenings.reduce((most, one) => (one[1] > most[1] ? one : most));
      return { parameter: name, factor, ...figures, worse, by };
    })
    .filter(({ worse }) => worse > 1e-9)
    .sort((one, other) => other.worse - one.worse);
}
