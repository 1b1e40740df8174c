/** What positions can come to owe, by its definition: every option by itself, at every strike and both ends, in exact fractions. */
import type { Side } from "@meniscus/sdk/sides";
import { WAD } from "@meniscus/sdk/wad";

/** Of one series; written ones are negative. WAD. */
export interface Position {
  strike: bigint;
  isPut: boolean;
  amount: bigint;
}

/** Rounded up to the token's smallest unit, as it is locked. */
const ceiling = (numerator: bigint, denominator: bigint): bigint =>
  numerator <= 0n ? 0n : (numerator + denominator - 1n) / denominator;

/** The most base (calls) or quote (puts) over all settlement prices, in the token's units: between strikes what is owed is monotone. */
export function mostOwed(positions: readonly Position[], side: Side, decimals: number): bigint {
  const own = positions.filter(({ isPut }) => isPut === (side === "quote"));
  const unit = 10n ** BigInt(decimals);
  const strikes = own.map(({ strike }) => strike);
  const owed = strikes.map((price) => {
    const paid = own.reduce((total, { strike, amount }) => {
      const gain = side === "base" ? price - strike : strike - price;
      return gain > 0n ? total - amount * gain : total;
    }, 0n);
    return side === "base" ? ceiling(paid * unit, price * WAD) : ceiling(paid * unit, WAD * WAD);
  });
  // At no price at all every put pays its strike; far out every call pays one.
  const atTheEnd = own.reduce(
    (total, { strike, amount }) => total - amount * (side === "base" ? WAD : strike),
    0n,
  );
  owed.push(ceiling(atTheEnd * unit, WAD * WAD));
  return owed.reduce((most, each) => (each > most ? each : most), 0n);
}

/** What an account of plain sums has locked: longs count nothing. */
export function plainSum(positions: readonly Position[], side: Side, decimals: number): bigint {
  const written = positions.filter(({ isPut, amount }) => isPut === (side === "quote") && amount < 0n);
  const total = written.reduce(
    (all, { strike, amount }) => all - amount * (side === "base" ? WAD : strike),
    0n,
  );
  return ceiling(total * 10n ** BigInt(decimals), WAD * WAD);
}
