/** Both tranches over a genuine Book, whose vault is an account of ours: claims are assigned, fills made by hand. */
import { BOOK_TERMS } from "@meniscus/sdk/pool/terms";
import { trancheTerms } from "@meniscus/sdk/vault/terms";
import {
  type Account,
  type AnyContract,
  as,
  ethers,
  linked,
  MARKET,
  type Market,
  networkHelpers,
  ready,
  WAD,
} from "../pool/fixture.ts";

export interface Side {
  name: "base" | "quote";
  tranche: AnyContract;
  token: AnyContract;
  unit: bigint;
}

export interface Genuine {
  market: Market;
  book: AnyContract;
  sides: Side[];
  vault: Account;
  alice: Account;
  bob: Account;
}

/** Deploys them beside the market of the pool's tests, on the same Clearinghouse and surface; the book owes 100 ETH and 300,000 USDC. */
export async function genuineTranches(): Promise<Genuine> {
  const market = await ready();
  const {
    control,
    clearinghouse,
    surface,
    baseToken,
    quoteToken,
    trader: alice,
    other: bob,
    owner: vault,
  } = market;
  const book = await linked(
    "Book",
    ["Revaluation", "BookTermsBounds"],
    [control, clearinghouse, surface, MARKET, BOOK_TERMS],
  );
  const sides: Side[] = [];
  for (const [i, name] of (["base", "quote"] as const).entries()) {
    const [token, decimals] = name === "base" ? [baseToken, 18] : [quoteToken, 6];
    const parameters = [
      control,
      book,
      token,
      i,
      `Meniscus ${name}`,
      `m${name}`,
      trancheTerms(name, decimals),
    ];
    const tranche = (await ethers.deployContract("Tranche", parameters)) as unknown as AnyContract;
    for (const account of [alice, bob, vault]) await as(account, token).approve!(tranche, ethers.MaxUint256);
    sides.push({ name, tranche, token, unit: 10n ** BigInt(decimals) });
  }
  await book.initialize!({
    pool: bob.address,
    vault: vault.address,
    hedger: vault.address,
    baseTranche: sides[0]!.tranche.target,
    quoteTranche: sides[1]!.tranche.target,
  });
  await as(vault, book).assign!({
    claimBase: 100n * WAD,
    claimQuote: 300_000n * WAD,
    equity: 600_000n * WAD,
    reserve: 0,
    markedAt: 0,
    cutOffDay: 0,
  });
  return { market: { ...market, book }, book, sides, vault, alice, bob };
}

/** Ends an epoch of one side: all of the deposits and `part` in 100 of the withdrawals, one for one. */
export async function close({ vault }: Genuine, { tranche, token }: Side, part = 100n): Promise<void> {
  const { depositAssets, redeemShares } = await tranche.queue!();
  const leaving = (redeemShares * part) / 100n;
  if (leaving > depositAssets) await as(vault, token).transfer!(tranche, leaving - depositAssets);
  await as(vault, tranche).fill!(1, {
    depositAssets,
    mintedShares: depositAssets,
    redeemShares: leaving,
    paidAssets: leaving,
    nextCutOffAt: (await networkHelpers.time.latest()) + 86_400,
    depositsOpen: true,
  });
}
