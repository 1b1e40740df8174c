/**
 * Option series and their ids: the twin of contracts/types/SeriesId.sol.
 *
 * An id is one word: [63 zero bits | market 32 | expiryAt 32 | strike 128 | isPut 1].
 */
import { SECONDS_PER_DAY } from "./clock.ts";

/** One option: `expiryAt` in unix seconds at 08:00 UTC, `strike` in WAD (1e18) of quote per base. */
export interface Series {
  market: number;
  expiryAt: number;
  strike: bigint;
  isPut: boolean;
}

/** Options expire at 08:00 UTC. */
export const EXPIRY_SECOND_OF_DAY = 8 * 3600;

const UINT32_MAX = 2 ** 32 - 1;
const STRIKE_LIMIT = 1n << 128n;

/** Whether `seconds` is a time at which options expire: 08:00 UTC of a day that a uint32 holds. */
export function isExpiry(seconds: number): boolean {
  return isUint32(seconds) && seconds % SECONDS_PER_DAY === EXPIRY_SECOND_OF_DAY;
}

/** The day number (days since 1970) of an expiry, as reports carry it. Throws for any other time of day. */
export function expiryDay(expiryAt: number): number {
  if (!isExpiry(expiryAt)) throw new RangeError(`${expiryAt} is not 08:00 UTC of a day`);
  return (expiryAt - EXPIRY_SECOND_OF_DAY) / SECONDS_PER_DAY;
}

/** 08:00 UTC of a day number, in unix seconds. */
export function expiryOfDay(day: number): number {
  return day * SECONDS_PER_DAY + EXPIRY_SECOND_OF_DAY;
}

/** Packs a series into its id. Throws a RangeError where the contract's `toSeriesId` reverts. */
export function seriesId(series: Series): bigint {
  const { market, expiryAt, strike, isPut } = series;
  if (!isUint32(market)) throw new RangeError(`market ${market} is not a uint32`);
  if (!isExpiry(expiryAt)) throw new RangeError(`expiry ${expiryAt} is not 08:00 UTC of a day`);
  if (strike <= 0n || strike >= STRIKE_LIMIT) throw new RangeError(`strike ${strike} is outside (0, 2^128)`);
  return (BigInt(market) << 161n) | (BigInt(expiryAt) << 129n) | (strike << 1n) | (isPut ? 1n : 0n);
}

/** The series of an id. Throws a RangeError for a word that is not canonical. */
export function seriesOfId(id: bigint): Series {
  if (id < 0n || id >> 193n !== 0n) throw new RangeError(`${id} is not a series id: bits above 193 are set`);
  const series = {
    market: Number(id >> 161n),
    expiryAt: Number((id >> 129n) & 0xffff_ffffn),
    strike: (id >> 1n) & (STRIKE_LIMIT - 1n),
    isPut: (id & 1n) === 1n,
  };
  seriesId(series);
  return series;
}

function isUint32(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= UINT32_MAX;
}
