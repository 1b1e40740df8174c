/** Faults of the chain and of the way to it. Each begins at a vault that is short of delta and ends when it is hedged. */
import { keccak256, parseEther, parseUnits, toQuantity } from "ethers";
import { Child } from "../support/keeper/child.ts";
import type { Request, Treatment } from "../support/keeper/proxy.ts";
import type { Scenario } from "../support/keeper/scenario.ts";
import { fault, within } from "./chainRun.ts";
import type { Fault } from "./fault.ts";
import { LIES } from "./lies.ts";

/** A share of the first requests is treated so. */
const sometimes = (name: string, treatment: Treatment, config: Record<string, unknown> = {}): Fault =>
  fault(name, async ({ scenario, random }) => {
    const [share, until] = [0.1 + 0.6 * random(), 20 + Math.floor(60 * random())];
    scenario.proxy.treat = (_, count) => (count < until && random() < share ? treatment : undefined);
    return { config };
  });

const isSend = ({ method }: Request) => method === "eth_sendRawTransaction";

/** The chain as it was `depth` blocks before, from one block on for a while. */
const oldHead = fault("old head", async (stage) => {
  const { scenario, random } = stage;
  const [from, until, depth] = [
    1 + Math.floor(2 * random()),
    5 + Math.floor(6 * random()),
    1 + Math.floor(6 * random()),
  ];
  stage.from = Math.floor((from + 1) * random());
  scenario.holdUntil = until;
  stage.before = async (block) => {
    const isOld = block >= from && block < until;
    const number = await scenario.world.chain.provider.getBlockNumber();
    const old = toQuantity(number - Math.min(depth, block));
    scenario.proxy.treat = ({ params }) =>
      isOld ? { params: params.map((value) => (value === "latest" ? old : value)) } : undefined;
  };
});

/** A reorganisation that takes `depth` blocks back some blocks after the hedge was sent, and all that was in them. */
const reorg = (depth: number): Fault =>
  fault(`reorg of ${depth}`, async (stage) => {
    const { scenario, random } = stage;
    const snapshots: string[] = [];
    // Blocks of the new chain before the one in which the hedge was.
    const earlier = Math.floor(depth * random());
    stage.from = earlier + Math.floor(3 * random());
    const at = stage.from + depth - earlier;
    stage.before = async (block) => {
      if (block === at) {
        await scenario.send("evm_revert", snapshots[at - depth]);
        for (let mined = 0; mined <= depth; mined++) await scenario.mine({ seconds: 7 });
      }
      snapshots.push(await scenario.send("evm_snapshot"));
    };
    scenario.holdUntil = at;
  });

const dropped = fault("dropped", async ({ scenario, random }) => {
  let times = 1 + Math.floor(3 * random());
  scenario.proxy.treat = (request) => {
    if (!isSend(request) || times-- <= 0) return undefined;
    let hash = "";
    return {
      before: async () => {
        hash = keccak256(request.params[0] as string);
      },
      after: async () => void (await scenario.send("hardhat_dropTransaction", hash)),
    };
  };
});

/** Somebody with the same key is faster, at the same nonce. */
const replaced = fault("replaced", async ({ scenario, wallet, random }) => {
  let times = 1 + Math.floor(2 * random());
  scenario.proxy.treat = (request) =>
    isSend(request) && times-- > 0
      ? {
          before: async () => {
            const { provider } = scenario.world.chain;
            const nonce = await provider.getTransactionCount(wallet.address);
            const fees = {
              maxFeePerGas: parseUnits("300", "gwei"),
              maxPriorityFeePerGas: parseUnits("50", "gwei"),
            };
            const raw = await wallet.signTransaction({
              ...{ type: 2, chainId: 31337, nonce, to: wallet.address, gasLimit: 21_000 },
              ...fees,
            });
            await provider.send("eth_sendRawTransaction", [raw]);
          },
        }
      : undefined;
});

const underpriced = fault("underpriced", async ({ scenario, random }) => {
  let times = 1 + Math.floor(4 * random());
  scenario.proxy.treat = (request) =>
    isSend(request) && times-- > 0 ? { error: "transaction underpriced" } : undefined;
});

/** The first of two transactions is swallowed by a node that says it took it. */
const nonceGap = fault("nonce gap", async ({ scenario, random, wallet }) => {
  let times = 1 + Math.floor(3 * random());
  scenario.proxy.treat = (request) =>
    isSend(request) && times-- > 0 ? { result: `0x${"11".repeat(32)}` } : undefined;
  // And a nonce beyond it waits that nobody's log knows.
  const raw = await wallet.signTransaction({
    ...{ type: 2, chainId: 31337, nonce: 1 + Math.floor(2 * random()), to: wallet.address, gasLimit: 21_000 },
    ...{ maxFeePerGas: parseUnits("90", "gwei"), maxPriorityFeePerGas: parseUnits("1", "gwei") },
  });
  await scenario.send("eth_sendRawTransaction", raw);
});

