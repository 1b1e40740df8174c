/** What a variant is played from, and what is left of it. */
import type { Side } from "@meniscus/sdk/sides";
import type { SimulationEpoch, SimulationSample } from "../../json/simulation.ts";
import type { Trade } from "./flow.ts";
import type { SimulationInput } from "./input.ts";
import type { HedgeOutcome } from "./keepers.ts";
import type { Seed } from "./measure.ts";
import type { Variant } from "./variants.ts";

export interface Played {
  variant: Variant;
  seed: Seed;
  trades: Trade[];
  refused: string[];
  looks: number;
  hedges: HedgeOutcome[];
  samples: SimulationSample[];
  /** Ends of epochs, those without a mark included. */
  days: number;
  epochs: (SimulationEpoch & { navs: Record<Side, { entry: number; exit: number }> })[];
}

export interface Script {
  input: SimulationInput;
  stepHours: number;
  seed: number;
}
