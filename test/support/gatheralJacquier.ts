/** Gatheral and Jacquier 2014: example 3.1 (Axel Vogt), which has butterfly arbitrage, and its repairs of example 5.1. */
import type { SviParams } from "@meniscus/sdk/svi";

export const VOGT: SviParams = { a: -0.041, b: 0.1331, m: 0.3586, rho: 0.306, sigma: 0.4153 };
export const GUARANTEED: SviParams = {
  a: 0.007740894863895991,
  b: 0.06924202765583319,
  rho: -0.3340365066084783,
  m: 0.04203379551474813,
  sigma: 0.11860801061044834,
};
export const OPTIMAL: SviParams = {
  a: -0.030519911031910985,
  b: 0.1027167817813802,
  rho: 0.10071761320291084,
  m: 0.2723441929253749,
  sigma: 0.41239814691108884,
};
