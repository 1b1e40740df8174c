/** The properties of ERC-20, ERC-4626, ERC-7540, ERC-7575 and ERC-7887 that apply where both ways are by request. */
import { expect } from "chai";
import fc from "fast-check";
import { call, expiryIn, leg, networkHelpers, signerOf, trade } from "../../support/pool/fixture.ts";
import {
  type Account,
  as,
  DEPOSIT,
  deployStage,
  ethers,
  fillOf,
  load,
  MINT,
  SEED,
  type Stage,
  WAD,
  withShares,
} from "../../support/vault/fixture.ts";
import {
  close,
  cutOffIn,
  open,
  requestDeposit,
  requestRedeem,
  running,
  SIDES,
  type Side,
  settleExpiry,
  UNIT,
  type VaultMarket,
} from "../../support/vault/market.ts";

/** Shares of nobody's in NAV (Shares.sol). */
const VIRTUAL = 1000n;
const MAXES = ["maxDeposit", "maxMint", "maxWithdraw", "maxRedeem"];
const OF_REQUESTS = ["Deposit", "Redeem"].flatMap((kind) =>
  ["pending", "claimable", "pendingCancel", "claimableCancel"].map((stand) => `${stand}${kind}Request`),
);

describe("Tranche: standards", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await load();
  });

  async function askBothWays(): Promise<void> {
    const { tranche, alice, unit } = stage;
    await withShares(stage, alice, 50n);
    await as(alice, tranche).requestDeposit!(30n * unit, alice, alice);
    await as(alice, tranche).requestRedeem!(20n * unit, alice, alice);
  }

  /** A part of both ways, at prices that no power of ten divides. */
  async function fillOddly(): Promise<void> {
    const { unit, stage: vault } = stage;
    const entering = { depositAssets: 21n * unit, mintedShares: 17n * unit };
    const leaving = { redeemShares: 13n * unit, paidAssets: 11n * unit };
    await vault.close!(fillOf({ ...entering, ...leaving }));
  }

  it("ERC-165: answers for every interface and part that the standards name, and for no other", async () => {
    const ids = [
      ...["0x01ffc9a7", "0x2f0a18c5", "0x50a526d6", "0xc1f329ef", "0xe1550342", "0x2fd7d42a", "0x70dec094"],
      ...["0xe3bc4e65", "0xce3bbe50", "0x620ee8e4", "0x8bf840e3", "0xe76cffc7"],
    ];
    for (const id of ids) expect(await stage.tranche.supportsInterface!(id), id).to.equal(true);
    for (const id of ["0xffffffff", "0x00000000", "0x36372b07"])
      expect(await stage.tranche.supportsInterface!(id), id).to.equal(false);
  });

  it("ERC-7575: is its own share token, of the asset's decimals, over the asset", async () => {
    for (const decimals of [6, 8, 18]) {
      const { tranche, token } = await deployStage({ decimals });
      expect(await tranche.share!()).to.equal(tranche.target);
      expect(await tranche.asset!()).to.equal(token.target);
      expect(await tranche.decimals!()).to.equal(decimals);
      expect(await tranche.totalAssets!()).to.equal(SEED * 10n ** BigInt(decimals));
    }
  });

  it("ERC-7540: previews revert, for every caller and amount", async () => {
    const { tranche, alice, bob, governor } = stage;
    // One with shares and with something to claim, one with neither, one with a role.
    await withShares(stage, alice, 10n);
    await as(alice, tranche).requestRedeem!(stage.unit, alice, alice);
    await stage.stage.close!(fillOf({ redeemShares: stage.unit, paidAssets: stage.unit }));
    for (const method of ["previewDeposit", "previewMint", "previewWithdraw", "previewRedeem"])
      for (const amount of [0n, 1n, ethers.MaxUint256])
        for (const caller of [alice, bob, governor])
          await expect(as(caller, tranche)[method]!(amount)).to.be.revertedWithCustomError(
            tranche,
            "Tranche_NoPreview",
          );
  });

  it("V2: conversions round down, so no round trip gains, at any claim and supply, also with none at all", async () => {
    const { tranche, stage: vault, alice } = stage;
    const bare = await deployStage();
    const amounts = fc.sample(
      fc.tuple(fc.bigInt(0n, 10n ** 27n), fc.bigInt(0n, 10n ** 25n), fc.bigInt(0n, 10n ** 24n)),
      { numRuns: 40, seed: 7540 },
    );
    for (const [claim, shares, amount] of [[0n, 0n, WAD] as const, ...amounts]) {
      const [target, book] = shares === 0n ? [bare.tranche, bare.stage] : [tranche, vault];
      await book.assign!(claim, claim);
      if (shares !== 0n) await book.mintFee!(alice, shares);
      const [given, worth] = [await target.convertToShares!(amount), await target.convertToAssets!(amount)];
      expect(await target.convertToAssets!(given)).to.be.at.most(amount);
      expect(await target.convertToShares!(worth)).to.be.at.most(amount);
      const owed: bigint = await target.totalAssets!();
      // Of exact fractions what is whole.
      const all: bigint = (await target.totalSupply!()) + VIRTUAL;
      expect(given).to.equal((amount * all) / (owed + 1n));
      expect(worth).to.equal((amount * owed) / all);
      expect(await target.convertToAssets!(await target.totalSupply!())).to.be.at.most(owed);
      // What all shares are worth is the claim, but for the virtual ones' part.
      const supply = await target.totalSupply!();
      expect(await target.convertToAssets!(supply + VIRTUAL)).to.equal(owed);
    }
  });

  it("ERC-7540: max tells what is claimable: that much can be claimed, and no more", async () => {
    const { tranche, alice, unit, stage: vault } = stage;
    await withShares(stage, alice, 50n);
    await as(alice, tranche).requestDeposit!(30n * unit, alice, alice);
    await as(alice, tranche).requestRedeem!(20n * unit, alice, alice);
    await vault.close!(
      fillOf({
        depositAssets: 7n * unit,
        mintedShares: 5n * unit,
        redeemShares: 3n * unit,
        paidAssets: unit,
      }),
    );
    const own = as(alice, tranche);
    for (const [max, method, receiver] of [
      ["maxDeposit", DEPOSIT, alice],
      ["maxMint", MINT, alice],
      ["maxWithdraw", "withdraw", alice],
      ["maxRedeem", "redeem", alice],
    ] as const) {
      const most = await tranche[max]!(alice);
      expect(most).to.be.greaterThan(0n);
      await expect(own[method]!(most + 1n, receiver, alice))
        .to.be.revertedWithCustomError(tranche, "RequestQueue_ClaimAboveClaimable")
        .withArgs(most + 1n, most);
      await expect(own[method]!(0n, receiver, alice))
        .to.be.revertedWithCustomError(tranche, "RequestQueue_ClaimOfNothing")
        .withArgs(0n);
      expect(await own[method]!.staticCall(most, receiver, alice)).to.be.greaterThan(0n);
    }
    await own[MINT]!(await tranche.maxMint!(alice), alice, alice);
    await own.redeem!(await tranche.maxRedeem!(alice), alice, alice);
    for (const max of MAXES) expect(await tranche[max]!(alice)).to.equal(0n);
  });

  it("V2: takes nothing for nothing: a claim too small to bring a unit reverts, and claimed as a whole brings all", async () => {
    const { tranche, alice, stage: vault, unit } = stage;
    await withShares(stage, alice, 10n);
    await as(alice, tranche).requestRedeem!(10n * unit, alice, alice);
    await vault.close!(fillOf({ redeemShares: 10n * unit, paidAssets: 11n }));
    expect(await tranche.maxWithdraw!(alice)).to.equal(10n);
    await expect(as(alice, tranche).redeem!(unit - 1n, alice, alice))
      .to.be.revertedWithCustomError(tranche, "RequestQueue_ClaimOfNothing")
      .withArgs(unit - 1n);
    expect(await as(alice, tranche).redeem!.staticCall(unit, alice, alice)).to.equal(1n);
    expect(await as(alice, tranche).withdraw!.staticCall(1n, alice, alice)).to.equal(unit);
    await as(alice, tranche).redeem!(10n * unit, alice, alice);
  });

  it("ERC-7540: requests of one controller are one, whoever pays, and every id is 0", async () => {
    const { tranche, alice, bob, carol, unit, stage: vault } = stage;
    for (const payer of [alice, bob]) await withShares(stage, payer, 10n);
    for (const payer of [alice, bob])
      for (const method of ["requestDeposit", "requestRedeem"]) {
        expect(await as(payer, tranche)[method]!.staticCall(2n * unit, carol, payer)).to.equal(0n);
        await as(payer, tranche)[method]!(2n * unit, carol, payer);
      }
    const views = ["pendingDepositRequest", "pendingRedeemRequest"];
    for (const view of views) expect(await tranche[view]!(0, carol), view).to.equal(4n * unit);
    await vault.close!(
      fillOf({ depositAssets: unit, mintedShares: unit, redeemShares: 3n * unit, paidAssets: unit }),
    );
    for (const [kind, waits] of [
      ["Deposit", 3n * unit],
      ["Redeem", unit],
    ] as const) {
      expect(await tranche[`pending${kind}Request`]!(0, carol)).to.be.closeTo(waits, 1n);
      // What waits and what can be claimed are never the same unit.
      expect(
        (await tranche[`pending${kind}Request`]!(0, carol)) +
          (await tranche[`claimable${kind}Request`]!(0, carol)),
      ).to.equal(4n * unit);
      for (const payer of [alice, bob])
        expect(await tranche[`claimable${kind}Request`]!(0, payer)).to.equal(0n);
    }
  });

  it("ERC-7540: a fill pushes nothing, and a claim takes no asset, share or allowance, and brings what it tells", async () => {
    const { tranche, token, alice, bob, unit } = stage;
    const own = as(alice, tranche);
    await askBothWays();
    await as(alice, token).approve!(tranche, 5n * unit);
    await own.approve!(bob, 5n * unit);
    const holdings = async (): Promise<bigint[]> => [
      await token.balanceOf!(alice),
      await tranche.balanceOf!(alice),
      await token.allowance!(alice, tranche),
      await tranche.allowance!(alice, bob),
    ];
    const before = await holdings();
    await fillOddly();
    /** Each claim, what it brings, and what of it the call names: what goes in, or what comes out. */
    const claims = [
      { method: DEPOSIT, brings: tranche, given: "maxDeposit", taken: "maxMint", namesIn: true },
      { method: MINT, brings: tranche, given: "maxDeposit", taken: "maxMint", namesIn: false },
      { method: "redeem", brings: token, given: "maxRedeem", taken: "maxWithdraw", namesIn: true },
      { method: "withdraw", brings: token, given: "maxRedeem", taken: "maxWithdraw", namesIn: false },
    ];
    for (const { method, brings, given, taken, namesIn } of claims) {
      const amount = ((await tranche[namesIn ? given : taken]!(alice)) as bigint) / 3n;
      const told: bigint = await own[method]!.staticCall(amount, bob, alice);
      const [had, could]: bigint[] = [await brings.balanceOf!(bob), await tranche[given]!(alice)];
      await own[method]!(amount, bob, alice);
      expect((await brings.balanceOf!(bob)) - had!, method).to.equal(namesIn ? told : amount);
      expect(could! - (await tranche[given]!(alice)), method).to.equal(namesIn ? amount : told);
    }
    expect(await holdings()).to.deep.equal(before);
  });

  it("ERC-4626: of one claim, what comes out rounds down and what goes in rounds up, so there and back gains nothing", async () => {
    const { tranche, alice, unit } = stage;
    const own = as(alice, tranche);
    await askBothWays();
    await fillOddly();
    const send = (method: string, amount: bigint): Promise<bigint> =>
      own[method]!.staticCall(amount, alice, alice);
    for (const amount of fc.sample(fc.bigInt(2n, 10n * unit), { numRuns: 20, seed: 4626 }))
      for (const [byIn, byOut] of [
        [DEPOSIT, MINT],
        ["redeem", "withdraw"],
      ] as const) {
        expect(await send(byOut, await send(byIn, amount))).to.be.at.most(amount);
        expect(await send(byIn, await send(byOut, amount))).to.be.at.least(amount);
      }
  });

  it("ERC-20: balances add up to the supply, what waits being the tranche's own", async () => {
    const { tranche, alice, bob, unit, stage: vault } = stage;
    await withShares(stage, alice, 10n);
    await as(alice, tranche).transfer!(bob, 3n * unit);
    await as(bob, tranche).requestRedeem!(2n * unit, bob, bob);
    await as(alice, tranche).requestRedeem!(2n * unit, alice, alice);
    await as(alice, tranche).cancelRedeemRequest!(0, alice);
    await as(alice, tranche).requestDeposit!(unit, alice, alice);
    await vault.close!(fillOf({ depositAssets: unit, mintedShares: 2n * unit }));
    const balances: bigint[] = [];
    for (const holder of [alice, bob, tranche]) balances.push(await tranche.balanceOf!(holder));
    expect(balances).to.deep.equal([5n * unit, unit, (SEED + 6n) * unit]);
    expect(await tranche.totalSupply!()).to.equal((SEED + 12n) * unit);
  });
});

