/**
 * What a trade holds up until its block is over: a refresh of its book, and the hedge. At the head a trade of the head's own block still counts,
 * though whatever is sent now is mined later; so what is refused for that alone is asked once more for the block to come.
 *
 * That block holds what waits at the node, which may never be mined. It decides nothing but whether to try: the contracts ask all of it again, a
 * fill's least profit too, so that one who lets the keeper see what never comes makes it lose the gas of an attempt within its day's budget, and
 * pays for a trade in the block before each.
 */
import { bookAbi } from "@meniscus/sdk/abi/book";
import { deltaHedgerAbi } from "@meniscus/sdk/abi/deltaHedger";
import { HEDGE_OBSTACLES } from "@meniscus/sdk/vault/hedge";
import { Interface, type InterfaceAbi, isError } from "ethers";

export type BlockTag = "latest" | "pending";

const BOOK = new Interface(bookAbi as unknown as InterfaceAbi);
const HEDGER = new Interface(deltaHedgerAbi as unknown as InterfaceAbi);
/** The block's number comes after it. */
const TRADED = BOOK.getError("Book_TradedInThisBlock")!.selector;
const REFUSED = HEDGER.encodeErrorResult("Hedger_Refused", [HEDGE_OBSTACLES.indexOf("TradedInBlock")]);

/** Whether a call reverted for no other reason than a trade of its own block. */
export const isOfItsBlock = (error: unknown): boolean =>
  isError(error, "CALL_EXCEPTION") && (error.data?.startsWith(TRADED) || error.data === REFUSED);

/** Asks at the head and, where that is refused for a trade of its block, for the block to come. @throws what the head says where the node knows no such block */
export async function atHeadOrNext<T>(ask: (block: BlockTag) => Promise<T>): Promise<T> {
  try {
    return await ask("latest");
  } catch (error) {
    if (!isOfItsBlock(error)) throw error;
    try {
      return await ask("pending");
    } catch (next) {
      throw isError(next, "CALL_EXCEPTION") && next.data !== null ? next : error;
    }
  }
}
