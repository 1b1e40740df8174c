import { expect } from "chai";
import type { TypedDataDomain } from "ethers";
import {
  type Account,
  type AnyContract,
  as,
  call,
  deploy,
  EXPIRY,
  ethers,
  load,
  MARKET,
  networkHelpers,
  options,
  put,
  SCOPE,
  START,
} from "../../support/clearing/fixture.ts";

const TYPES = {
  Authorization: [
    { name: "account", type: "address" },
    { name: "delegate", type: "address" },
    { name: "scopes", type: "uint8" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
};

async function domainOf(clearinghouse: AnyContract): Promise<TypedDataDomain> {
  const { chainId } = await ethers.provider.getNetwork();
  return {
    name: "Meniscus Clearinghouse",
    version: "1",
    chainId,
    verifyingContract: await clearinghouse.getAddress(),
  };
}

describe("Clearinghouse: delegates", () => {
  const authorization = (account: string, delegate: Account) => ({
    account,
    delegate: delegate.address,
    scopes: SCOPE.trade | SCOPE.realize,
    nonce: 0n,
    deadline: START + 3600,
  });

  it("grants and revokes, and tells what everybody has too", async () => {
    const { clearinghouse, writer, stranger } = await load();
    await expect(as(writer, clearinghouse).authorize(stranger, SCOPE.withdraw))
      .to.emit(clearinghouse, "Authorized")
      .withArgs(writer, stranger, SCOPE.withdraw);
    await as(writer, clearinghouse).authorize(ethers.ZeroAddress, SCOPE.redeem);
    expect(await clearinghouse.scopes(writer, stranger)).to.equal(SCOPE.withdraw | SCOPE.redeem);
    await as(writer, clearinghouse).authorize(stranger, 0);
    expect(await clearinghouse.scopes(writer, stranger)).to.equal(SCOPE.redeem);
  });

  it("refuses bits that mean nothing, and everybody what would let them take", async () => {
    const { clearinghouse, writer, stranger } = await load();
    await expect(as(writer, clearinghouse).authorize(stranger, 16))
      .to.be.revertedWithCustomError(clearinghouse, "Delegates_ScopesInvalid")
      .withArgs(stranger, 16);
    for (const bits of [SCOPE.trade, SCOPE.withdraw]) {
      await expect(
        as(writer, clearinghouse).authorize(ethers.ZeroAddress, bits),
      ).to.be.revertedWithCustomError(clearinghouse, "Delegates_ScopesInvalid");
    }
  });

  it("takes a signature of the account, once and in time", async () => {
    const { clearinghouse, writer, stranger } = await load();
    const signed = authorization(writer.address, stranger);
    const signature = await writer.signTypedData(await domainOf(clearinghouse), TYPES, signed);
    await as(stranger, clearinghouse).authorizeBySignature(signed, signature);
    expect(await clearinghouse.scopes(writer, stranger)).to.equal(SCOPE.trade | SCOPE.realize);
    expect(await clearinghouse.nonces(writer)).to.equal(1n);
    await as(stranger, clearinghouse).mint(call(3000n), options(1), writer, stranger);
    await expect(
      as(stranger, clearinghouse).authorizeBySignature(signed, signature),
    ).to.be.revertedWithCustomError(clearinghouse, "InvalidAccountNonce");
    const late = { ...signed, nonce: 1n, deadline: START - 1 };
    const lateSignature = await writer.signTypedData(await domainOf(clearinghouse), TYPES, late);
    await expect(
      as(stranger, clearinghouse).authorizeBySignature(late, lateSignature),
    ).to.be.revertedWithCustomError(clearinghouse, "Delegates_Expired");
  });

  it("takes a signature in the second of its deadline", async () => {
    const { clearinghouse, writer, stranger } = await load();
    const signed = authorization(writer.address, stranger);
    const signature = await writer.signTypedData(await domainOf(clearinghouse), TYPES, signed);
    await networkHelpers.time.setNextBlockTimestamp(signed.deadline);
    await as(stranger, clearinghouse).authorizeBySignature(signed, signature);
    expect(await clearinghouse.nonces(writer)).to.equal(1n);
  });

  it("voids what was signed before by an authorization on chain", async () => {
    const { clearinghouse, writer, stranger } = await load();
    const signed = authorization(writer.address, stranger);
    const signature = await writer.signTypedData(await domainOf(clearinghouse), TYPES, signed);
    await as(writer, clearinghouse).authorize(stranger, 0);
    await expect(
      as(stranger, clearinghouse).authorizeBySignature(signed, signature),
    ).to.be.revertedWithCustomError(clearinghouse, "InvalidAccountNonce");
    expect(await clearinghouse.scopes(writer, stranger)).to.equal(0n);
  });

  it("refuses a signature over anything else: every field, the contract, the chain and the signer count", async () => {
    const { clearinghouse, writer, holder, stranger } = await load();
    const domain = await domainOf(clearinghouse);
    const signed = authorization(writer.address, stranger);
    const signature = await writer.signTypedData(domain, TYPES, signed);
    const refused = async (altered: object, by = signature) =>
      expect(
        as(stranger, clearinghouse).authorizeBySignature({ ...signed, ...altered }, by),
      ).to.be.revertedWithCustomError(clearinghouse, "Delegates_SignatureInvalid");
    await refused({ delegate: holder.address });
    await refused({ scopes: 15 });
    await refused({ account: holder.address });
    await refused({ deadline: START + 3601 });
    await refused({}, await holder.signTypedData(domain, TYPES, signed));
    await refused({}, await writer.signTypedData({ ...domain, chainId: 1 }, TYPES, signed));
    await refused(
      {},
      await writer.signTypedData({ ...domain, verifyingContract: holder.address }, TYPES, signed),
    );
    await refused({}, ethers.concat([signature.slice(0, -2), "0x00"]));
  });

  it("takes a contract's word by ERC-1271", async () => {
    const { clearinghouse, stranger } = await load();
    const wallet = await deploy("SigningWallet");
    const signed = authorization(await wallet.getAddress(), stranger);
    const submit = () => as(stranger, clearinghouse).authorizeBySignature(signed, "0x1234");
    await expect(submit()).to.be.revertedWithCustomError(clearinghouse, "Delegates_SignatureInvalid");
    await wallet.approve(ethers.TypedDataEncoder.hash(await domainOf(clearinghouse), TYPES, signed));
    await submit();
    expect(await clearinghouse.scopes(wallet, stranger)).to.equal(SCOPE.trade | SCOPE.realize);
  });

  it("lets TRADE take a deposited long that covers nothing, but not one in whose place more than is free would be locked", async () => {
    const { clearinghouse, base, writer, holder, stranger } = await load();
    // A long that covers nothing, and one that covers what is written at the other strike, with all else that was free paid out.
    await as(writer, clearinghouse).mint(put(3000n), options(2), writer, holder);
    await as(writer, clearinghouse).mint(call(3000n), options(1), writer, holder);
    for (const series of [put(3000n), call(3000n)])
      await as(holder, clearinghouse).burn(series, options(1), holder, holder);
    await as(holder, clearinghouse).mint(call(3500n), options(1), holder, holder);
    const [balance, locked] = await clearinghouse.collateral(holder, base);
    expect(locked).to.equal(0n);
    await as(holder, clearinghouse).withdraw(base, balance, holder, holder);
    await as(holder, clearinghouse).authorize(stranger, SCOPE.trade);
    const delegate = as(stranger, clearinghouse);
    await delegate.mint(put(3000n), options(1), holder, stranger);
    expect(await clearinghouse.balanceOf(stranger, put(3000n))).to.equal(options(1));
    expect(await clearinghouse.position(holder, put(3000n))).to.equal(0n);
    await expect(delegate.mint(call(3000n), options(1), holder, stranger)).to.be.revertedWithCustomError(
      clearinghouse,
      "Ledger_NotCovered",
    );
  });

  it("incident, phished operator: who may move the tokens can neither trade, withdraw nor realize", async () => {
    const { clearinghouse, base, writer, stranger } = await load();
    await as(writer, clearinghouse).mint(call(3000n), options(1), writer, writer);
    await as(writer, clearinghouse).setOperator(stranger, true);
    const thief = as(stranger, clearinghouse);
    for (const attempt of [
      () => thief.withdraw(base, 1, writer, stranger),
      () => thief.mint(call(3000n), options(1), writer, stranger),
      () => thief.burn(call(3000n), options(1), writer, writer),
      () => thief.realize(writer, MARKET, EXPIRY),
    ]) {
      await expect(attempt()).to.be.revertedWithCustomError(clearinghouse, "Delegates_NotAllowed");
    }
    // And the other way round: every scope together moves no token.
    await as(writer, clearinghouse).setOperator(stranger, false);
    await as(writer, clearinghouse).authorize(stranger, 15);
    await expect(thief.transferFrom(writer, stranger, call(3000n), options(1))).to.be.revertedWithCustomError(
      clearinghouse,
      "ERC6909InsufficientAllowance",
    );
  });
});
