/** The conditions of `essvi.ts` as rows of a quadratic programme in (theta, psi, chi); what is not linear, linear at the point. */
import {
  ESSVI_SIZE,
  type EssviSlice,
  FLATTEST,
  LEVEL_GROWTH,
  MOST_LEAN,
  PHI_FALL,
  SLOPE_GROWTH,
  STEEPEST,
} from "./essvi.ts";
import { addRow, type Rows } from "./rows.ts";
import { SIZE } from "./smile.ts";

/** Fills `rows`; slices in units of their scales. */
export function essviRows(slices: readonly EssviSlice[], scales: Float64Array, rows: Rows): void {
  rows.count = 0;
  slices.forEach((slice, i) => {
    sliceRows(slice, i, STEEPEST / (scales[i]! * (1 + SLOPE_GROWTH) ** (slices.length - 1 - i)), rows);
    if (i + 1 < slices.length) pairRows(slice, slices[i + 1]!, i, scales[i]! / scales[i + 1]!, rows);
  });
}

function put(rows: Rows, i: number, value: number, ...gradient: readonly number[]): void {
  rows.gradient.set(gradient, addRow(rows, i, value));
}

function sliceRows({ theta, psi, chi }: EssviSlice, i: number, most: number, rows: Rows): void {
  const flattest = FLATTEST * Math.sqrt(theta);
  put(rows, i, psi - flattest, -flattest / (2 * theta), 1);
  for (const side of [1, -1]) {
    put(rows, i, most - psi - side * chi, 0, -1, -side);
    put(rows, i, STEEPEST * theta - psi * (psi + side * chi), STEEPEST, -2 * psi - side * chi, -side * psi);
    put(rows, i, MOST_LEAN * psi - side * chi, 0, MOST_LEAN, -side);
  }
}

/** `ratio`: the scale of the first over that of the second; rows in units of the geometric mean of both. */
function pairRows(first: EssviSlice, second: EssviSlice, i: number, ratio: number, rows: Rows): void {
  const unit = Math.sqrt(ratio);
  const level = ratio * (1 + LEVEL_GROWTH);
  const rest = new Array<number>(SIZE - ESSVI_SIZE).fill(0);
  put(rows, i, second.theta / ratio - level * first.theta, -level, 0, 0, ...rest, 1 / ratio);
  const growth = unit * (1 + SLOPE_GROWTH);
  for (const side of [1, -1]) {
    const value = (second.psi + side * second.chi) / unit - growth * (first.psi + side * first.chi);
    put(rows, i, value, 0, -growth, -side * growth, ...rest, 0, 1 / unit, side / unit);
  }
  const fall = unit * (1 + PHI_FALL);
  put(
    rows,
    i,
    (first.psi * second.theta) / unit - fall * second.psi * first.theta,
    ...[-fall * second.psi, second.theta / unit, 0],
    ...[...rest, first.psi / unit, -fall * first.theta],
  );
}
