/** How a fault of the chain is played: a keeper, in blocks and looks, until the delta is in its band. */
import type { Wallet } from "ethers";
import { uniform } from "../contracts/pricing/points.ts";
import { type KeeperOptions, Scenario } from "../support/keeper/scenario.ts";
import type { Fault, Outcome } from "./fault.ts";

type Random = () => number;

export interface Stage {
  scenario: Scenario;
  wallet: Wallet;
  random: Random;
  seed: number;
  /** What happens before the keeper's look of a block. */
  before?: (block: number) => Promise<void>;
  /** What is checked at the end; throws where the fault was not injected, or not answered as it should be. */
  after?: () => Promise<void> | void;
  /** The block of the keeper's first look. */
  from?: number;
}

/** A fault of one keeper in this process. */
export function fault(name: string, arrange: (stage: Stage) => Promise<KeeperOptions | undefined>): Fault {
  return {
    name,
    run: (seed) =>
      within(seed, async (stage) => {
        const options = await arrange(stage);
        const keeper = stage.scenario.keeper(stage.wallet, options);
        const outcome = await stage.scenario.untilSafe(async (block) => {
          await stage.before?.(block);
          if (block >= (stage.from ?? 0)) await keeper.look();
        });
        await stage.after?.();
        return outcome;
      }),
  };
}

export async function within(seed: number, play: (stage: Stage) => Promise<Outcome>): Promise<Outcome> {
  const scenario = await Scenario.open();
  try {
    const wallet = await scenario.account(seed);
    return await play({ scenario, wallet, seed, random: uniform(BigInt(seed)) });
  } finally {
    scenario.end();
  }
}
