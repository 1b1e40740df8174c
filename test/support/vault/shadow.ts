/**
 * What a queue of requests should come to, by brute force: every request on its own, every fill over all of them, in fixed point of 256
 * bits behind the point, so that its own error is nothing beside a unit.
 */
const FRACTION = 256n;
const exact = (amount: bigint): bigint => amount << FRACTION;

export interface ShadowRequest {
  /** Pending, and paid and not claimed, 256 bits behind the point. */
  pending: bigint;
  paid: bigint;
  /** In the contract's whole units: all that was ever requested, less what was cancelled, burned or claimed. */
  open: bigint;
  /** How often the contract may have rounded: changes of this request after fills. */
  settlements: bigint;
}

export class ShadowQueue {
  readonly requests = new Map<string, ShadowRequest>();
  fills = 0n;

  of(who: string): ShadowRequest {
    let request = this.requests.get(who);
    if (request === undefined) {
      request = { pending: 0n, paid: 0n, open: 0n, settlements: 0n };
      this.requests.set(who, request);
    }
    return request;
  }

  add(who: string, amount: bigint): void {
    const request = this.of(who);
    request.pending += exact(amount);
    request.open += amount;
    request.settlements += 1n;
  }

  /** All that the contract says is pending is taken out; the crumbs by which exact arithmetic has more are left to nobody. */
  removeAll(who: string, amount: bigint): void {
    const request = this.of(who);
    request.pending = 0n;
    request.open -= amount;
    request.settlements += 1n;
  }

  claim(who: string, amountIn: bigint, amountOut: bigint): void {
    const request = this.of(who);
    request.paid -= exact(amountOut);
    request.open -= amountIn;
    request.settlements += 1n;
  }

  fill(taken: bigint, paid: bigint, total: bigint): void {
    if (taken === 0n) return;
    this.fills += 1n;
    for (const request of this.requests.values()) {
      request.paid += (paid * request.pending) / total;
      request.pending -= (taken * request.pending) / total;
    }
  }

  /** Whole units. */
  pendingOf = (who: string): bigint => this.of(who).pending >> FRACTION;
  paidOf = (who: string): bigint => this.of(who).paid >> FRACTION;

  /**
   * By how much the contract may have less: a unit for each settlement and one for the reading, and one for all that the scale lost
   * (RequestQueue, PRECISION: 2^-15 a fill).
   */
  slackOf = (who: string): bigint => this.of(who).settlements + 2n;
}
