/** What a transaction offers for gas. */

export interface Fees {
  maxFeePerGas: bigint;
  maxPriorityFeePerGas: bigint;
}

export interface FeeLimits {
  feeCap: bigint;
  priorityFee: bigint;
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
const most = (one: bigint, other: bigint): bigint => (one > other ? one : other);

/** Up by an eighth, rounded up, and of nothing by something: what nodes ask of a replacement is 10 %, of some 12.5 %, and of both fees. */
const raised = (fee: bigint): bigint => (fee === 0n ? 1n : (fee * 9n + 7n) / 8n);

/** Twice the base fee and the tip, so that six full blocks do not outrun it; null where even the base fee of now is over the cap. */
export function firstFees(baseFee: bigint, { feeCap, priorityFee }: FeeLimits): Fees | null {
  if (baseFee + priorityFee > feeCap) return null;
  return { maxFeePerGas: least(2n * baseFee + priorityFee, feeCap), maxPriorityFeePerGas: priorityFee };
}

/**
 * Fees for a nonce at which `lost` were not mined: an eighth above all of them, or the cap, for what offered nearly that most likely no node
 * has. The tip by a sixteenth of the limit's at least, for of nothing an eighth is nothing.
 */
export function feesAbove(lost: readonly Fees[], first: Fees, { feeCap, priorityFee }: FeeLimits): Fees {
  const step = (priorityFee + 15n) / 16n;
  return lost.reduce((fees, offer) => {
    const tip = most(raised(offer.maxPriorityFeePerGas), offer.maxPriorityFeePerGas + step);
    const maxPriorityFeePerGas = least(most(fees.maxPriorityFeePerGas, tip), feeCap);
    // As much beside the tip as at first.
    const whole = fees.maxFeePerGas + maxPriorityFeePerGas - fees.maxPriorityFeePerGas;
    return { maxFeePerGas: least(most(whole, raised(offer.maxFeePerGas)), feeCap), maxPriorityFeePerGas };
  }, first);
}

/** `fees`, where an account has as much per gas, else what it has; null where that does not pay even the base fee of now. */
export function affordableFees(fees: Fees, baseFee: bigint, balancePerGas: bigint): Fees | null {
  if (balancePerGas < baseFee) return null;
  return {
    maxFeePerGas: least(fees.maxFeePerGas, balancePerGas),
    maxPriorityFeePerGas: least(fees.maxPriorityFeePerGas, balancePerGas),
  };
}

/** Fees that a node takes in place of `old`, at least those of now; null where the cap does not allow them. */
export function replacingFees(old: Fees, baseFee: bigint, limits: FeeLimits): Fees | null {
  const maxPriorityFeePerGas = most(raised(old.maxPriorityFeePerGas), limits.priorityFee);
  const wanted = most(raised(old.maxFeePerGas), 2n * baseFee + maxPriorityFeePerGas);
  const maxFeePerGas = least(wanted, limits.feeCap);
  if (maxFeePerGas < raised(old.maxFeePerGas) || maxPriorityFeePerGas > maxFeePerGas) return null;
  // A replacement that cannot be mined either only uses up the room below the cap.
  if (maxFeePerGas < baseFee + maxPriorityFeePerGas) return null;
  return { maxFeePerGas, maxPriorityFeePerGas };
}
