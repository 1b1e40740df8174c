/** Inequality rows of a quadratic programme over the coordinates of all slices: value + gradient . step >= 0. */
import { SIZE } from "./smile.ts";

/** A row touches the five coordinates of one slice, or the ten of it and the next. */
export interface Rows {
  count: number;
  /** First slice of each row. */
  readonly slice: Int32Array;
  /** Ten coefficients a row; the last five are zero for a row of one slice. */
  readonly gradient: Float64Array;
  readonly value: Float64Array;
}

/** Far more than scans of a slice and its pair find; the surplus would be left out, for the certificate to notice. */
const ROWS_PER_SLICE = 400;

export function emptyRows(slices: number): Rows {
  const capacity = ROWS_PER_SLICE * slices + 1;
  return {
    count: 0,
    slice: new Int32Array(capacity),
    gradient: new Float64Array(capacity * 2 * SIZE),
    value: new Float64Array(capacity),
  };
}

/** Adds a row of slice i with value and zero gradient; returns where its ten coefficients start. */
export function addRow(rows: Rows, i: number, value: number): number {
  const row = rows.count;
  const at = row * 2 * SIZE;
  rows.gradient.fill(0, at, at + 2 * SIZE);
  rows.slice[row] = i;
  rows.value[row] = value;
  // The last row of the arrays is scratch.
  if (row + 1 < rows.value.length) rows.count++;
  return at;
}
