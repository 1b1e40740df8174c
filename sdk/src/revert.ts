/** What a call that reverted said, whichever of our contracts or libraries it was. */

import { Interface, type InterfaceAbi } from "ethers";
import { bookAbi } from "./abi/book.ts";
import { clearinghouseAbi } from "./abi/clearinghouse.ts";
import { controlAbi } from "./abi/control.ts";
import { deltaHedgerAbi } from "./abi/deltaHedger.ts";
import { lensAbi } from "./abi/lens.ts";
import { liquidityVaultAbi } from "./abi/liquidityVault.ts";
import { listingAbi } from "./abi/listing.ts";
import { optionERC20Abi } from "./abi/optionERC20.ts";
import { optionERC20FactoryAbi } from "./abi/optionERC20Factory.ts";
import { optionPoolAbi } from "./abi/optionPool.ts";
import { routerAbi } from "./abi/router.ts";
import { settlementOracleAbi } from "./abi/settlementOracle.ts";
import { spotOracleAbi } from "./abi/spotOracle.ts";
import { termsBoundsAbi } from "./abi/termsBounds.ts";
import { trancheAbi } from "./abi/tranche.ts";
import { uniswapFillerAbi } from "./abi/uniswapFiller.ts";
import { upkeepAbi } from "./abi/upkeep.ts";
import { volSurfaceAbi } from "./abi/volSurface.ts";

const ERRORS = new Interface(
  [
    bookAbi,
    clearinghouseAbi,
    controlAbi,
    deltaHedgerAbi,
    lensAbi,
    liquidityVaultAbi,
    listingAbi,
    optionERC20Abi,
    optionERC20FactoryAbi,
    optionPoolAbi,
    routerAbi,
    settlementOracleAbi,
    spotOracleAbi,
    termsBoundsAbi,
    trancheAbi,
    uniswapFillerAbi,
    upkeepAbi,
    volSurfaceAbi,
  ].flatMap((abi) => [...abi].filter(({ type }) => type === "error")) as unknown as InterfaceAbi,
);

/**
 * The error by name and values, from the data of a revert; its first four bytes as hex where it is no error of ours, or its values cannot be
 * read. Never throws: the data may be anybody's.
 */
export function revertOf(data: string | null | undefined): string {
  if (!data || data === "0x") return "it reverted without a word";
  return namedError(data) ?? `it reverted with ${data.slice(0, 10)}`;
}

function namedError(data: string): string | null {
  try {
    const error = ERRORS.parseError(data);
    return error && `${error.name}(${[...error.args].join(", ")})`;
  } catch {
    // Cut short, no hex, text that is no UTF-8, offsets that lead nowhere.
    return null;
  }
}
