/** The contracts of one market, found from its vault and its filler. */

import { isUnknownView } from "@meniscus/pricer/service/refusedCall";
import { bookAbi } from "@meniscus/sdk/abi/book";
import { clearinghouseAbi } from "@meniscus/sdk/abi/clearinghouse";
import { deltaHedgerAbi } from "@meniscus/sdk/abi/deltaHedger";
import { liquidityVaultAbi } from "@meniscus/sdk/abi/liquidityVault";
import { settlementOracleAbi } from "@meniscus/sdk/abi/settlementOracle";
import { spotOracleAbi } from "@meniscus/sdk/abi/spotOracle";
import { uniswapFillerAbi } from "@meniscus/sdk/abi/uniswapFiller";
import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { BaseContract, type Contract, type InterfaceAbi, type Provider } from "ethers";
import { ConfigError } from "./config.ts";
import type { Decimals } from "./order.ts";

export interface Contracts {
  market: number;
  decimals: Decimals;
  vault: Contract;
  filler: Contract;
  book: Contract;
  hedger: Contract;
  clearinghouse: Contract;
  volSurface: Contract;
  spotOracle: Contract;
  settlementOracle: Contract;
}

/** Where the configuration says that the market is. */
export type Places = Record<"vault" | "filler", string>;

/** What each is, and what the addresses file of a deployment calls it. */
const KINDS = {
  vault: { kind: "LiquidityVault", entry: "liquidityVault" },
  filler: { kind: "UniswapFiller", entry: "uniswapFiller" },
} as const;

/** Asks vault and filler for the rest. @throws ConfigError where one of them is something else, or the two are not of one book */
export async function findContracts(provider: Provider, places: Places): Promise<Contracts> {
  for (const key of ["vault", "filler"] as const)
    if ((await provider.getCode(places[key])) === "0x")
      throw new ConfigError(`${key}: no contract at ${places[key]}.`);
  const bind = (at: string, abi: unknown) =>
    new BaseContract(at, abi as InterfaceAbi, provider) as unknown as Contract;
  const [vault, filler] = [bind(places.vault, liquidityVaultAbi), bind(places.filler, uniswapFillerAbi)];
  const { hedger, book } = await ofKind("filler", places, async () => {
    // Of the contracts that have a hedger only the filler has a pool.
    await ask(filler, "POOL");
    const hedger = bind(await ask(filler, "HEDGER"), deltaHedgerAbi);
    return { hedger, book: await ask(hedger, "book") };
  });
  return ofKind("vault", places, async () => {
    // Of the contracts that have a book only the vault has epochs.
    await ask(vault, "epoch");
    const own = await ask(vault, "book");
    if (own !== book) throw new ConfigError(`The filler hedges ${book}, the vault's book is ${own}.`);
    return { vault, filler, hedger, ...(await ofBook(bind(own, bookAbi), bind)) };
  });
}

async function ofBook(book: Contract, bind: (at: string, abi: unknown) => Contract) {
  const market = Number(await ask(book, "market"));
  const clearinghouse = bind(await ask(book, "CLEARINGHOUSE"), clearinghouseAbi);
  const terms = await clearinghouse.getFunction("marketOf")(market);
  const quote = await clearinghouse.getFunction("quoteAsset")();
  return {
    decimals: { base: Number(terms.baseDecimals), quote: Number(quote.decimals) },
    market,
    book,
    clearinghouse,
    volSurface: bind(await ask(book, "VOL_SURFACE"), volSurfaceAbi),
    spotOracle: bind(await ask(book, "SPOT_ORACLE"), spotOracleAbi),
    settlementOracle: bind(terms.settlementOracle, settlementOracleAbi),
  };
}

const ask = (contract: Contract, view: string): Promise<string> => contract.getFunction(view)();

/** What is asked of a contract of this key. @throws ConfigError where it does not know what its kind does */
async function ofKind<T>(key: keyof Places, places: Places, asked: () => Promise<T>): Promise<T> {
  try {
    return await asked();
  } catch (error) {
    if (!isUnknownView(error)) throw error;
    const { kind, entry } = KINDS[key];
    throw new ConfigError(
      `${key}: the contract at ${places[key]} is no ${kind}. Give the address that the deployment's file calls ${entry}.`,
    );
  }
}
