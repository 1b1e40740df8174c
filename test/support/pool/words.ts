/** The book as its words say it, in WAD; and what a trade's receipt says. */
import { eventsOf as eventsAmong } from "@meniscus/cli/localMarket/contract";
import {
  decodeClaims,
  decodeExpiry,
  decodeFunds,
  decodeMargins,
  decodeRisk,
  decodeStrikePosition,
} from "@meniscus/sdk/pool/bookWords";
import type { ErrorDescription, LogDescription, TransactionReceipt } from "ethers";
import { type AnyContract, LIMITS_OF_BOOK, MARKET, type Market, REFUSALS } from "./fixture.ts";

/** All that the book and its account have. */
export async function readBook({ book, clearinghouse, baseToken, quoteToken }: Market, at?: number[]) {
  const expiriesAt: bigint[] = at?.map(BigInt) ?? [...(await clearinghouse.expiries!(MARKET))];
  const { risk, funds, claims, margins, ...own } = (await book.read!(expiriesAt)).toObject();
  const [base, quote] = await Promise.all(
    [baseToken, quoteToken].map((token) => clearinghouse.collateral!(book, token)),
  );
  return {
    ...decodeRisk(risk),
    ...decodeFunds(funds),
    ...decodeClaims(claims),
    ...decodeMargins(margins),
    collateral: [...base, ...quote] as [bigint, bigint, bigint, bigint],
    expiries: expiriesAt.map((expiryAt, i) => ({
      expiryAt: Number(expiryAt),
      ...decodeExpiry(own.risks[i], own.marks[i]),
    })),
  };
}

export type Written = ReturnType<typeof decodeStrikePosition>;

/** The book's positions of one expiry. */
export async function positionsOf({ clearinghouse, book }: Market, expiryAt: number): Promise<Written[]> {
  const words: bigint[] = await clearinghouse.positions!(book, MARKET, expiryAt);
  return words.map(decodeStrikePosition);
}

/** Why a trade would be refused: the refusal, and for `BookLimit` the limit. */
export function whyOf(quoted: { refusal: bigint; limit: bigint }): string {
  const refusal = REFUSALS[Number(quoted.refusal)]!;
  return refusal === "BookLimit" ? LIMITS_OF_BOOK[Number(quoted.limit)]! : refusal;
}

/** The error of one of these contracts with which a call was refused; whatever else went wrong is thrown on. */
export function errorOf(contracts: readonly AnyContract[], error: unknown): ErrorDescription {
  const { data } = error as { data?: unknown };
  if (typeof data === "string")
    for (const { interface: known } of contracts) {
      const parsed = known.parseError(data);
      if (parsed !== null) return parsed;
    }
  throw error;
}

/** The events of one contract in a receipt, parsed. */
export const eventsOf = (contract: AnyContract, { logs }: TransactionReceipt): LogDescription[] =>
  eventsAmong(contract, logs);
