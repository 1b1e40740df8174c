/** Answers of a node that are sound to read and wrong: it lags behind, has lost what it had, or is another one behind the same URL. */
import { toQuantity } from "ethers";
import type { KeeperOptions } from "../support/keeper/scenario.ts";
import { fault, type Stage } from "./chainRun.ts";
import type { Fault } from "./fault.ts";

/** A share of the first answers of a method is this. */
const lie = (
  name: string,
  lied: string,
  resultOf: (random: () => number) => unknown,
  arrange: (stage: Stage) => KeeperOptions = () => ({}),
): Fault =>
  fault(name, async (stage) => {
    const { scenario, random } = stage;
    const [share, most] = [0.2 + 0.6 * random(), 2 + Math.floor(8 * random())];
    let asked = 0;
    scenario.proxy.treat = ({ method }) =>
      method === lied && asked++ < most && (asked === 1 || random() < share)
        ? { result: resultOf(random) }
        : undefined;
    const options = arrange(stage);
    const check = stage.after;
    stage.after = async () => {
      if (asked === 0) throw new Error(`${name}: ${lied} was never asked`);
      await check?.();
    };
    return options;
  });

const either =
  <T>(...values: readonly T[]) =>
  (random: () => number): T =>
    values[Math.floor(values.length * random())]!;

/** A transaction of the keeper is final after a block, so that what it cost is counted while the fault lasts. */
const QUICK = { config: { finalBlocks: 1 } };

export const LIES: readonly Fault[] = [
  lie(
    "receipts withheld",
    "eth_getTransactionReceipt",
    () => null,
    (stage) => {
      const { scenario, wallet } = stage;
      scenario.holdUntil = 8;
      stage.after = async () => {
        const { provider } = scenario.world.chain;
        const paid = scenario.given(wallet.address) - (await provider.getBalance(wallet.address));
        const looked = scenario.findings.findLast((one) => one.kind === "looked")!;
        const counted = scenario.config().dailyBudget - looked.budgetLeft;
        if (counted < paid) throw new Error(`receipts withheld: ${paid} wei paid, ${counted} counted`);
      };
      return QUICK;
    },
  ),
  lie(
    "events withheld",
    "eth_getLogs",
    () => [],
    (stage) => {
      const { scenario } = stage;
      scenario.holdUntil = 8;
      stage.after = () => {
        const pokes = scenario.findings.filter(
          (one) => one.kind === "sent" && one.intent.deed.job === "poke",
        );
        if (pokes.length > 1) throw new Error(`events withheld: ${pokes.length} pokes`);
      };
      return { jobs: ["poke", "mark", "settle", "epoch", "hedge"] };
    },
  ),
  // Less than a transaction takes, and more than that but too little to get through.
  lie("estimates too low", "eth_estimateGas", either("0x0", "0x5208", "0x10000")),
  // Far more than there are, each time others, for twice the same a new log believes; or a few more.
  lie("counts too high", "eth_getTransactionCount", (random) =>
    toQuantity(random() < 0.5 ? 200_000 + Math.floor(10_000 * random()) : 1 + Math.floor(6 * random())),
  ),
];
