/** WAD, the contracts' unit of prices, amounts and shares: 18 decimals. */

export const WAD = 10n ** 18n;

const DECIMALS = 18;

/** By the shortest decimal form of the number, cut after 18 decimals. Throws a RangeError where that has an exponent: below 1e-6 or from 1e21 on. */
export function toWad(value: number): bigint {
  const [whole, fraction = ""] = String(value).split(".");
  const digits = `${whole}${fraction.slice(0, DECIMALS).padEnd(DECIMALS, "0")}`;
  if (!/^-?\d+$/.test(digits)) throw new RangeError(`${value} has no decimal form without an exponent`);
  return BigInt(digits);
}

/** From a token's smallest parts to WAD. Throws a RangeError for more than 18 decimals. */
export const wadScale = (decimals: number): bigint => 10n ** BigInt(DECIMALS - decimals);

/** In float64, within two units of its last place. */
export const fromWad = (wad: bigint): number => Number(wad) / 1e18;
