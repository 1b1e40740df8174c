/** What a call that reverted said, whichever of our contracts or libraries it was. */

import { Interface, type InterfaceAbi } from "ethers";
import { bookAbi } from "./abi/book.ts";
import { bookTermsBoundsAbi } from "./abi/bookTermsBounds.ts";
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
import { trancheAbi } from "./abi/tranche.ts";
import { uniswapFillerAbi } from "./abi/uniswapFiller.ts";
import { upkeepAbi } from "./abi/upkeep.ts";
import { volSurfaceAbi } from "./abi/volSurface.ts";
import { SPOT_REASONS } from "./oracles.ts";
import { BOOK_LIMITS, POOL_REFUSALS, SLICE_STATUSES } from "./pool/terms.ts";
import { SLICE_REFUSALS } from "./sliceShape.ts";
import { HEDGE_OBSTACLES } from "./vault/hedge.ts";
import { VAULT_OBSTACLES, VAULT_PHASES } from "./vault/terms.ts";

interface ErrorEntry {
  readonly type: string;
  readonly name: string;
  readonly inputs: readonly { readonly internalType: string }[];
}

const ENTRIES = (
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
    bookTermsBoundsAbi,
    trancheAbi,
    uniswapFillerAbi,
    upkeepAbi,
    volSurfaceAbi,
  ].flatMap((abi) => [...abi]) as unknown as ErrorEntry[]
).filter(({ type }) => type === "error");

const ERRORS = new Interface(ENTRIES as unknown as InterfaceAbi);

/** The names of every enum that an error of ours carries, by its Solidity type. */
const ENUMS: Readonly<Record<string, readonly string[]>> = {
  "IBook.Limit": BOOK_LIMITS,
  "IDeltaHedger.Obstacle": HEDGE_OBSTACLES,
  "ILiquidityVault.Obstacle": VAULT_OBSTACLES,
  "ILiquidityVault.Phase": VAULT_PHASES,
  "IOptionPool.Refusal": POOL_REFUSALS,
  "ISpotOracle.Reason": SPOT_REASONS,
  "IUpkeep.Work": ["Poke", "Refresh", "Walk", "Realize", "Close"],
  "ListingRules.Kind": ["Daily", "Weekly", "Monthly", "Quarterly"],
  SliceRefusal: SLICE_REFUSALS,
  SliceStatus: SLICE_STATUSES,
};

/** Solidity types of each error's values; those of one name are alike in whichever contract. */
const TYPES = new Map(
  ENTRIES.map(({ name, inputs }) => [name, inputs.map(({ internalType }) => internalType)]),
);

/**
 * The error by name and values, those of an enum by their names, from the data of a revert; its first four bytes as hex where it is no error of ours, or its values cannot be
 * read. Never throws: the data may be anybody's.
 */
export function revertOf(data: string | null | undefined): string {
  if (!data || data === "0x") return "it reverted without a word";
  return namedError(data) ?? `it reverted with ${data.slice(0, 10)}`;
}

function namedError(data: string): string | null {
  try {
    const error = ERRORS.parseError(data);
    return (
      error && `${error.name}(${[...error.args].map((value, i) => told(error.name, i, value)).join(", ")})`
    );
  } catch {
    // Cut short, no hex, text that is no UTF-8, offsets that lead nowhere.
    return null;
  }
}

/** A value as it is; of an enum its name, if it has one. */
function told(error: string, place: number, value: unknown): string {
  // Errors that Solidity itself raises stand in no ABI.
  const names = ENUMS[TYPES.get(error)?.[place]?.replace(/^enum /, "") ?? ""];
  return names?.[Number(value)] ?? String(value);
}
