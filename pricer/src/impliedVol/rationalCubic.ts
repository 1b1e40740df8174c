/**
 * Shape-preserving rational cubic interpolation (Delbourgo, Gregory, "Shape preserving piecewise rational interpolation", SIAM J. Sci.
 * Stat. Comput. 6, 1985): between two ends with values and slopes, a control parameter above -1 sets how straight the curve is.
 */
const LEAST_CONTROL = -(1 - Math.sqrt(Number.EPSILON));
/** From here on the curve is the chord. */
export const MOST_CONTROL = 2 / (Number.EPSILON * Number.EPSILON);

/** Where the curve begins or ends, and its slope there. */
export interface End {
  readonly x: number;
  readonly y: number;
  readonly slope: number;
}

/** The curve from `left` to `right` with this control parameter, at x between them. */
export function rationalCubic(left: End, right: End, control: number, x: number): number {
  const h = right.x - left.x;
  if (!(h > 0)) return 0.5 * (left.y + right.y);
  const t = (x - left.x) / h;
  const u = 1 - t;
  if (control >= MOST_CONTROL) return right.y * t + left.y * u;
  return (
    (right.y * t * t * t +
      (control * right.y - h * right.slope) * t * t * u +
      (control * left.y + h * left.slope) * t * u * u +
      left.y * u * u * u) /
    (1 + (control - 3) * t * u)
  );
}

/** Control parameter that gives the second derivative `bend` at the right end, or the least that keeps the shape of the data. */
export function controlAtRight(left: End, right: End, bend: number, preferShape: boolean): number {
  const chord = chordOf(left, right);
  const wanted = controlOf(0.5 * (right.x - left.x) * bend + (right.slope - left.slope), right.slope - chord);
  return Math.max(wanted, leastControl(left.slope, right.slope, chord, preferShape));
}

/** The same at the left end. */
export function controlAtLeft(left: End, right: End, bend: number, preferShape: boolean): number {
  const chord = chordOf(left, right);
  const wanted = controlOf(0.5 * (right.x - left.x) * bend + (right.slope - left.slope), chord - left.slope);
  return Math.max(wanted, leastControl(left.slope, right.slope, chord, preferShape));
}

const chordOf = (left: End, right: End): number => (right.y - left.y) / (right.x - left.x);

function controlOf(numerator: number, denominator: number): number {
  if (Math.abs(numerator) < 1e-300) return 0;
  if (Math.abs(denominator) < 1e-300) return numerator > 0 ? MOST_CONTROL : LEAST_CONTROL;
  return numerator / denominator;
}

/** Least control parameter that keeps the curve monotone and convex where the slopes at its ends, and its chord, are. */
function leastControl(left: number, right: number, chord: number, preferShape: boolean): number {
  const isMonotone = left * chord >= 0 && right * chord >= 0;
  const isConvex = left <= chord && chord <= right;
  const isConcave = left >= chord && chord >= right;
  if (!isMonotone && !isConvex && !isConcave) return LEAST_CONTROL;
  const straightest = preferShape ? MOST_CONTROL : -MOST_CONTROL;
  let forMonotone = -MOST_CONTROL;
  let forConvex = straightest;
  if (isMonotone) forMonotone = chord === 0 ? straightest : (right + left) / chord;
  if ((isConvex || isConcave) && left !== chord && right !== chord)
    forConvex = Math.max(
      Math.abs((right - left) / (right - chord)),
      Math.abs((right - left) / (chord - left)),
    );
  return Math.max(LEAST_CONTROL, forMonotone, forConvex);
}
