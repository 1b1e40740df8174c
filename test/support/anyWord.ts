import fc from "fast-check";
import { packSlice, type SliceFields } from "./slices.ts";

/** Words of a report's time near and at the borders of what is accepted, and some anywhere. */
export function wordsAt(reportAt: number): fc.Arbitrary<bigint> {
  return fc
    .record<SliceFields>({
      atmVariance: near(32, [1n << 30n, (1n << 32n) - 1n, 3n << 30n]),
      reportAt: fc.oneof(
        { weight: 20, arbitrary: fc.constant(BigInt(reportAt)) },
        fc.bigInt(0n, (1n << 32n) - 1n),
      ),
      flags: fc.oneof({ weight: 20, arbitrary: fc.constant(0n) }, fc.bigInt(0n, (1n << 19n) - 1n)),
      basis: fc.bigInt(-(1n << 31n), (1n << 31n) - 1n),
      exponent: fc.oneof({ weight: 10, arbitrary: fc.bigInt(6n, 18n) }, fc.bigInt(0n, 31n)),
      rho: fc.oneof(
        fc.bigInt(-(1n << 31n), (1n << 31n) - 1n),
        fc.constantFrom(-(1n << 31n), 1n - (1n << 31n), 0n, (1n << 31n) - 1n),
      ),
      b: fc.oneof(
        { weight: 4, arbitrary: fc.bigInt(0n, 1n << 28n) },
        near(36, [0n, 1n << 30n, (1n << 36n) - 1n]),
      ),
      sigma: fc.oneof(
        { weight: 4, arbitrary: fc.bigInt(1n, 1n << 31n) },
        near(34, [0n, 1n << 32n, (1n << 34n) - 1n]),
      ),
      m: fc.oneof(
        { weight: 4, arbitrary: fc.bigInt(-(1n << 29n), 1n << 29n) },
        fc.bigInt(-(1n << 33n), (1n << 33n) - 1n),
      ),
    })
    .map(packSlice);
}

function near(bits: number, places: bigint[]): fc.Arbitrary<bigint> {
  const end = 1n << BigInt(bits);
  const steps = fc.tuple(fc.constantFrom(...places), fc.bigInt(-3n, 3n));
  return fc.oneof(
    fc.bigInt(0n, end - 1n),
    steps.map(([place, step]) => (place + step < 0n ? 0n : place + step >= end ? end - 1n : place + step)),
  );
}
