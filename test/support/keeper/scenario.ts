/**
 * A vault that is short of delta, an auction at its bound, and a keeper behind a proxy: where every fault of the chain begins. A block is
 * twelve seconds of the chain's clock and comes when the test says so; the pricer's report is in each.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { developmentAccount } from "@meniscus/cli/localMarket/accounts";
import { send } from "@meniscus/cli/localMarket/contract";
import { laterReport } from "@meniscus/cli/localMarket/laterReport";
import { refresh } from "@meniscus/cli/localMarket/stages/poolStage";
import { type Config, type JobName, KeeperSchema } from "@meniscus/keeper/config";
import { type Finding, Keeper } from "@meniscus/keeper/keeper";
import { Journal } from "@meniscus/keeper/sending/journal";
import { parseConfig } from "@meniscus/pricer/service/config";
import { openNode } from "@meniscus/pricer/service/node";
import { encodeReport, joinSignatures, signReport } from "@meniscus/sdk/report";
import { HEDGE_OBSTACLES } from "@meniscus/sdk/vault/hedge";
import { parseEther, toQuantity, Wallet } from "ethers";
import type { Outcome } from "../../faults/fault.ts";
import { type RpcProxy, startProxy } from "./proxy.ts";
import { openWorld, renewFeeds, type World } from "./world.ts";

const BLOCK = 12;
const MOST_BLOCKS = 40;
const SIGNERS = [1, 2, 3].map(developmentAccount);
const FUNDS = parseEther("10");

let opened: Promise<World> | undefined;
let snapshot: string | undefined;

/** The world, opened once a process, with the delta hedgeable. */
async function ready(): Promise<World> {
  opened ??= prepare();
  const world = await opened;
  const { provider } = world.chain;
  await provider.send("evm_setAutomine", [true]);
  if (snapshot !== undefined) await provider.send("evm_revert", [snapshot]);
  snapshot = await provider.send("evm_snapshot", []);
  await provider.send("evm_setAutomine", [false]);
  return world;
}

export async function closeWorld(): Promise<void> {
  if (opened !== undefined) await (await opened).close();
  [opened, snapshot] = [undefined, undefined];
}

/** Opens the auction and lets its clock go to the end. */
async function prepare(): Promise<World> {
  const world = await openWorld();
  const { chain, stage, pool, oracles } = world;
  await renewFeeds(oracles);
  await world.report((await world.now()) + 30);
  await refresh(stage, pool);
  await send(pool.hedger, stage.deployer, "open");
  await chain.mineBlockAt((await world.now()) + 300);
  await world.report((await world.now()) + 30);
  await refresh(stage, pool);
  return world;
}

export interface KeeperOptions {
  jobs?: JobName[];
  /** Seconds by which its clock is off, as of now. */
  clockOff?: () => number;
  config?: Record<string, unknown>;
  dryRun?: boolean;
}

export class Scenario {
  readonly world: World;
  readonly proxy: RpcProxy;
  readonly folder = mkdtempSync(path.join(tmpdir(), "meniscus-keeper-"));
  readonly findings: Finding[] = [];
  readonly wallets: Wallet[] = [];
  readonly #posted = new Set<number>();
  #startAt = 0;
  #startBlock = 0;
  #before = { base: 0n, quote: 0n, spot: 0n };
  /** Not safe before this block: what goes wrong is still to come. */
  holdUntil = 0;
  readonly #ends: (() => void)[] = [];

  constructor(world: World, proxy: RpcProxy) {
    [this.world, this.proxy] = [world, proxy];
  }

