/**
 * Shape-preserving rational cubic interpolation (Delbourgo, Gregory, "Shape preserving piecewise rational interpolation", SIAM J. Sci.
 * Stat. Comput. 6, 1985): between two ends with values and slopes, a control parameter above -1 sets how straight the curve is.
 */
const LEAST_CONTROL = -(1 - Math.sqrt(Number.EPSILON));
/** From here on the curve is the chord. */
export const MOST_CONTROL = 2 / (Number.EPSILON * Number.EPSILON);

/** The rational cubic with the given ends, slopes and control parameter. */
export function rationalCubic(
  at: number,
  xl: number,
  xr: number,
  yl: number,
  yr: number,
  dl: number,
  dr: number,
  control: number,
): number {
  const h = xr - xl;
  if (!(h > 0)) return 0.5 * (yl + yr);
  const t = (at - xl) / h;
  const u = 1 - t;
  if (control >= MOST_CONTROL) return yr * t + yl * u;
  return (
    (yr * t * t * t +
      (control * yr - h * dr) * t * t * u +
      (control * yl + h * dl) * t * u * u +
      yl * u * u * u) /
    (1 + (control - 3) * t * u)
  );
}

/** Least control parameter that keeps the interpolation monotone and convex where the data are. */
function leastControl(dl: number, dr: number, chord: number, preferShape: boolean): number {
  const isMonotone = dl * chord >= 0 && dr * chord >= 0;
  const isConvex = dl <= chord && chord <= dr;
  const isConcave = dl >= chord && chord >= dr;
  if (!isMonotone && !isConvex && !isConcave) return LEAST_CONTROL;
  let first = -MOST_CONTROL;
  let second = -MOST_CONTROL;
  if (isMonotone) {
    if (chord !== 0) first = (dr + dl) / chord;
    else if (preferShape) first = MOST_CONTROL;
  }
  if (isConvex || isConcave) {
    const left = chord - dl;
    const right = dr - chord;
    if (left !== 0 && right !== 0) second = Math.max(Math.abs((dr - dl) / right), Math.abs((dr - dl) / left));
    else if (preferShape) second = MOST_CONTROL;
  } else if (preferShape) second = MOST_CONTROL;
  return Math.max(LEAST_CONTROL, first, second);
}

/** Control parameter that gives the second derivative `bend` at the right end. */
export function controlAtRight(
  xl: number,
  xr: number,
  yl: number,
  yr: number,
  dl: number,
  dr: number,
  bend: number,
  preferShape: boolean,
): number {
  const h = xr - xl;
  const chord = (yr - yl) / h;
  const wanted = controlOf(0.5 * h * bend + (dr - dl), dr - chord);
  return Math.max(wanted, leastControl(dl, dr, chord, preferShape));
}

/** Control parameter that gives the second derivative `bend` at the left end. */
export function controlAtLeft(
  xl: number,
  xr: number,
  yl: number,
  yr: number,
  dl: number,
  dr: number,
  bend: number,
  preferShape: boolean,
): number {
  const h = xr - xl;
  const chord = (yr - yl) / h;
  const wanted = controlOf(0.5 * h * bend + (dr - dl), chord - dl);
  return Math.max(wanted, leastControl(dl, dr, chord, preferShape));
}

function controlOf(numerator: number, denominator: number): number {
  if (Math.abs(numerator) < 1e-300) return 0;
  if (Math.abs(denominator) < 1e-300) return numerator > 0 ? MOST_CONTROL : LEAST_CONTROL;
  return numerator / denominator;
}
