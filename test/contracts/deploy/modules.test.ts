import { readFileSync } from "node:fs";
import path from "node:path";
import { poolParameters } from "@meniscus/cli/localMarket/pool";
import { FALLBACK_DELAY, NO_AVERAGE, SPOT_LIMITS, settlementFeeds, spotFeeds } from "@meniscus/sdk/oracles";
import { BOOK_TERMS, POOL_PARAMETERS } from "@meniscus/sdk/pool/terms";
import { RESTRICTED, ROLES, type Role } from "@meniscus/sdk/roles";
import { HEDGER_PARAMETERS } from "@meniscus/sdk/vault/hedge";
import { trancheTerms, VAULT_TERMS } from "@meniscus/sdk/vault/terms";
import { expect } from "chai";
import { network } from "hardhat";
import Clearing from "../../../deploy/modules/Clearing.ts";
import Handover from "../../../deploy/modules/Handover.ts";
import LocalPool from "../../../deploy/modules/LocalPool.ts";
import Market from "../../../deploy/modules/Market.ts";
import Oracles from "../../../deploy/modules/Oracles.ts";
import Router from "../../../deploy/modules/Router.ts";
import UniswapFiller from "../../../deploy/modules/UniswapFiller.ts";
import Upkeep from "../../../deploy/modules/Upkeep.ts";
import Vault from "../../../deploy/modules/Vault.ts";
import type { AnyContract } from "../../support/surface.ts";

const PARAMETERS = path.resolve(import.meta.dirname, "../../../deploy/parameters/local.json");

type Ethers = Awaited<ReturnType<typeof network.create>>["ethers"];

/** What the modules up to the oracles take, over two feeds of 8 decimals and a quote token. */
async function oracleParameters({ deployContract }: Ethers) {
  const local = JSON.parse(readFileSync(PARAMETERS, "utf8"));
  const { market } = local.Market;
  const [base, quote] = await Promise.all(
    [3000n, 1n].map(async (usd) => (await deployContract("ScriptedFeed", [8, usd * 10n ** 8n])).getAddress()),
  );
  const settlement = settlementFeeds(base!, quote!);
  const token = await (await deployContract("TestToken", [6])).getAddress();
  const parameters = {
    ...local,
    Clearing: { quote: token, quoteDecimals: 6 },
    Oracles: {
      market,
      settlementBase: settlement.base,
      settlementQuote: settlement.quote,
      fallbackDelay: FALLBACK_DELAY,
      sources: {
        ...spotFeeds(base!, quote!),
        average: NO_AVERAGE,
        hasSigned: true,
        sequencer: NO_AVERAGE.pool,
      },
      limits: SPOT_LIMITS,
    },
  };
  return { parameters, base: base!, quote: token, market };
}

/** The same and what the modules up to the vault take, over two tokens. */
async function marketParameters(ethers: Ethers) {
  const { parameters, quote, market } = await oracleParameters(ethers);
  const base = await (await ethers.deployContract("TestToken", [18])).getAddress();
  const name = ethers.encodeBytes32String("ETH");
  const all = {
    ...parameters,
    OptionMarket: { market, base, baseDecimals: 18, minimumAmount: 10n ** 16n, name },
    OptionPool: { market, terms: BOOK_TERMS, parameters: POOL_PARAMETERS },
    DeltaHedger: { parameters: HEDGER_PARAMETERS },
    Vault: {
      base: base!,
      quote: quote!,
      baseName: "Meniscus ETH",
      baseSymbol: "mETH",
      baseTerms: trancheTerms("base", 18),
      quoteName: "Meniscus USDC",
      quoteSymbol: "mUSDC",
      quoteTerms: trancheTerms("quote", 6),
      terms: VAULT_TERMS,
    },
  };
  return { parameters: all, market, base: base!, quote: quote! };
}

const bigints = (numbers: Record<string, number>) =>
  Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, BigInt(value)]));

/** Every restricted function of these contracts is mapped to its role of the table. */
async function expectMapped(control: AnyContract, contracts: Record<string, AnyContract>): Promise<void> {
  for (const [name, contract] of Object.entries(contracts)) {
    expect(await contract.authority!()).to.equal(await control.getAddress());
    for (const [role, names] of Object.entries(RESTRICTED[name]!)) {
      for (const each of names) {
        const { selector } = contract.interface.getFunction(each)!;
        expect(await control.getTargetFunctionRole!(contract, selector), each).to.equal(ROLES[role as Role]);
      }
    }
  }
}