  static async open(): Promise<Scenario> {
    const world = await ready();
    const scenario = new Scenario(world, await startProxy(world.chain.url));
    const block = (await world.chain.provider.getBlock("latest"))!;
    [scenario.#startAt, scenario.#startBlock] = [block.timestamp, block.number];
    scenario.#clock = block.timestamp;
    scenario.#before = await scenario.#account();
    return scenario;
  }

  config(more: Record<string, unknown> = {}, name = "journal"): Config {
    const { pool } = this.world;
    return parseConfig(
      JSON.stringify({
        rpc: this.proxy.url,
        chainId: 31337,
        vault: pool.vault.target,
        filler: pool.filler.target,
        journal: path.join(this.folder, name),
        rpcSeconds: 4,
        finalBlocks: 10,
        port: null,
        ...more,
      }),
      "the scenario's",
      KeeperSchema,
    );
  }

  /** An account with ten ether. */
  async account(seed: number, ether = FUNDS): Promise<Wallet> {
    const key = BigInt(0x6b656570) * 2n ** 64n + BigInt(seed * 16 + this.wallets.length + 1);
    const wallet = new Wallet(`0x${key.toString(16).padStart(64, "0")}`);
    await this.send("hardhat_setBalance", wallet.address, toQuantity(ether));
    this.wallets.push(wallet);
    return wallet;
  }

  keeper(
    wallet: Wallet,
    { jobs = ["hedge"], clockOff = () => 0, config = {}, dryRun = false }: KeeperOptions = {},
  ): Keeper {
    const settings = this.config(config, `journal-${wallet.address}`);
    const provider = openNode(settings.rpc, settings.chainId, settings.rpcSeconds);
    const journal = new Journal(settings.journal, { account: wallet.address, chainId: settings.chainId });
    this.#budgets.set(wallet.address, (this.#budgets.get(wallet.address) ?? 0n) + settings.dailyBudget);
    this.#ends.push(() => {
      provider.destroy();
      journal.close();
    });
    return new Keeper({
      config: settings,
      ...{ jobs, wallet, provider, journal, dryRun },
      now: () => this.#clock + clockOff(),
      notify: (finding) => this.findings.push(finding),
    });
  }

  #clock = 0;
  /** What the keepers of an account may spend on gas in the day that no scenario is longer than. */
  readonly #budgets = new Map<string, bigint>();
  send = (method: string, ...parameters: unknown[]) => this.world.chain.provider.send(method, parameters);

  /** The next block, with a report of its time. */
  async mine({ report = true, seconds = BLOCK } = {}): Promise<void> {
    const { chain, surface, first } = this.world;
    const at = (await this.world.now()) + seconds;
    if (report) {
      const encoded = encodeReport(laterReport(first, at - 1, first.spot));
      const { chainId } = await chain.provider.getNetwork();
      const domain = { chainId, contract: surface.volSurface.target as string };
      const signatures = await Promise.all(SIGNERS.map((signer) => signReport(encoded, domain, signer)));
      await surface.volSurface.getFunction("post")(encoded, joinSignatures(signatures), {
        gasLimit: 1_000_000,
      });
      this.#posted.add(encoded.reportAt);
    }
    await chain.mineBlockAt(at);
    this.#clock = at;
  }

  /** The delta is inside its band. */
  async isHedged(): Promise<boolean> {
    const { obstacle } = await this.world.pool.hedger.getFunction("plan")();
    return HEDGE_OBSTACLES[Number(obstacle)] === "InsideBand";
  }

  /** Whether nothing of ours waits to be mined. */
  async #isQuiet(): Promise<boolean> {
    for (const { address } of this.wallets) {
      const counts = await Promise.all(
        ["latest", "pending"].map((tag) => this.send("eth_getTransactionCount", address, tag)),
      );
      if (counts[0] !== counts[1]) return false;
    }
    return true;
  }

  /** Looks and blocks, until it is safe; `look` is what a supervisor of keepers does in a block's time. */
  async untilSafe(look: (block: number) => Promise<void>): Promise<Outcome> {
    for (let block = 0; block < MOST_BLOCKS; block++) {
      await look(block);
      await this.mine();
      if (block >= this.holdUntil && (await this.isHedged()) && (await this.#isQuiet())) {
        const ms = (this.#clock - this.#startAt) * 1000;
        await look(block + 1);
        return this.#judge({ manualRestarts: 0, msToSafeState: ms });
      }
    }
    return this.#judge({ manualRestarts: 1, msToSafeState: (this.#clock - this.#startAt) * 1000 });
  }

  end(): void {
    for (const end of this.#ends) end();
    this.proxy.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The state of the chain afterwards, against what the rules allow. */
  async #judge(found: Pick<Outcome, "manualRestarts" | "msToSafeState">): Promise<Outcome> {
    const { pool, surface } = this.world;
    const { provider } = this.world.chain;
    const hedged = await pool.hedger.queryFilter("Hedged", this.#startBlock + 1);
    const posted = await surface.volSurface.queryFilter("ReportPosted", this.#startBlock + 1);
    const foreign = posted.filter((log) => !this.#posted.has(Number("args" in log && log.args.reportAt)));
    let lost = await this.#lostByVault(hedged.map((log) => ("args" in log ? BigInt(log.args.base) : 0n)));
    for (const wallet of this.wallets) lost += await this.#unexplained(wallet, provider);
    return {
      ...found,
      fundsLost: lost,
      doubleHedges: Math.max(0, hedged.length - 1),
      outOfBoundsAccepted: foreign.length,
    };
  }

  async #account(): Promise<{ base: bigint; quote: bigint; spot: bigint }> {
    const { pool, stage, surface } = this.world;
    const balance = async (token: unknown): Promise<bigint> =>
      (await stage.clearinghouse.getFunction("collateral")(pool.book, token)).balance;
    const { spot } = await surface.volSurface.getFunction("surface")(stage.market);
    return { base: await balance(stage.base.contract), quote: await balance(stage.quote.contract), spot };
  }

  /** What the vault has less at spot than the bound of its hedges allows, and what lies at the filler. */
  async #lostByVault(amounts: bigint[]): Promise<bigint> {
    const { pool, stage } = this.world;
    const after = await this.#account();
    const worth = ({ base, quote }: { base: bigint; quote: bigint }) =>
      (base * after.spot) / 10n ** 18n + quote * 10n ** 12n;
    const { boundPpm } = await pool.hedger.getFunction("parameters")();
    const size = amounts.reduce((sum, amount) => sum + (amount < 0n ? -amount : amount), 0n);
    const allowed = (size * after.spot * BigInt(boundPpm)) / 10n ** 24n + 2n * 10n ** 12n;
    const lost = worth(this.#before) - worth(after) - allowed;
    let left = 0n;
    for (const token of [stage.base, stage.quote])
      left += await token.contract.getFunction("balanceOf")(pool.filler);
    return (lost > 0n ? lost : 0n) + left;
  }

  /** Ether that went from an account otherwise than for the gas of its own transactions, or for more of that than its keepers may spend. */
  async #unexplained({ address }: Wallet, provider: World["chain"]["provider"]): Promise<bigint> {
    const last = await provider.getBlockNumber();
    let spent = 0n;
    for (let number = this.#startBlock + 1; number <= last; number++) {
      const block = (await provider.getBlock(number, true))!;
      for (const { hash } of block.prefetchedTransactions.filter(({ from }) => from === address))
        spent += (await provider.getTransactionReceipt(hash))!.fee;
    }
    const gone = this.given(address) - (await provider.getBalance(address)) - spent;
    const over = spent - (this.#budgets.get(address) ?? this.config().dailyBudget);
    return (gone > 0n ? gone : 0n) + (over > 0n ? over : 0n);
  }

  /** What an account was given, all in all. */
  readonly #given = new Map<string, bigint>();
  given = (address: string): bigint => this.#given.get(address) ?? FUNDS;
  async setFunds({ address }: Wallet, ether: bigint): Promise<void> {
    this.#given.set(address, ether);
    await this.send("hardhat_setBalance", address, toQuantity(ether));
  }
}

/** Gives each test of a suite a scenario of its own, and closes the world after the last. */
export function forEachTest(take: (scenario: Scenario) => void): void {
  let scenario: Scenario;
  beforeEach(async () => {
    scenario = await Scenario.open();
    take(scenario);
  });
  afterEach(() => scenario.end());
  after(closeWorld);
}
