/** A fault that is injected, and what must be told of it afterwards. */
export interface Fault {
  readonly name: string;
  /** Injects it, by the seed in the same way every time, and looks at the chain afterwards. */
  run(seed: number): Promise<Outcome>;
}

export interface Outcome {
  fundsLost: bigint;
  doubleHedges: number;
  outOfBoundsAccepted: number;
  manualRestarts: number;
  msToSafeState: number;
}
