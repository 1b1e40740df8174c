/** What Book and OptionPool are told at their deployment, in the contracts' units, and the names of what they answer. */

/** IBook.Terms: potential, band and limits. */
export const BOOK_TERMS = {
  lambdaBps: 4000,
  slopeLowPpm: 12_000,
  slopeHighPpm: 40_000,
  muBps: 800,
  thetaPpm: 50,
  kappaPpm: 800,
  stickinessBps: 12_000,
  vegaLowBps: 300,
  vegaHighBps: 1000,
  gammaBps: 30_000,
  exposureMaxAge: 600,
  exposureMaxMoveBps: 100,
  blockOutflowBps: 2500,
  epochOutflowBps: 5000,
  epochExitsBps: 1000,
};

/** IOptionPool.Parameters: age, fees and rent. */
export const POOL_PARAMETERS = {
  feeVolPpm: 5000,
  feeNotionalPpm: 500,
  feeOfValueBps: 1250,
  ageSdsBps: 20_000,
  volOfVolBps: 6000,
  displacementBps: 15_000,
  reportMaxAge: 120,
  spotMaxMoveBps: 75,
  rentBelowPpm: 1000,
  rentAtKinkPpm: 5000,
  rentFullPpm: 50_000,
};

/** In the order of IOptionPool.Refusal. */
export const POOL_REFUSALS = [
  "None",
  "NoLegs",
  "MarketOther",
  "SeriesRepeated",
  "SeriesNotListed",
  "AmountTooSmall",
  "AmountTooLarge",
  "SettlementWindow",
  "SpotNotAlive",
  "Paused",
  "ClosingTime",
  "SpotRefused",
  "ReportOld",
  "SpotMoved",
  "SliceClosed",
  "PriceOutOfDomain",
  "SaleBeyondValue",
  "BookLimit",
] as const;

/** In the order of IBook.Limit. */
export const BOOK_LIMITS = [
  "None",
  "WindDown",
  "EpochDue",
  "NoEquity",
  "ExposuresOld",
  "VegaLow",
  "VegaHigh",
  "Gamma",
  "BaseCapacity",
  "QuoteCapacity",
  "OutflowOfBlock",
  "OutflowOfEpoch",
  "Rent",
] as const;

/** In the order of IVolSurface.SliceStatus. */
export const SLICE_STATUSES = [
  "Open",
  "Unlisted",
  "Expired",
  "Omitted",
  "Retired",
  "Unproven",
  "Closing",
] as const;