describe("deploy", () => {
  it("makes a market ready for reports from the local parameter file, in fewer than 15 transactions", async () => {
    const { ethers, ignition } = await network.create();
    const parameters = JSON.parse(readFileSync(PARAMETERS, "utf8"));
    const { volSurface, lens, control } = await ignition.deploy(Market, { parameters });
    const terms = await volSurface.terms!(parameters.Market.market);
    expect(terms.quorum).to.equal(BigInt(parameters.Market.quorum));
    for (const name of ["levelBps", "skewBps", "basisBps", "quarantine"]) {
      expect(terms[name], name).to.equal(BigInt(parameters.Market[name]));
    }
    for (const signer of parameters.Market.signers) {
      expect(await volSurface.isSigner!(terms.signerSet, signer), signer).to.equal(true);
    }
    expect(await lens.VOL_SURFACE!()).to.equal(await volSurface.getAddress());
    expect(await volSurface.authority!()).to.equal(await control.getAddress());

    const [deployer] = await ethers.getSigners();
    const sent = await ethers.provider.getTransactionCount(deployer!.address);
    expect(sent).to.be.lessThan(15);
  });

  it("hands every role over and leaves the deployer none", async () => {
    const { ethers, ignition } = await network.create();
    const parameters = JSON.parse(readFileSync(PARAMETERS, "utf8"));
    const [deployer, governor, council, guardian, lister] = (await ethers.getSigners()).map(
      ({ address }) => address,
    );
    const holders = { governor, council, guardian, lister } as Record<string, string>;
    const governorDelay = 172_800;
    const { control } = await ignition.deploy(Handover, {
      parameters: { ...parameters, Handover: { ...holders, governorDelay } },
    });
    for (const role of [...Object.keys(RESTRICTED.VolSurface!), "admin"] as Role[]) {
      const holder = holders[role === "admin" ? "governor" : role];
      const [isMember, delay] = await control.hasRole!(ROLES[role], holder);
      expect(isMember, role).to.equal(true);
      expect(delay, role).to.equal(role === "admin" || role === "governor" ? BigInt(governorDelay) : 0n);
      expect((await control.hasRole!(ROLES[role], deployer))[0], `${role} of the deployer`).to.equal(false);
    }
  });

  it("deploys the Clearinghouse with its library, its factory and its roles", async () => {
    const { ethers, ignition } = await network.create();
    const quote = await ethers.deployContract("TestToken", [6]);
    const { clearinghouse, factory, control } = await ignition.deploy(Clearing, {
      parameters: { Clearing: { quote: await quote.getAddress(), quoteDecimals: 6 } },
    });
    expect(await clearinghouse.quoteAsset!()).to.deep.equal([await quote.getAddress(), 6n]);
    expect(await factory.CLEARINGHOUSE!()).to.equal(await clearinghouse.getAddress());
    await expectMapped(control, { Clearinghouse: clearinghouse });
  });

  it("deploys both oracles above the surface, with their roles, the market's sources and a first poke", async () => {
    const { ethers, ignition } = await network.create();
    const { parameters, base, market } = await oracleParameters(ethers);
    const { control, spotOracle, settlementOracle } = await ignition.deploy(Oracles, { parameters });
    expect(await settlementOracle.SURFACE!()).to.equal(await spotOracle.SURFACE!());
    const { opening } = await spotOracle.read!(market);
    expect([opening.low, opening.reason]).to.deep.equal([3000n * 10n ** 18n, 0n]);
    expect((await settlementOracle.feeds!(market)).base.proxy).to.equal(base);
    await expectMapped(control, { SpotOracle: spotOracle, SettlementOracle: settlementOracle });
  });

  it("deploys book, pool, hedger and vault that know each other, with their roles", async () => {
    const { ethers, ignition } = await network.create();
    const { parameters, market } = await marketParameters(ethers);
    const { book, pool, hedger, vault } = await ignition.deploy(Vault, { parameters });
    const modules = await book.modules!();
    expect([modules.pool, modules.vault, modules.hedger]).to.deep.equal([
      await pool.getAddress(),
      await vault.getAddress(),
      await hedger.getAddress(),
    ]);
    for (const module of [pool, hedger]) expect(await module.book!()).to.equal(await book.getAddress());
    expect(await book.market!()).to.equal(BigInt(market));
    expect((await book.terms!()).toObject()).to.deep.equal(bigints(BOOK_TERMS));
    expect((await pool.parameters!()).toObject()).to.deep.equal(bigints(POOL_PARAMETERS));
    expect((await hedger.parameters!()).toObject()).to.deep.equal(bigints(HEDGER_PARAMETERS));
    const control = await ethers.getContractAt("Control", await pool.authority!());
    await expectMapped(control, { Book: book, OptionPool: pool, DeltaHedger: hedger });
    await expect(book.initialize!(modules.toObject())).to.be.revert(ethers);
  });

  it("deploys the vault and both tranches, named to the book, with their roles", async () => {
    const { ethers, ignition } = await network.create();
    const { parameters, base, quote } = await marketParameters(ethers);
    const { control, book, pool, hedger, vault, baseTranche, quoteTranche } = await ignition.deploy(Vault, {
      parameters,
    });
    expect((await book.modules!()).toObject()).to.deep.equal({
      pool: await pool.getAddress(),
      vault: await vault.getAddress(),
      hedger: await hedger.getAddress(),
      baseTranche: await baseTranche.getAddress(),
      quoteTranche: await quoteTranche.getAddress(),
    });
    for (const [side, tranche, asset] of [
      [0, baseTranche, base],
      [1, quoteTranche, quote],
    ] as const) {
      expect(await vault.tranche!(side)).to.equal(await tranche.getAddress());
      expect(await tranche.asset!()).to.equal(asset);
    }
    expect(await vault.phase!()).to.equal(0n);
    await expectMapped(control, { LiquidityVault: vault });
    for (const tranche of [baseTranche, quoteTranche]) await expectMapped(control, { Tranche: tranche });
  });

  it("deploys the filler over the hedger and a factory of Uniswap pools", async () => {
    const { ethers, ignition } = await network.create();
    const { parameters, base, quote } = await marketParameters(ethers);
    const tokens = await Promise.all(
      [base, quote].map(async (token, i) => ({
        contract: (await ethers.getContractAt("TestToken", token)) as unknown as AnyContract,
        decimals: [18, 6][i]!,
      })),
    );
    const { factory, pool } = await ignition.deploy(LocalPool, {
      parameters: { LocalPool: poolParameters(tokens[0]!, tokens[1]!, 3000n * 10n ** 18n) } as never,
    });
    const uniswapFactory = await factory.getAddress();
    const { filler } = await ignition.deploy(UniswapFiller, {
      parameters: { ...parameters, UniswapFiller: { uniswapFactory, fee: 500 } },
    });
    expect(await filler.POOL!()).to.equal(await pool.getAddress());
    expect([await filler.BASE!(), await filler.QUOTE!()]).to.deep.equal([base, quote]);
    const hedger = await ethers.getContractAt("IDeltaHedger", await filler.HEDGER!());
    expect(await hedger.book!()).to.not.equal(ethers.ZeroAddress);
  });

  it("deploys the Upkeep above a vault, with what it reads named by the vault's market", async () => {
    const { ethers, ignition } = await network.create();
    const { parameters, market } = await marketParameters(ethers);
    const { upkeep } = await ignition.deploy(Upkeep, { parameters });
    expect(await upkeep.MARKET!()).to.equal(BigInt(market));
    const clearinghouse = await ethers.getContractAt("IClearinghouse", await upkeep.CLEARINGHOUSE!());
    const { spotOracle, settlementOracle } = await clearinghouse.marketOf!(market);
    expect([await upkeep.SPOT_ORACLE!(), await upkeep.SETTLEMENT_ORACLE!()]).to.deep.equal([
      spotOracle,
      settlementOracle,
    ]);
  });

  it("deploys the Router, and without Uniswap and Permit2 where a chain has none", async () => {
    const { ethers, ignition } = await network.create();
    const quote = await ethers.deployContract("TestToken", [6]);
    const { router } = await ignition.deploy(Router, {
      parameters: { Clearing: { quote: await quote.getAddress(), quoteDecimals: 6 } },
    });
    expect([await router.UNISWAP!(), await router.PERMIT2!()]).to.deep.equal([
      ethers.ZeroAddress,
      ethers.ZeroAddress,
    ]);
    const clearinghouse = await ethers.getContractAt("IClearinghouse", await router.CLEARINGHOUSE!());
    expect((await clearinghouse.quoteAsset!()).asset).to.equal(await quote.getAddress());
  });
});
