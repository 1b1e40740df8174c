/**
 * Medians, which no single wrong value moves far. Of an even number of values two are in the middle: each function gives one of them, so a
 * value that is really there.
 */

/** Times the median absolute deviation, the standard deviation of normal errors. */
export const MAD_TO_SIGMA = 1.4826;

/** The lower of the two middle values of an even number; NaN of nothing. */
export function lowerMedian(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[(sorted.length - 1) >> 1] ?? Number.NaN;
}

/** The upper of the two middle values of an even number; 0 of nothing. */
export function upperMedian(values: readonly number[]): number {
  return Float64Array.from(values).sort()[values.length >> 1] ?? 0;
}
