/** What is true at a time, and what the signers say: recorded vols aged and sticky in moneyness, at the path's spot. */

import { priceAt } from "@meniscus/pricer/source/spotPath";
import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import type { Report } from "@meniscus/sdk/report";
import { expiryDay } from "@meniscus/sdk/series";
import { toWad } from "@meniscus/sdk/wad";
import { laterReport } from "../../localMarket/laterReport.ts";
import type { SimulationInput } from "./input.ts";

/** Expiries that are traded: Fridays, from the one to the other ahead. */
export const NEAREST = 2 * SECONDS_PER_DAY;
export const FARTHEST = 45 * SECONDS_PER_DAY;
/** A weekly expiry is listed no farther ahead. */
const WEEKLY_HORIZON = 28 * SECONDS_PER_DAY;
const FRIDAY = 1;
const CENTS = 100;

export interface World {
  /** Spot of a time, quote per base, to the cent. */
  spotAt(at: number): number;
  /** The report of a time at a spot by the newest recorded chain but `behind`; `which` tells it from other chains. */
  reportAt(at: number, spot: number, behind: number): { report: Report; which: number };
  /** Friday expiries of the newest chain that may be traded. */
  expiriesAt(at: number): number[];
}

export function worldOf({ surfaces, spot }: SimulationInput, market: number): World {
  const newestAt = (at: number, behind: number) =>
    Math.max(surfaces.filter(({ snapshotAt }) => snapshotAt <= at).length - 1 - behind, 0);
  return {
    spotAt: (at) => Math.round(priceAt(spot, at) * CENTS) / CENTS,
    reportAt: (at, price, behind) => {
      const which = newestAt(at, behind);
      const { snapshotAt, spot: recorded, slices } = surfaces[which]!;
      const first = {
        market,
        reportAt: snapshotAt,
        spot: toWad(recorded),
        slices: slices.filter(isTradedKind),
      };
      return { report: laterReport(first, at, toWad(price)), which };
    },
    expiriesAt: (at) =>
      surfaces[newestAt(at, 0)]!.slices.filter(isTradedKind)
        .map(({ expiryAt }) => expiryAt)
        .filter((expiryAt) => expiryAt - at >= NEAREST && expiryAt - at <= FARTHEST)
        .filter((expiryAt) => expiryAt - at <= WEEKLY_HORIZON || isMonthly(expiryAt)),
  };
}

const isTradedKind = ({ expiryAt }: { expiryAt: number }) => expiryDay(expiryAt) % 7 === FRIDAY;

/** The last Friday of its month. */
const isMonthly = (expiryAt: number) => {
  const month = (at: number) => new Date(at * 1000).getUTCMonth();
  return month(expiryAt + 7 * SECONDS_PER_DAY) !== month(expiryAt);
};
