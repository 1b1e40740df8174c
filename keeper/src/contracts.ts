/** The contracts of one market, found from its vault and its filler. */
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

/** Asks vault and filler for the rest. @throws ConfigError where the two are not of one book. */
export async function findContracts(
  provider: Provider,
  { vault: vaultAt, filler: fillerAt }: { vault: string; filler: string },
): Promise<Contracts> {
  const bind = (at: string, abi: unknown) =>
    new BaseContract(at, abi as InterfaceAbi, provider) as unknown as Contract;
  const [vault, filler] = [bind(vaultAt, liquidityVaultAbi), bind(fillerAt, uniswapFillerAbi)];
  const ask = (contract: Contract, name: string): Promise<string> => contract.getFunction(name)();
  for (const [name, at] of [
    ["vault", vaultAt],
    ["filler", fillerAt],
  ] as const)
    if ((await provider.getCode(at)) === "0x") throw new ConfigError(`${name}: no contract at ${at}.`);
  const hedger = bind(await ask(filler, "HEDGER"), deltaHedgerAbi);
  const book = bind(await ask(vault, "book"), bookAbi);
  const hedged = await ask(hedger, "book");
  if (hedged !== book.target)
    throw new ConfigError(`The filler hedges ${hedged}, the vault's book is ${book.target}.`);
  const market = Number(await ask(book, "market"));
  const clearinghouse = bind(await ask(book, "CLEARINGHOUSE"), clearinghouseAbi);
  const terms = await clearinghouse.getFunction("marketOf")(market);
  const quote = await clearinghouse.getFunction("quoteAsset")();
  return {
    decimals: { base: Number(terms.baseDecimals), quote: Number(quote.decimals) },
    ...{ market, vault, filler, book, hedger, clearinghouse },
    volSurface: bind(await ask(book, "VOL_SURFACE"), volSurfaceAbi),
    spotOracle: bind(await ask(book, "SPOT_ORACLE"), spotOracleAbi),
    settlementOracle: bind(terms.settlementOracle, settlementOracleAbi),
  };
}
