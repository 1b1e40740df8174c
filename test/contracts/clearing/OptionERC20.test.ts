import { expect } from "chai";
import {
  type AnyContract,
  as,
  type Clearing,
  call,
  ethers,
  load,
  options,
  put,
  START,
  settleAt,
  WAD,
} from "../../support/clearing/fixture.ts";

/** The wrapper of the 3000 call, and 5 tokens of it with the holder, who allowed the wrapper to take them. */
async function wrapped(): Promise<{ clearing: Clearing; wrapper: AnyContract }> {
  const clearing = await load();
  const { clearinghouse, factory, writer, holder } = clearing;
  const id = call(2500n);
  await factory.deploy(id);
  const wrapper = (await ethers.getContractAt(
    "OptionERC20",
    await factory.addressOf(id),
  )) as unknown as AnyContract;
  await as(writer, clearinghouse).mint(id, options(5), writer, holder);
  await as(holder, clearinghouse).approve(wrapper, id, ethers.MaxUint256);
  return { clearing, wrapper };
}

/** C8: what the wrapper holds is at least what it has given out. */
async function expectBacked({ clearinghouse }: Clearing, wrapper: AnyContract): Promise<void> {
  const ids = await clearinghouse.balanceOf(wrapper, await wrapper.SERIES());
  expect(ids >= (await wrapper.totalSupply())).to.equal(true);
}

describe("OptionERC20", () => {
  it("has an address that is known before, the same whoever deploys it, and is deployed once", async () => {
    const { factory, stranger } = await load();
    const [callAddress, putAddress] = [
      await factory.addressOf(call(3000n)),
      await factory.addressOf(put(3000n)),
    ];
    expect(callAddress).not.to.equal(putAddress);
    await expect(as(stranger, factory).deploy(call(3000n)))
      .to.emit(factory, "Deployed")
      .withArgs(call(3000n), callAddress, "ETH-15JAN27-3000-C");
    await expect(factory.deploy(call(3000n))).not.to.emit(factory, "Deployed");
    expect(await factory.deploy.staticCall(call(3000n))).to.equal(callAddress);
    expect(await ethers.provider.getCode(putAddress)).to.equal("0x");
  });

  it("is named as on Deribit, with 18 decimals", async () => {
    const { wrapper } = await wrapped();
    expect(await wrapper.symbol()).to.equal("ETH-15JAN27-2500-C");
    expect(await wrapper.name()).to.equal("ETH-15JAN27-2500-C");
    expect(await wrapper.decimals()).to.equal(18n);
  });

  it("refuses a word that is no series and a market that is not there", async () => {
    const { factory, clearinghouse } = await load();
    await expect(factory.deploy(call(3000n) | (1n << 200n))).to.be.revertedWithCustomError(
      factory,
      "SeriesId_NotCanonical",
    );
    await expect(factory.deploy(call(3000n) + (1n << 161n))).to.be.revertedWithCustomError(
      clearinghouse,
      "Listing_MarketUnknown",
    );
  });

  it("C8: wraps and unwraps one for one, and changes no total", async () => {
    const { clearing, wrapper } = await wrapped();
    const { clearinghouse, holder, stranger } = clearing;
    await as(holder, wrapper).wrap(options(3), stranger);
    expect(await wrapper.balanceOf(stranger)).to.equal(options(3));
    expect(await clearinghouse.totalSupply(call(2500n))).to.equal(options(5));
    await expectBacked(clearing, wrapper);
    await as(stranger, wrapper).unwrap(options(1), holder);
    expect(await clearinghouse.balanceOf(holder, call(2500n))).to.equal(options(3));
    expect(await wrapper.totalSupply()).to.equal(options(2));
    await expectBacked(clearing, wrapper);
    await expect(as(stranger, wrapper).unwrap(options(2) + 1n, holder)).to.be.revertedWithCustomError(
      wrapper,
      "ERC20InsufficientBalance",
    );
    await expect(as(stranger, wrapper).wrap(1, stranger)).to.be.revertedWithCustomError(
      clearinghouse,
      "ERC6909InsufficientAllowance",
    );
  });

  it("moves by permit", async () => {
    const { clearing, wrapper } = await wrapped();
    const { holder, stranger } = clearing;
    await as(holder, wrapper).wrap(options(1), holder);
    const { chainId } = await ethers.provider.getNetwork();
    const domain = {
      name: "ETH-15JAN27-2500-C",
      version: "1",
      chainId,
      verifyingContract: await wrapper.getAddress(),
    };
    const permit = {
      owner: holder.address,
      spender: stranger.address,
      value: options(1),
      nonce: 0n,
      deadline: START + 3600,
    };
    const fields = Object.keys(permit).map((name) => ({
      name,
      type: name === "owner" || name === "spender" ? "address" : "uint256",
    }));
    const { v, r, s } = ethers.Signature.from(await holder.signTypedData(domain, { Permit: fields }, permit));
    await as(stranger, wrapper).permit(holder, stranger, options(1), permit.deadline, v, r, s);
    await as(stranger, wrapper).transferFrom(holder, stranger, options(1));
    expect(await wrapper.balanceOf(stranger)).to.equal(options(1));
  });

  it("redeems for its holder once the series settled", async () => {
    const { clearing, wrapper } = await wrapped();
    const { base, holder, stranger } = clearing;
    await as(holder, wrapper).wrap(options(2), holder);
    await settleAt(clearing, 3000n * WAD);
    const before = await base.balanceOf(stranger);
    await as(holder, wrapper).redeem(options(1), stranger);
    expect((await base.balanceOf(stranger)) - before).to.equal(WAD / 6n);
    await as(holder, wrapper).unwrap(options(1), holder);
    await expectBacked(clearing, wrapper);
  });

  it("incident, a payout pushed into a lending market: nobody redeems what a wrapper or its holder holds", async () => {
    const { clearing, wrapper } = await wrapped();
    const { clearinghouse, base, quote, holder, stranger } = clearing;
    await as(holder, wrapper).wrap(options(2), holder);
    // The lending market: any contract that holds the wrapped token as collateral.
    const market = await quote.getAddress();
    await as(holder, wrapper).transfer(market, options(1));
    await as(holder, clearinghouse).transfer(market, call(2500n), options(1));
    await settleAt(clearing, 3000n * WAD);
    for (const owner of [market, await wrapper.getAddress()]) {
      await expect(
        as(stranger, clearinghouse).redeem(call(2500n), options(1), owner, owner),
      ).to.be.revertedWithCustomError(clearinghouse, "ERC6909InsufficientAllowance");
    }
    expect(await base.balanceOf(market)).to.equal(0n);
    // Even everybody's leave to push pays the account that gave it, so a wrapper that gives none is never paid by accident.
    expect(await clearinghouse.scopes(wrapper, stranger)).to.equal(0);
  });
});
