/** Every variant through the same path, each from the same snapshot of one deployment. */

import { priceAt, type SpotPath } from "@meniscus/pricer/source/spotPath";
import { isoTime, SECONDS_PER_YEAR } from "@meniscus/sdk/clock";
import { toWad } from "@meniscus/sdk/wad";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { withJournals } from "../../hardhat/deployment.ts";
import { startLocalChain } from "../../hardhat/localChain.ts";
import type { Simulation, SimulationVariant } from "../../json/simulation.ts";
import type { Session } from "../../localMarket/session.ts";
import { EQUITY } from "../../localMarket/stages/poolStage.ts";
import { step } from "../../terminal/progress.ts";
import { ASSUMPTIONS } from "./assumptions.ts";
import { deployMarket } from "./deployMarket.ts";
import type { SimulationInput } from "./input.ts";
import { outcomeOf } from "./outcome.ts";
import { play } from "./play.ts";
import type { Script } from "./record.ts";
import type { Variant } from "./variants.ts";
import { worldOf } from "./world.ts";

/** From the chain's start to the first step: deployment, and half an hour of the pool's history. */
const BEFORE = 4 * 3600;

/** The contracts must be built. */
export async function simulate(
  hardhat: HardhatRuntimeEnvironment,
  script: Script,
  variants: readonly Variant[],
): Promise<Simulation> {
  const { input } = script;
  const chain = await startLocalChain(hardhat, { startAt: input.from - BEFORE, port: 0 });
  try {
    const spot = toWad(worldOf(input, 0).spotAt(input.from));
    const session = await withJournals(chain, () =>
      step("Deploying the market", () => deployMarket(hardhat, chain, { currency: input.currency, spot })),
    );
    const outcomes: SimulationVariant[] = [];
    for (const variant of variants)
      outcomes.push(
        await step(`${variant.name}: ${variant.about}`, () => playAnew(session, script, variant)),
      );
    return summaryOf(script, outcomes);
  } finally {
    await chain.close();
  }
}

/** The chain is as before afterwards. */
async function playAnew(session: Session, script: Script, variant: Variant): Promise<SimulationVariant> {
  const { provider } = session.chain;
  const snapshot = await provider.send("evm_snapshot", []);
  try {
    return outcomeOf(await play(session, script, variant));
  } finally {
    await provider.send("evm_revert", [snapshot]);
  }
}

function summaryOf({ input, stepHours, seed }: Script, variants: SimulationVariant[]): Simulation {
  return {
    currency: input.currency,
    from: isoTime(input.from),
    to: isoTime(input.to),
    stepHours,
    seed,
    equity: Number(EQUITY),
    surfaces: input.surfaces.map(({ source }) => source),
    spotFile: input.spot.name,
    spotMove: moveOf(input.spot, input),
    assumptions: [...ASSUMPTIONS],
    variants,
  };
}

/** Lowest, highest and last price against the first, and the vol realised from bar to bar. */
function moveOf(spot: SpotPath, { from, to }: SimulationInput): Simulation["spotMove"] {
  const bars = spot.bars.filter(({ at }) => at >= from && at <= to);
  const start = priceAt(spot, from);
  const moves = bars.map(({ price }) => price / start - 1);
  const squares = bars.slice(1).map(({ price }, i) => Math.log(price / bars[i]!.price) ** 2);
  const variance = squares.reduce((all, square) => all + square, 0) / (to - from);
  return {
    low: Math.min(...moves),
    high: Math.max(...moves),
    end: priceAt(spot, to) / start - 1,
    vol: Math.sqrt(variance * SECONDS_PER_YEAR),
  };
}
