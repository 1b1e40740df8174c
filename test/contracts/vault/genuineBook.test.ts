import { expect } from "chai";
import { as, WAD } from "../../support/pool/fixture.ts";
import { readBook } from "../../support/pool/words.ts";
import { close, type Genuine, genuineTranches } from "../../support/vault/genuine.ts";

describe("Tranche: over a genuine Book", () => {
  let genuine: Genuine;
  before(async () => {
    genuine = await genuineTranches();
  });

  it("reads its claim from the book, in its own decimals, as the whole reading has it", async () => {
    const { book, sides } = genuine;
    expect(await book.claims!()).to.equal((await book.read!([])).claims);
    const owed = [100n, 300_000n];
    for (const [i, { tranche, unit }] of sides.entries())
      expect(await tranche.totalAssets!()).to.equal(owed[i]! * unit);
  });

  it("P12: what waits to leave it stands in the book, in assets at NAV, each side's apart", async () => {
    const { market, book, sides, vault, alice } = genuine;
    const expected = { base: 0n, quote: 0n };
    for (const side of sides) {
      const { tranche, unit, name } = side;
      await close(genuine, side);
      const assets = 1000n * unit;
      await as(alice, tranche).requestDeposit!(assets, alice, alice);
      await close(genuine, side);
      await as(alice, tranche)["deposit(uint256,address)"]!(await tranche.maxDeposit!(alice), alice);
      await as(alice, tranche).requestRedeem!(400n * unit, alice, alice);
      const claim = (name === "base" ? 100n : 300_000n) * WAD;
      const supply: bigint = await tranche.totalSupply!();
      const grain = name === "base" ? 10n ** 9n : 10n ** 12n;
      const worth = (400n * unit * claim + supply + 999n) / (supply + 1000n);
      expected[name] = ((worth + grain - 1n) / grain) * grain;
      const { pendingBase, pendingQuote } = await readBook(market, []);
      expect({ base: pendingBase, quote: pendingQuote }).to.deep.equal(expected);
    }
    await expect(as(alice, book).setPending!(0, 1n, WAD)).to.be.revertedWithCustomError(
      book,
      "Book_NotModule",
    );
    expect(await sides[0]!.token.balanceOf!(vault)).to.be.greaterThan(0n);
  });

  it("knows the vault that the book names, and nobody else", async () => {
    const { sides, alice, vault } = genuine;
    for (const { tranche } of sides)
      await expect(as(alice, tranche).mintFee!(alice, 1n))
        .to.be.revertedWithCustomError(tranche, "Tranche_NotVault")
        .withArgs(alice, vault);
  });
});
