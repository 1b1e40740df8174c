/**
 * G(v) = Y'(2 - 1/v) / v^2, Y(z) = Phi(z) / phi(z), Y'(z) = 1 + z Y(z): what the normalised Black price integrates. It rises from 1
 * at v = 0 by way of 4 at 1/2.
 *
 * Written by scripts/coefficients/main.ts (npm run coefficients); do not edit. The numbers stand in the code, because constants of
 * a module make the implied vol 15 % slower.
 */

/**
 * G(v) for 0 <= v <= 5/8: on each of three pieces a rational minimax fit in the distance from its lower end; relative error below
 * 2^-54 before rounding.
 */
export function mildIntegrand(v: number): number {
  if (v < 0.125) return low(v);
  return v < 0.3125 ? middle(v - 0.125) : high(v - 0.3125);
}

/** Relative error 2.2e-17. */
function low(x: number): number {
  let p = 318.38143381060866;
  p = p * x + 379.8004317763469;
  p = p * x + 232.95506868846564;
  p = p * x + 164.4320471419106;
  p = p * x + 12.110923792434175;
  p = p * x + 25.427032006922982;
  p = p * x - 0.9323053195776022;
  p = p * x + 1;
  let q = -81.22564651955602;
  q = q * x + 438.822160295543;
  q = q * x - 358.4029172356931;
  q = q * x + 287.9775773330575;
  q = q * x - 96.1233414830951;
  q = q * x + 36.15625328527987;
  q = q * x - 4.932305319577681;
  q = q * x + 1;
  return p / q;
}

/** Relative error 3.4e-17. */
function middle(x: number): number {
  let p = -145.27757899234012;
  p = p * x + 671.9749617394707;
  p = p * x + 1095.695977172763;
  p = p * x + 777.422268817792;
  p = p * x + 331.80959657987756;
  p = p * x + 92.95132224055973;
  p = p * x + 16.189106921877027;
  p = p * x + 1.6469782156028947;
  let q = 71.98861431051994;
  q = q * x + 150.53612058261726;
  q = q * x + 178.7404665674885;
  q = q * x + 147.3393887167961;
  q = q * x + 73.14656023982661;
  q = q * x + 28.698357771027645;
  q = q * x + 5.999772210617068;
  q = q * x + 1;
  return p / q;
}

/** Relative error 2.9e-18. */
function high(x: number): number {
  let p = 0.209199440405627;
  p = p * x - 1.5682532629794277;
  p = p * x + 167.02649277238388;
  p = p * x + 323.409109127674;
  p = p * x + 266.0112779884437;
  p = p * x + 117.3583175688255;
  p = p * x + 28.015063047836268;
  p = p * x + 2.958446709231582;
  let q = 4.324477714636245;
  q = q * x + 22.603286890154287;
  q = q * x + 50.07741955371309;
  q = q * x + 63.729627345022685;
  q = q * x + 50.02152936794713;
  q = q * x + 24.736314694749733;
  q = q * x + 7.154630728804518;
  q = q * x + 1;
  return p / q;
}
