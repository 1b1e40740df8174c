/** What both oracles are told of a market: the proposed values of docs/PARAMETERS.md, for feeds of 8 decimals. */

const HOUR = 3600;
const USD = 10n ** 8n;

/** In the order of ISpotOracle.Reason. */
export const SPOT_REASONS = [
  "None",
  "MarketUnknown",
  "NoLiveSource",
  "FeedStale",
  "FeedOutOfBounds",
  "FeedRoundIncomplete",
  "FeedDecimalsChanged",
  "QuoteFeedStale",
  "AverageStale",
  "SignedStale",
  "SourcesDisagree",
  "SequencerDown",
  "SequencerGrace",
] as const;

export const SPOT_LIMITS = {
  agreementBps: 200,
  cacheMaxAge: HOUR,
  reducingGrace: 6 * HOUR,
  aliveGrace: 72 * HOUR,
  sequencerGrace: HOUR,
};

/** Seconds over which a pool's price is averaged. */
export const AVERAGE_WINDOW = 1800;

/** A market without a pool. */
export const NO_AVERAGE = {
  pool: "0x0000000000000000000000000000000000000000",
  window: 0,
  baseIsToken0: false,
  baseDecimals: 0,
  quoteDecimals: 0,
};

/** Seconds from an expiry whose window is broken to the fallback. */
export const FALLBACK_DELAY = 25 * HOUR;

/** Chainlink's ETH/USD and USDC/USD of Ethereum: heartbeats 1 h and 24 h, thresholds 0.5 % and 0.25 %. */
export const spotFeeds = <Address>(base: Address, quote: Address) => ({
  base: {
    proxy: base,
    decimals: 8,
    heartbeat: HOUR + 300,
    deviationBps: 50,
    minAnswer: 10n * USD,
    maxAnswer: 1_000_000n * USD,
  },
  quote: {
    proxy: quote,
    decimals: 8,
    heartbeat: 24 * HOUR + 300,
    deviationBps: 25,
    minAnswer: USD / 100n,
    maxAnswer: 100n * USD,
  },
});

/** The same for settlement. */
export const settlementFeeds = <Address>(base: Address, quote: Address) => {
  const feed = (proxy: Address, maxSilence: number) => ({
    proxy,
    decimals: 8,
    maxSilence,
    minAnswer: USD / 100n,
    maxAnswer: 1_000_000n * USD,
  });
  return { base: feed(base, 3 * HOUR), quote: feed(quote, 26 * HOUR) };
};
