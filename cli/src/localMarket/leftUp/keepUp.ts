/** A local chain that is left up: the world around its market goes on, by the wall's clock and through every jump, until the process is told to end. */
import { setTimeout as pause } from "node:timers/promises";
import { markSlotOf } from "@meniscus/pricer/service/clock";
import { firstLine } from "@meniscus/pricer/service/firstLine";
import { cutOffOf, epochDayOf, isoTime, ROUND_LAG_SECONDS } from "@meniscus/sdk/clock";
import type { HardhatHooks } from "hardhat/types/hooks";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import type { JsonRpcResponse } from "hardhat/types/providers";
import { untilEnded } from "../../cleanUp.ts";
import type { Say } from "../../hardhat/localChain.ts";
import { isMover, type Jump, jumpOf, stopsBetween } from "./jumps.ts";
import { OutsideWorld, type Scene, spotText } from "./outsideWorld.ts";

/** Milliseconds between two looks at the clock. */
const INTERVAL = 1000;
/** Seconds in which a look for the end of the marking minutes goes on. */
const SLOT = 60;
/** Milliseconds for which the next block is left to whoever has given it its time. */
const LEFT_ALONE = 30_000;
/** Seconds after a cut-off, and after an expiry's price can be known, to which the printed commands jump. */
const AFTER = 60;
const AFTER_EXPIRY = ROUND_LAG_SECONDS + AFTER;

/** What a look must not be cut by: what it has sent before would not be mined, or would be forgotten, and it would wait for it for ever. */
const SWITCHES = ["evm_setAutomine", "evm_revert"];

type OnRequest = HardhatHooks["network"]["onRequest"];
/** A request to the node itself, past this. */
type Ask = (method: string, params: unknown[]) => Promise<JsonRpcResponse>;

const toQuantity = (value: number): string => `0x${value.toString(16)}`;

/** Says how to use it, keeps the world going, and gives the node back when the process is told to end. */
export async function keepUp(hardhat: HardhatRuntimeEnvironment, scene: Scene, say: Say): Promise<void> {
  const ended = untilEnded();
  const kept = new KeptChain(await OutsideWorld.open(scene, say), say);
  const hooks = { onRequest: kept.onRequest };
  hardhat.hooks.registerHandlers("network", hooks);
  const going = kept.go();
  try {
    await kept.firstLook;
    await passTheMark(kept.world, scene);
    await sayHow(kept.world, scene.chain.url, say);
    say(`Node: ${scene.chain.url}`);
    say("Ctrl-C ends it.");
    await ended;
  } finally {
    kept.end();
    await going;
    hardhat.hooks.unregisterHandlers("network", hooks);
  }
}

/** Nobody is to begin in the minutes after a cut-off, in which a story may end: signers sign one report a minute then, and for half of it an opening is dear. */
async function passTheMark(world: OutsideWorld, { chain }: Scene): Promise<void> {
  const now = await world.nextAt();
  let at = now;
  while (markSlotOf(at) !== null) at += SLOT;
  if (at > now) await chain.provider.send("evm_mine", [at]);
}

async function sayHow(world: OutsideWorld, url: string, say: Say): Promise<void> {
  const { clearinghouse, market } = world.contracts;
  const now = await world.nextAt();
  const traded = [...(await clearinghouse.getFunction("expiries")(market))]
    .map(Number)
    .sort((one, other) => one - other);
  const cutOffAt = cutOffOf(epochDayOf(now) + 1);
  const body = (at: number | string) => `{"jsonrpc":"2.0","id":1,"method":"evm_mine","params":[${at}]}`;
  say(
    `\nIts clock says ${isoTime(now)} and runs on. Feeds, signers and keepers act by it, on a spot that is held at ${spotText(await world.spot())}.`,
  );
  say("To jump, name a time in unix seconds; the answer comes once the time between is lived through:");
  say(`  curl -s ${url} -H 'content-type: application/json' -d '${body(cutOffAt + AFTER)}'`);
  say(`  ${cutOffAt + AFTER}: ${AFTER} s after the next cut-off, when the vault's epoch ends`);
  for (const expiryAt of traded)
    say(
      `  ${expiryAt + AFTER_EXPIRY}: ${AFTER_EXPIRY} s after ${isoTime(expiryAt)}, when options are settled`,
    );
}

/** Says why something fails when it begins to, or for another reason than before; whatever number the reason names, it is the same. Null: it goes again. */
export function tellOnce(say: Say): (failure: string | null) => void {
  let told: string | null = null;
  return (failure) => {
    const cause = failure?.replace(/0x[\da-f]+|[\d.,]*\d/gi, "N") ?? null;
    if (failure !== null && cause !== told) say(failure);
    told = cause;
  };
}

