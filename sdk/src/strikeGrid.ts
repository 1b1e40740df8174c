/** The grid of strikes: the twin of `stepAt` in contracts/clearing/ListingRules.sol. */

/** The lowest step's decade: strikes are whole multiples of 1e-9 quote. */
const LOWEST_DECADE = 10n ** 11n;

/** Distance of neighbouring strikes at a level, WAD: 1-2-5 with D the greatest power of ten <= K, D/50, D/20 or D/10. */
export function strikeStep(strike: bigint): bigint {
  let decade = LOWEST_DECADE;
  while (decade <= strike / 10n) decade *= 10n;
  if (strike < 2n * decade) return decade / 50n;
  return strike < 5n * decade ? decade / 20n : decade / 10n;
}

/** The strike on the grid at or below a level, WAD. */
export function strikeDown(level: bigint): bigint {
  return level - (level % strikeStep(level));
}
