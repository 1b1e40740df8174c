/** Slice words made field by field, so that tests can also make those that no fitter would. */
import { quantise } from "@meniscus/sdk/slice";
import type { SviParams } from "@meniscus/sdk/svi";

/** The fields as contracts/types/Slice.sol draws them, in their own integer units. */
export interface SliceFields {
  atmVariance: bigint;
  reportAt: bigint;
  flags: bigint;
  basis: bigint;
  exponent: bigint;
  rho: bigint;
  b: bigint;
  sigma: bigint;
  m: bigint;
}

const LAYOUT: [keyof SliceFields, bigint, number][] = [
  ["atmVariance", 0n, 32],
  ["reportAt", 32n, 32],
  ["flags", 64n, 19],
  ["basis", 83n, 32],
  ["exponent", 115n, 5],
  ["rho", 120n, 32],
  ["b", 152n, 36],
  ["sigma", 188n, 34],
  ["m", 222n, 34],
];

/** Packs fields; signed ones as two's complement, cut to their width. */
export function packSlice(fields: SliceFields): bigint {
  return LAYOUT.reduce(
    (word, [name, shift, bits]) => word | (BigInt.asUintN(bits, fields[name]) << shift),
    0n,
  );
}

/** A plain smile: vol at the money, tilt and wings in units of one sd, with `tau` in years. */
export interface Smile {
  vol: number;
  tau: number;
  reportAt: number;
  /** b over the sd; 0.1 to 0.3 is usual. */
  wing?: number;
  rho?: number;
  /** In sd. */
  m?: number;
  sigma?: number;
  /** ln(F/S). */
  basis?: number;
}

/** The fields of a smile. */
export function smileFields(smile: Smile): SliceFields {
  const { vol, tau, reportAt, wing = 0.15, rho = -0.2, m = 0.1, sigma = 1, basis = 0.05 * tau } = smile;
  const variance = vol * vol * tau;
  const scale = Math.floor(Math.log2(variance) / 2);
  const sd = Math.sqrt(variance) / 2 ** scale;
  const count = (value: number, bits: number) => BigInt(Math.round(value * 2 ** bits));
  return {
    atmVariance: count(sd * sd, 30),
    reportAt: BigInt(reportAt),
    flags: 0n,
    basis: count(basis, 31),
    exponent: BigInt(scale + 16),
    rho: count(rho, 31),
    b: count(wing * sd, 29),
    sigma: count(sigma * sd, 28),
    m: count(m * sd, 28),
  };
}

export const smileWord = (smile: Smile): bigint => packSlice(smileFields(smile));

/**
 * Gatheral and Jacquier (2014): example 3.1, Vogt's smile, which has a butterfly at k = 0.879, and the two smiles of example 5.1 that
 * repair it.
 */
export const VOGT: SviParams = { a: -0.041, b: 0.1331, m: 0.3586, rho: 0.306, sigma: 0.4153 };
export const VOGT_REPAIRS: readonly SviParams[] = [
  {
    a: 0.007740894863895991,
    b: 0.06924202765583319,
    rho: -0.3340365066084783,
    m: 0.04203379551474813,
    sigma: 0.11860801061044834,
  },
  {
    a: -0.030519911031910985,
    b: 0.1027167817813802,
    rho: 0.10071761320291084,
    m: 0.2723441929253749,
    sigma: 0.41239814691108884,
  },
];

export const vogtWord = (reportAt: number): bigint => quantise(VOGT, 0, reportAt);
