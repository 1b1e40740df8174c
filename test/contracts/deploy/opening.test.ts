import type { Addresses } from "@meniscus/cli/verbs/deploy/contracts";
import type { NetworkFile } from "@meniscus/cli/verbs/deploy/networkFile";
import { seedVault } from "@meniscus/cli/verbs/deploy/opening";
import { ROLES } from "@meniscus/sdk/roles";
import { expect } from "chai";
import { makeError, type Signer, type TransactionRequest } from "ethers";
import { type Account, as, ethers, networkHelpers, READY } from "../../support/pool/fixture.ts";
import { deployVault, report, SEED, type VaultMarket } from "../../support/vault/market.ts";

const [DELAY, WEEK] = [60, 7 * 86_400];

/** Hardhat's account in this process has errors of its own; one behind a node answers as ethers expects. */
const behindNode = (account: Account): Signer =>
  new Proxy(account, {
    get(target, name) {
      if (name !== "call") {
        const value = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      }
      return (request: TransactionRequest) =>
        target.call(request).catch((error: { data?: string }) => {
          const details = { action: "call", reason: null, invocation: null, revert: null } as const;
          const transaction = { to: null, data: "0x" };
          throw makeError("reverted", "CALL_EXCEPTION", {
            ...{ ...details, transaction, data: error.data ?? null },
          });
        });
    },
  }) as unknown as Signer;

describe("the seed by a governor with a delay", () => {
  let market: VaultMarket;
  let data: string;
  let seed: () => Promise<string>;
  beforeEach(async () => {
    market = await deployVault();
    const { control, vault, tokens, trader, tranches } = market;
    const { selector } = vault.interface.getFunction("seed")!;
    await control.setTargetFunctionRole!(vault, [selector], ROLES.governor);
    await control.grantRole!(ROLES.governor, trader, DELAY);
    data = vault.interface.encodeFunctionData("seed", [SEED.base, SEED.quote]);
    const contracts = Object.fromEntries(
      Object.entries({
        ...{ control, volSurface: market.surface, spotOracle: market.spot },
        ...{ settlementOracle: market.settlement, clearinghouse: market.clearinghouse, book: market.book },
        ...{ optionPool: market.pool, baseTranche: tranches.base, quoteTranche: tranches.quote },
        ...{ liquidityVault: vault, deltaHedger: market.hedger },
      }).map(([name, { target }]) => [name, { address: String(target) }]),
    );
    const addresses = { market: 1, block: 0, contracts } as unknown as Addresses;
    const file = {
      base: { token: String(tokens.base.target), symbol: "WETH", decimals: 18 },
      quote: { token: String(tokens.quote.target), symbol: "USDC", decimals: 6 },
    } as NetworkFile;
    seed = () =>
      seedVault(addresses, behindNode(trader), file, SEED).then(
        () => "",
        (error: Error) => error.message,
      );
  });

  const schedule = () => as(market.trader, market.control).schedule!(market.vault, data, 0);

  it("is the governor's own call to the vault once it is due: through Control the vault would ask Control for the assets", async () => {
    const { control, vault, tokens, trader } = market;
    await schedule();
    await report(market, READY + DELAY);
    await expect(as(trader, control).execute!(vault, data))
      .to.be.revertedWithCustomError(tokens.base, "ERC20InsufficientAllowance")
      .withArgs(vault, 0, SEED.base);
    await expect(as(trader, vault).seed!(SEED.base, SEED.quote)).to.changeTokenBalance(
      ethers,
      tokens.quote as never,
      trader,
      -SEED.quote,
    );
  });

  it("names the delay and what to announce, then when it is due, and passes within a week of that", async () => {
    const { vault, tokens, trader } = market;
    await as(trader, tokens.base).approve!(vault, 0);
    const [announce, again] = [
      `Control.schedule(${vault.target}, ${data}, 0)`,
      "do this again with the same",
    ];
    const unannounced = await seed();
    expect(unannounced).to.match(
      /^seed\(\d+, \d+\) is refused: AccessManagerNotScheduled\(.* The governor acts after 60 s, and nothing is announced: call /,
    );
    for (const part of [announce, again]) expect(unannounced).to.include(part);
    await schedule();
    const due = (await networkHelpers.time.latest()) + DELAY;
    const early = await seed();
    expect(early).to.include(`announced, and due at ${new Date(1000 * due).toISOString()}. Then ${again}`);
    await networkHelpers.time.increase(DELAY + WEEK);
    const lapsed = await seed();
    expect(lapsed).to.include(`what was announced has lapsed: call ${announce}`);
    // Nothing was sent by any of them.
    expect(await tokens.base.allowance!(trader, vault)).to.equal(0n);
    await schedule();
    await report(market, (await networkHelpers.time.latest()) + DELAY);
    expect(await seed()).to.equal("");
    expect(await vault.phase!()).to.equal(1n);
  });
});
