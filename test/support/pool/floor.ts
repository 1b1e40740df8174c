/** The signer-free bound by its formula in IOptionPool, in WAD. */
import { WAD } from "./fixture.ts";

const YEAR = 365n * 86_400n;

export interface LiveSpot {
  low: bigint;
  high: bigint;
  /** WAD. */
  deviation: bigint;
}

/** S_lo and S_hi: lowest and highest live spot, less and plus the deviation and 2 %. */
export function boundsOf({ low, high, deviation }: LiveSpot) {
  const margin = WAD / 50n + deviation;
  return { low: (low * (WAD - margin)) / WAD, high: (high * (WAD + margin)) / WAD + 1n };
}

/** call max(0, S_lo - K D_hi), put max(0, K D_lo - S_hi), with D within [0.98 - 0.5 t, 1.02 + 0.3 t]. */
export function floorOf(
  { strike, isPut, expiryAt }: { strike: bigint; isPut: boolean; expiryAt: number },
  spot: LiveSpot,
  at: number,
): bigint {
  const left = (BigInt(expiryAt - at) * WAD) / YEAR;
  const { low, high } = boundsOf(spot);
  const bid = isPut
    ? (strike * ((98n * WAD) / 100n - left / 2n)) / WAD - high
    : low - (strike * ((102n * WAD) / 100n + (3n * left) / 10n)) / WAD - 1n;
  return bid > 0n ? bid : 0n;
}
