/** The book as its words say it, in WAD; and what a trade's receipt says. */
import type { LogDescription, TransactionReceipt } from "ethers";
import { type AnyContract, LIMITS_OF_BOOK, MARKET, type Market, REFUSALS } from "./fixture.ts";

const WAD = 10n ** 18n;
const QUOTE_UNIT = 10n ** 12n;
const BASE_UNIT = 10n ** 9n;

const unsigned = (word: bigint, place: number): bigint => BigInt.asUintN(64, word >> BigInt(64 * place));
const signedAt = (word: bigint, place: number): bigint => BigInt.asIntN(64, word >> BigInt(64 * place));

/** The fields of contracts/types/BookWords.sol. */
export async function readBook({ book, clearinghouse, baseToken, quoteToken }: Market, at?: number[]) {
  const expiriesAt: bigint[] = at?.map(BigInt) ?? [...(await clearinghouse.expiries!(MARKET))];
  const { risk, funds, claims, margins, ...own } = (await book.read!(expiriesAt)).toObject();
  const [base, quote] = await Promise.all(
    [baseToken, quoteToken].map((token) => clearinghouse.collateral!(book, token)),
  );
  return {
    vega: signedAt(risk, 0) * QUOTE_UNIT,
    gamma: signedAt(risk, 1) * QUOTE_UNIT,
    delta: signedAt(risk, 2) * BASE_UNIT,
    equityLow: BigInt.asUintN(40, funds) * WAD,
    equityHigh: BigInt.asUintN(40, funds >> 40n) * WAD,
    reserve: BigInt.asUintN(64, funds >> 80n) * QUOTE_UNIT,
    epochOutflow: BigInt.asUintN(56, funds >> 144n) * QUOTE_UNIT,
    epochExits: BigInt.asIntN(56, funds >> 200n) * QUOTE_UNIT,
    baseSum: unsigned(claims, 0) * BASE_UNIT,
    quoteSum: unsigned(claims, 1) * QUOTE_UNIT,
    claimBase: unsigned(claims, 2) * BASE_UNIT,
    claimQuote: unsigned(claims, 3) * QUOTE_UNIT,
    pendingBase: unsigned(margins, 0) * BASE_UNIT,
    pendingQuote: unsigned(margins, 1) * QUOTE_UNIT,
    band: unsigned(margins, 2) * BASE_UNIT,
    shortVol: BigInt.asUintN(16, margins >> 192n) * 10n ** 14n,
    isWoundDown: BigInt.asUintN(1, margins >> 208n) === 1n,
    baseUse: BigInt.asUintN(14, margins >> 212n) * 10n ** 14n,
    quoteUse: BigInt.asUintN(14, margins >> 226n) * 10n ** 14n,
    collateral: [...base, ...quote] as [bigint, bigint, bigint, bigint],
    expiries: expiriesAt.map((expiryAt, i) => {
      const [word, mark] = [own.risks[i], own.marks[i]];
      return {
        expiryAt: Number(expiryAt),
        vega: signedAt(word, 0) * QUOTE_UNIT,
        vegaSkew: signedAt(word, 1) * QUOTE_UNIT,
        gamma: signedAt(word, 2) * QUOTE_UNIT,
        delta: signedAt(word, 3) * BASE_UNIT,
        weight: BigInt.asUintN(32, mark) * QUOTE_UNIT,
        refreshedAt: Number(BigInt.asUintN(32, mark >> 32n)),
        refreshedSpot: mark >> 64n,
      };
    }),
  };
}

export interface Written {
  strike: bigint;
  call: bigint;
  put: bigint;
}

/** The book's positions of one expiry. */
export async function positionsOf({ clearinghouse, book }: Market, expiryAt: number): Promise<Written[]> {
  const words: bigint[] = await clearinghouse.positions!(book, MARKET, expiryAt);
  return words
    .filter((word) => word !== 0n)
    .map((word) => ({
      strike: (word >> 192n) * BASE_UNIT,
      call: BigInt.asIntN(96, word),
      put: BigInt.asIntN(96, word >> 96n),
    }));
}

/** Why a trade would be refused: the refusal, and for `BookLimit` the limit. */
export function whyOf(quoted: { refusal: bigint; limit: bigint }): string {
  const refusal = REFUSALS[Number(quoted.refusal)]!;
  return refusal === "BookLimit" ? LIMITS_OF_BOOK[Number(quoted.limit)]! : refusal;
}

/** The events of one contract in a receipt, parsed. */
export function eventsOf(contract: AnyContract, receipt: TransactionReceipt): LogDescription[] {
  return receipt.logs
    .filter(({ address }) => address === contract.target)
    .map((log) => contract.interface.parseLog(log)!);
}
