/**
 * Symmetric positive definite matrices with a block of 5 x 5 a slice that couple neighbouring slices only, as their lower bands: entry
 * (r, c) lies at r WIDTH + (r - c). Factors and solves cost O(slices).
 */
import type { Rows } from "./rows.ts";
import { SIZE } from "./smile.ts";

/** Half bandwidth of two coupled blocks. */
const BAND = 2 * SIZE - 1;
const WIDTH = BAND + 1;

export function newBandMatrix(size: number): Float64Array {
  return new Float64Array(size * WIDTH);
}

/** matrix += factor row row'. */
export function addOuter(rows: Rows, j: number, factor: number, matrix: Float64Array): void {
  const at = j * 2 * SIZE;
  const offset = rows.slice[j]! * SIZE;
  const end = Math.min(2 * SIZE, matrix.length / WIDTH - offset);
  for (let a = 0; a < end; a++) {
    const scaled = factor * rows.gradient[at + a]!;
    if (scaled === 0) continue;
    const base = (offset + a) * WIDTH;
    for (let b = 0; b <= a; b++) matrix[base + a - b]! += scaled * rows.gradient[at + b]!;
  }
}

/** matrix = the block diagonal Hessian, 25 numbers a slice. */
export function loadHessian(hessian: Float64Array, matrix: Float64Array, size: number): void {
  matrix.fill(0);
  for (let r = 0; r < size; r++) {
    const block = Math.trunc(r / SIZE) * SIZE;
    for (let c = block; c <= r; c++) matrix[r * WIDTH + r - c] = hessian[r * SIZE + c - block]!;
  }
}

/** Banded Cholesky in place. */
export function factorise(matrix: Float64Array, size: number): void {
  for (let r = 0; r < size; r++) {
    const low = Math.max(0, r - BAND);
    for (let c = low; c <= r; c++) {
      let value = matrix[r * WIDTH + r - c]!;
      for (let k = Math.max(low, c - BAND); k < c; k++)
        value -= matrix[r * WIDTH + r - k]! * matrix[c * WIDTH + c - k]!;
      matrix[r * WIDTH + r - c] = r === c ? Math.sqrt(Math.max(value, 1e-20)) : value / matrix[c * WIDTH]!;
    }
  }
}

/** Solves with the factor. */
export function solveFactored(matrix: Float64Array, rhs: Float64Array, out: Float64Array): void {
  const size = rhs.length;
  for (let r = 0; r < size; r++) {
    let value = rhs[r]!;
    for (let c = Math.max(0, r - BAND); c < r; c++) value -= matrix[r * WIDTH + r - c]! * out[c]!;
    out[r] = value / matrix[r * WIDTH]!;
  }
  for (let r = size - 1; r >= 0; r--) {
    let value = out[r]!;
    const end = Math.min(size - 1, r + BAND);
    for (let c = r + 1; c <= end; c++) value -= matrix[c * WIDTH + c - r]! * out[c]!;
    out[r] = value / matrix[r * WIDTH]!;
  }
}

/** out = H d for the block diagonal Hessian, 25 numbers a slice. */
export function hessianTimes(hessian: Float64Array, d: Float64Array, out: Float64Array): void {
  for (let r = 0; r < d.length; r++) {
    const block = Math.trunc(r / SIZE) * SIZE;
    let sum = 0;
    for (let c = 0; c < SIZE; c++) sum += hessian[r * SIZE + c]! * d[block + c]!;
    out[r] = sum;
  }
}

/** Diagonal entry of H. */
export function curvature(hessian: Float64Array, a: number): number {
  return hessian[a * SIZE + (a % SIZE)]!;
}

/** gradient' diag(H)^-1 gradient of row j. */
export function rowSquare(rows: Rows, j: number, hessian: Float64Array): number {
  const at = j * 2 * SIZE;
  const offset = rows.slice[j]! * SIZE;
  const end = Math.min(2 * SIZE, hessian.length / SIZE - offset);
  let sum = 0;
  for (let a = 0; a < end; a++) sum += rows.gradient[at + a]! ** 2 / curvature(hessian, offset + a);
  return sum;
}