class KeptChain {
  readonly world: OutsideWorld;
  /** Settles once the world has looked for the first time. */
  readonly firstLook: Promise<void>;
  readonly #ended = new AbortController();
  /** One look or jump at a time. */
  #busy: Promise<unknown> = Promise.resolve();
  /** The block after which comes one whose time somebody has set, and until when it is waited for, of {@link Date.now}. */
  #left = { number: -1, until: 0 };
  readonly #tell: (failure: string | null) => void;

  constructor(world: OutsideWorld, say: Say) {
    this.world = world;
    this.#tell = tellOnce((failure) => say(`Not all goes on: ${failure}`));
    this.firstLook = this.#alone(() => this.#look());
  }

  end(): void {
    this.#ended.abort();
  }

  /** Looks every second until {@link end}, and ends what it has begun. */
  async go(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      await pause(INTERVAL, null, { signal }).catch(() => {});
      if (!signal.aborted) await this.#alone(() => this.#look());
    }
    await this.#busy;
  }

  /** The node's answer to a request, between two looks where it would cut one; to one that moves the clock, after the world has lived through the time between. */
  readonly onRequest: OnRequest = (context, connection, request, next) => {
    const pass = () => next(context, connection, request);
    if (connection.networkConfig.type !== "edr-simulated") return pass();
    if (SWITCHES.includes(request.method)) return this.#alone(pass);
    if (!isMover(request.method)) return pass();
    const ask: Ask = (method, params) =>
      next(context, connection, { jsonrpc: "2.0", id: request.id, method, params });
    return this.#alone(() => this.#move(request.method, request.params, ask));
  };

  async #move(method: string, params: unknown, ask: Ask): Promise<JsonRpcResponse> {
    const startsAt = await this.world.nextAt();
    const jump = jumpOf(method, params, startsAt);
    // Into the past the node does not go, and whoever mines every block wants no other.
    if (jump === null || jump.to < startsAt || !(await this.world.isMining()))
      return ask(method, params as unknown[]);
    const { to } = jump;
    const left = await this.#live(jump, ask);
    const nextAt = await this.world.nextAt();
    if (method === "evm_setNextBlockTimestamp") {
      this.#left = { number: await this.world.blockNumber(), until: Date.now() + LEFT_ALONE };
      return ask(method, [to]);
    }
    const answer = await this.#arrive(method, { left, nextAt, to }, ask);
    await this.#look();
    return answer;
  }

  /** The request itself, over what is left of the way. */
  async #arrive(
    method: string,
    { left, nextAt, to }: { left: number; nextAt: number; to: number },
    ask: Ask,
  ): Promise<JsonRpcResponse> {
    const seconds = Math.max(0, to - nextAt);
    if (method === "evm_increaseTime") return ask(method, [seconds]);
    if (method === "evm_mine") return ask(method, seconds > 0 ? [to] : []);
    const interval = Math.max(1, Math.floor(seconds / Math.max(1, left - 1)));
    const firstAt = to - (left - 1) * interval;
    if (firstAt > nextAt) await ask("evm_setNextBlockTimestamp", [firstAt]);
    return ask(method, [left, interval].map(toQuantity));
  }

  /** Goes from stop to stop; gives how many of the jump's blocks are not mined yet. */
  async #live({ to, blocks }: Jump, ask: Ask): Promise<number> {
    let left = blocks?.count ?? 0;
    for (const stop of stopsBetween(await this.world.nextAt(), to, this.world.expiries)) {
      if (this.#ended.signal.aborted) break;
      const seconds = stop - (await this.world.nextAt());
      // The last look took longer than the way to here.
      if (seconds > 0) {
        const count = blocks === null ? 0 : Math.min(left - 1, Math.floor(seconds / blocks.interval));
        if (count > 0) await ask("hardhat_mine", [count, blocks!.interval].map(toQuantity));
        left -= count;
        await ask("evm_mine", [stop]);
      }
      await this.#look();
    }
    return left;
  }

  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#busy.then(work);
    this.#busy = mine.catch(() => {});
    return mine;
  }

  async #look(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    try {
      const isLeft = Date.now() < this.#left.until && (await this.world.blockNumber()) === this.#left.number;
      if (isLeft) return;
      await this.world.look();
      this.#tell(null);
    } catch (error) {
      if (!this.#ended.signal.aborted) this.#tell(firstLine(error));
    }
  }
}
