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
const ROWS_PER_SLICE = 160;

export function emptyRows(slices: number): Rows {
  const capacity = ROWS_PER_SLICE * slices + 1;
  return {
    count: 0,
    slice: new Int32Array(capacity),
    gradient: new Float64Array(capacity * 2 * SIZE),
    value: new Float64Array(capacity),
  };
}

const kept: Rows[] = [];

/** Rows of at least so many slices that a search works in and leaves to the next one, `which` of several; their memory costs more than they do. */
export function workRows(which: number, slices: number): Rows {
  const rows = kept[which];
  if (rows !== undefined && rows.value.length > ROWS_PER_SLICE * slices) return rows;
  kept[which] = emptyRows(slices);
  return kept[which];
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

/** gradient . d of row j. */
export function rowTimes(rows: Rows, j: number, d: Float64Array): number {
  const at = j * 2 * SIZE;
  const offset = rows.slice[j]! * SIZE;
  const end = Math.min(2 * SIZE, d.length - offset);
  let sum = 0;
  for (let a = 0; a < end; a++) sum += rows.gradient[at + a]! * d[offset + a]!;
  return sum;
}

/** out += factor gradient of row j. */
export function addTimes(rows: Rows, j: number, factor: number, out: Float64Array): void {
  const at = j * 2 * SIZE;
  const offset = rows.slice[j]! * SIZE;
  const end = Math.min(2 * SIZE, out.length - offset);
  for (let a = 0; a < end; a++) out[offset + a]! += factor * rows.gradient[at + a]!;
}
