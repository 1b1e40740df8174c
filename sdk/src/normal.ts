/**
 * The normal distribution in float64, accurate relative to the value itself in both tails.
 *
 * erfc and erfcx(x) = exp(x^2) erfc(x) by W. J. Cody's rational minimax approximations ("Rational Chebyshev approximations for
 * the error function", Mathematics of Computation 23, 1969); relative error below 1e-15 wherever the result is a normal number.
 */
const SQRT_HALF = Math.SQRT1_2;
const INV_SQRT_PI = 0.5641895835477563;
const SQRT_TWO_PI = 2.5066282746310002;
const INV_SQRT_TWO_PI = 0.3989422804014327;
const SQRT_HALF_PI = 1.2533141373155003;

/** erf(x) for |x| <= 0.46875. */
function erfSmall(x: number): number {
  const y = x * x;
  const numerator =
    (((0.18577770618460315 * y + 3.1611237438705655) * y + 113.86415415105016) * y + 377.485237685302) * y +
    3209.3775891384694;
  const denominator =
    (((y + 23.601290952344122) * y + 244.02463793444417) * y + 1282.6165260773723) * y + 2844.236833439171;
  return (x * numerator) / denominator;
}

/** erfcx(x) for 0.46875 <= x <= 4. */
function erfcxMiddle(x: number): number {
  let numerator = 2.1531153547440383e-8 * x + 0.5641884969886701;
  numerator = numerator * x + 8.883149794388377;
  numerator = numerator * x + 66.11919063714163;
  numerator = numerator * x + 298.6351381974001;
  numerator = numerator * x + 881.952221241769;
  numerator = numerator * x + 1712.0476126340707;
  numerator = numerator * x + 2051.0783778260716;
  numerator = numerator * x + 1230.3393547979972;
  let denominator = x + 15.744926110709835;
  denominator = denominator * x + 117.6939508913125;
  denominator = denominator * x + 537.1811018620099;
  denominator = denominator * x + 1621.3895745666903;
  denominator = denominator * x + 3290.7992357334597;
  denominator = denominator * x + 4362.619090143247;
  denominator = denominator * x + 3439.3676741437216;
  denominator = denominator * x + 1230.3393548037495;
  return numerator / denominator;
}

/** erfcx(x) for x >= 4: the asymptotic series' value corrected by a rational function of 1/x^2. */
function erfcxTail(x: number): number {
  if (x > 1e8) return INV_SQRT_PI / x;
  const y = 1 / (x * x);
  let numerator = 0.016315387137302097 * y + 0.30532663496123236;
  numerator = numerator * y + 0.36034489994980445;
  numerator = numerator * y + 0.12578172611122926;
  numerator = numerator * y + 0.016083785148742275;
  numerator = numerator * y + 0.0006587491615298378;
  let denominator = y + 2.568520192289822;
  denominator = denominator * y + 1.8729528499234673;
  denominator = denominator * y + 0.5279051029514285;
  denominator = denominator * y + 0.06051834131244132;
  denominator = denominator * y + 0.0023352049762686918;
  return (INV_SQRT_PI - (y * numerator) / denominator) / x;
}

/**
 * exp(-x^2) without the error that the rounding of x^2 would bring: x = c + d with c a multiple of 1/16, so that c^2 is exact.
 */
function expMinusSquare(x: number): number {
  const coarse = Math.trunc(x * 16) / 16;
  return Math.exp(-coarse * coarse) * Math.exp(-(x - coarse) * (x + coarse));
}

/** Scaled complementary error function exp(x^2) erfc(x); overflows to Infinity for x < -26.6. */
export function erfcx(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude <= 0.46875) return Math.exp(x * x) * (1 - erfSmall(x));
  const value = magnitude <= 4 ? erfcxMiddle(magnitude) : erfcxTail(magnitude);
  return x > 0 ? value : 2 / expMinusSquare(x) - value;
}

/** Complementary error function; relative error below 1e-15 down to the smallest normal number. */
export function erfc(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude <= 0.46875) return 1 - erfSmall(x);
  const scaled = magnitude <= 4 ? erfcxMiddle(magnitude) : erfcxTail(magnitude);
  const value = magnitude > 27.3 ? 0 : expMinusSquare(magnitude) * scaled;
  return x > 0 ? value : 2 - value;
}

/** exp(z^2/2) without the error that the rounding of z^2 would bring, as in `expMinusSquare`. */
function expHalfSquare(z: number): number {
  const coarse = Math.trunc(z * 16) / 16;
  return Math.exp(0.5 * coarse * coarse) * Math.exp(0.5 * (z - coarse) * (z + coarse));
}

/** Normal density phi(z) = exp(-z^2/2) / sqrt(2 pi). */
export function normalDensity(z: number): number {
  const coarse = Math.trunc(z * 16) / 16;
  return INV_SQRT_TWO_PI * Math.exp(-0.5 * coarse * coarse) * Math.exp(-0.5 * (z - coarse) * (z + coarse));
}

/** From here down the tail is the product of density and Mills ratio, which keeps the density's own accuracy. */
const TAIL = -0.66;

/** Cumulative normal distribution Phi(z), relatively accurate in the lower tail. */
export function normalCdf(z: number): number {
  return z < TAIL ? normalDensity(z) * millsRatio(z) : 0.5 * erfc(-z * SQRT_HALF);
}

/** Mills ratio of the lower tail, Phi(z) / phi(z): finite and positive for z < 37, rising from 0 at -Infinity. */
export function millsRatio(z: number): number {
  if (z > -TAIL) return SQRT_TWO_PI * expHalfSquare(z) - millsRatio(-z);
  return SQRT_HALF_PI * erfcx(-z * SQRT_HALF);
}