describe("Tranche: standards over the genuine vault", () => {
  let market: VaultMarket;
  beforeEach(async () => {
    market = await running();
  });

  /** What nobody may be refused, as `caller` is told it: of the tranche, of amounts, and of each controller. */
  async function toldTo(caller: Account, side: Side, controllers: string[]): Promise<unknown[]> {
    const tranche = as(caller, market.tranches[side]);
    const answers: unknown[] = [];
    const ask = async (view: string, ...args: unknown[]) => answers.push(await tranche[view]!(...args));
    for (const view of ["asset", "share", "decimals", "totalAssets", "totalSupply"]) await ask(view);
    for (const amount of [0n, 1n, 10n ** 30n])
      for (const view of ["convertToShares", "convertToAssets"]) await ask(view, amount);
    for (const controller of controllers) {
      for (const view of MAXES) await ask(view, controller);
      for (const view of OF_REQUESTS) for (const id of [0n, 2n ** 256n - 1n]) await ask(view, id, controller);
    }
    return answers;
  }

  /** What a controller has of everything there can be: waiting, to be claimed, cancelled; both ways, above nothing. */
  async function standing(side: Side): Promise<bigint[]> {
    const [tranche, controller] = [market.tranches[side], market.providers[side]];
    const found: bigint[] = [];
    for (const view of MAXES) found.push(await tranche[view]!(controller));
    for (const view of OF_REQUESTS)
      if (!view.startsWith("pendingCancel")) found.push(await tranche[view]!(0, controller));
    return found;
  }

  /** A request that is cancelled leaves something to claim, and keeps nobody from the next. */
  async function cancelAndAskAgain(side: Side, one: bigint): Promise<void> {
    const provider = market.providers[side];
    const own = as(provider, market.tranches[side]);
    await own.cancelDepositRequest!(0, provider);
    await own.cancelRedeemRequest!(0, provider);
    await requestDeposit(market, side, provider, 3n * one);
    await requestRedeem(market, side, provider, 2n * one);
  }

  it("ERC-4626, ERC-7540, ERC-7887: views never revert and tell every caller the same: open, paused, frozen, late, wound down", async () => {
    const { vault, pool, clearinghouse, control, tranches, providers, owner, trader } = market;
    const ONE = { base: WAD, quote: 3000n * UNIT };
    for (const side of SIDES) {
      await requestDeposit(market, side, providers[side], 5n * ONE[side]);
      await requestRedeem(market, side, providers[side], 4n * ONE[side]);
    }
    await trade(market, trader, [leg(call(3000), 5)]);
    await close(market, await open(market, cutOffIn(2) + 30));
    for (const side of SIDES) {
      await requestDeposit(market, side, providers[side], ONE[side]);
      await requestRedeem(market, side, providers[side], ONE[side]);
      await cancelAndAskAgain(side, ONE[side]);
    }
    const callers = [owner, trader, await signerOf(vault)];
    const first = { base: await standing("base"), quote: await standing("quote") };
    for (const side of SIDES) for (const one of first[side]) expect(one, side).to.be.greaterThan(0n);
    const states: [string, () => Promise<unknown>][] = [
      ["open", async () => {}],
      [
        "paused",
        async () => {
          await control.grantRole!(3n, owner, 0);
          for (const target of [pool, clearinghouse, tranches.base, tranches.quote]) await target.pause!();
        },
      ],
      ["frozen", () => networkHelpers.time.increaseTo(cutOffIn(3))],
      ["late by three days", () => networkHelpers.time.increaseTo(cutOffIn(6))],
      ["winding down", () => vault.windDown!()],
    ];
    /** That a state is what it is called. */
    const refusals: Record<string, [typeof requestDeposit, string]> = {
      paused: [requestDeposit, "Pause_Active"],
      frozen: [requestRedeem, "Tranche_Frozen"],
      "late by three days": [requestRedeem, "Tranche_Frozen"],
    };
    for (const [state, enter] of states) {
      await enter();
      for (const side of SIDES) {
        const [tranche, provider] = [tranches[side], providers[side]];
        const refusal = refusals[state];
        if (refusal !== undefined) {
          const [request, error] = refusal;
          await expect(request(market, side, provider, ONE[side])).to.be.revertedWithCustomError(
            tranche,
            error,
          );
        }
        const controllers = [provider.address, ethers.ZeroAddress];
        const told = await toldTo(callers[0]!, side, controllers);
        for (const caller of callers.slice(1))
          expect(await toldTo(caller, side, controllers), `${state}, ${side}`).to.deep.equal(told);
        expect(await standing(side), `${state}, ${side}`).to.deep.equal(first[side]);
        for (const view of OF_REQUESTS)
          expect(Number(await tranche[view]!(7, provider)), `${view} of an id that is none`).to.equal(0);
        // And what can be claimed is: neither a pause nor a freeze holds it.
        const own = as(provider, tranche);
        for (const [max, method] of [
          ["maxDeposit", DEPOSIT],
          ["maxMint", MINT],
          ["maxWithdraw", "withdraw"],
          ["maxRedeem", "redeem"],
        ] as const)
          expect(
            await own[method]!.staticCall(await tranche[max]!(provider), provider, provider),
            `${state}, ${method}`,
          ).to.be.greaterThan(0n);
        for (const kind of ["Deposit", "Redeem"])
          await own[`claimCancel${kind}Request`]!.staticCall(0, provider, provider);
      }
    }
    expect(await vault.phase!(), "winding down").to.equal(2n);
  });

  it("V2: in and out again by an epoch each gains nothing, by whichever claim, at a NAV that is not 1", async () => {
    const { trader, owner, tranches } = market;
    // Options that expire worth nothing: their premium is the vault's, and none is left that brings rent.
    await trade(market, trader, [leg(call(3400, expiryIn(2)), 10)]);
    await settleExpiry(market, expiryIn(2), 3000);
    await close(market, await open(market, cutOffIn(2) + 30));
    let day = 3;
    for (const [side, assets] of [
      ["base", 7n * WAD + 1n],
      ["quote", 21_000n * UNIT + 1n],
    ] as const)
      for (const [enter, leave] of [
        [DEPOSIT, "redeem"],
        [DEPOSIT, "withdraw"],
        [MINT, "redeem"],
        [MINT, "withdraw"],
      ] as const) {
        const tranche = as(owner, tranches[side]);
        expect(await tranche.convertToAssets!(10n ** 30n)).not.to.equal(10n ** 30n);
        const before: bigint = await market.tokens[side].balanceOf!(owner);
        await requestDeposit(market, side, owner, assets);
        await close(market, await open(market, cutOffIn(day++) + 30));
        await tranche[enter]!(await tranche[enter === MINT ? "maxMint" : "maxDeposit"]!(owner), owner, owner);
        await requestRedeem(market, side, owner, await tranche.balanceOf!(owner));
        await close(market, await open(market, cutOffIn(day++) + 30));
        const max = leave === "redeem" ? "maxRedeem" : "maxWithdraw";
        await tranche[leave]!(await tranche[max]!(owner), owner, owner);
        const lost = before - (await market.tokens[side].balanceOf!(owner));
        // What is rounded, at least; the book is empty, so nobody pays for an unwinding.
        expect(lost, `${side}, ${enter}, ${leave}`).to.be.within(1n, assets / 10n ** 9n + 3n);
      }
  });
});