/** What the usual base fee is: the local chain's falls to nothing. */
const USUAL = parseUnits("10", "gwei");
const setBaseFee = async (scenario: Scenario, fee: bigint): Promise<void> => {
  await scenario.send("hardhat_setNextBlockBaseFeePerGas", toQuantity(fee));
};

const baseFee = fault("base fee x 20", async (stage) => {
  const { scenario, random } = stage;
  const [from, until] = [1 + Math.floor(2 * random()), 5 + Math.floor(10 * random())];
  await setBaseFee(scenario, USUAL);
  await scenario.mine();
  // The keeper looks a block before, or when it is dear already.
  stage.from = from - 1 + Math.floor(2 * random());
  stage.before = (block) => setBaseFee(scenario, block >= from - 1 && block < until ? USUAL * 20n : USUAL);
  // Half of the seeds may pay it, half have to wait.
  return { config: { feeCapGwei: random() < 0.5 ? "500" : "60", dailyBudgetEther: "1" } };
});

const outOfFunds = fault("out of funds", async (stage) => {
  const { scenario, wallet, random } = stage;
  const until = 3 + Math.floor(8 * random());
  await setBaseFee(scenario, USUAL);
  await scenario.mine();
  // A fill takes some ten million gwei.
  await scenario.setFunds(wallet, parseUnits(String(Math.floor(1_000_000 * random())), "gwei"));
  stage.before = async (block) => {
    await setBaseFee(scenario, USUAL);
    if (block === until) await scenario.setFunds(wallet, parseEther("1"));
  };
  return { config: { dailyBudgetEther: "1" } };
});

/** Two keepers with accounts of their own, or one key twice. */
const twoKeepers = (name: string, isOneKey: boolean): Fault => ({
  name,
  run: (seed) =>
    within(seed, async ({ scenario, wallet, random }) => {
      const other = isOneKey ? wallet : await scenario.account(seed);
      const keepers = [
        scenario.keeper(wallet),
        scenario.keeper(other, { config: { journal: `${scenario.folder}/two` } }),
      ];
      return scenario.untilSafe(async () => {
        if (random() < 0.5) keepers.reverse();
        await Promise.all(keepers.map((keeper) => keeper.look()));
      });
    }),
});

/** Further ahead than a head may be old, for a while, so that the keeper is blind; or as far behind, where it is not. */
const clockOff = fault("clock off by 300 s", async (stage) => {
  const { scenario, random } = stage;
  const [isAhead, until] = [random() < 0.5, 2 + Math.floor(6 * random())];
  let off = isAhead ? 300 : -300;
  scenario.holdUntil = until;
  stage.before = async (block) => {
    if (block === until) off = 0;
  };
  stage.after = () => {
    const blind = scenario.findings.filter(({ kind }) => kind === "blind").length;
    if (blind !== (isAhead ? until : 0)) throw new Error(`clock off: blind ${blind} times of ${until}`);
  };
  return { clockOff: () => off };
});

/** Killed at a request, before the node hears it or before the keeper hears the answer; started again each time, as supervisors do. */
const killed: Fault = {
  name: "kill -9",
  run: (seed) =>
    within(seed, async ({ scenario, wallet, random }) => {
      const child = new Child(scenario.config(), wallet);
      let left = 2;
      return scenario.untilSafe(async () => {
        let [count, isBefore] = [
          left-- > 0 ? 1 + Math.floor(34 * random()) : Number.POSITIVE_INFINITY,
          random() < 0.5,
        ];
        const running = child.look();
        scenario.proxy.treat = () =>
          --count === 0 ? { [isBefore ? "before" : "after"]: async () => child.kill() } : undefined;
        await running;
      });
    }),
};

/** The intent log's file may not grow beyond a few hundred bytes at first: the write fails, after a part of it or at once. */
const diskFull: Fault = {
  name: "disk full",
  run: (seed) =>
    within(seed, async ({ scenario, wallet, random }) => {
      const child = new Child(scenario.config(), wallet);
      const until = 1 + Math.floor(2 * random());
      return scenario.untilSafe(async (block) => child.look(block < until ? 1 : undefined));
    }),
};

export const CHAIN_FAULTS: readonly Fault[] = [
  sometimes("RPC time-out", { hang: true }, { rpcSeconds: 0.1 }),
  sometimes("RPC 429", { status: 429 }),
  sometimes("RPC 500", { status: 500 }),
  oldHead,
  reorg(1),
  reorg(2),
  reorg(7),
  dropped,
  replaced,
  underpriced,
  nonceGap,
  baseFee,
  outOfFunds,
  killed,
  twoKeepers("two keepers", false),
  twoKeepers("two keepers, one key", true),
  diskFull,
  clockOff,
  ...LIES,
];
