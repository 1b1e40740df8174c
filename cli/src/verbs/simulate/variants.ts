/** What differs between two runs through the same path. */
import { BOOK_TERMS } from "@meniscus/sdk/pool/terms";

export interface Variant {
  readonly name: string;
  readonly about: string;
  readonly isHedged: boolean;
  /** Seconds from a report to the first trade at it. */
  readonly spotAge: number;
  /** How many recorded chains the signers' vols are behind the newest. */
  readonly chainsBehind: number;
  readonly terms: typeof BOOK_TERMS;
  /** Of what the uninformed trade: bought less sold over both. */
  readonly netOverGross: number;
}

/** The smallest potential that the contracts take: as near to no impact as a book can be set. */
const LEAST_IMPACT = { ...BOOK_TERMS, lambdaBps: 500, muBps: 1, thetaPpm: 1, kappaPpm: 1 };

const REFERENCE: Variant = {
  name: "reference",
  about: "hedged, fresh surfaces, impact on, net over gross 0.25",
  isHedged: true,
  spotAge: 12,
  chainsBehind: 0,
  terms: BOOK_TERMS,
  netOverGross: 0.25,
};

export const VARIANTS: readonly Variant[] = [
  REFERENCE,
  { ...REFERENCE, name: "unhedged", about: "nobody fills the auction", isHedged: false },
  { ...REFERENCE, name: "stale spot", about: "trades meet reports of 90 s instead of 12 s", spotAge: 90 },
  {
    ...REFERENCE,
    name: "stale vols",
    about: "vols of the recorded chain before the newest",
    chainsBehind: 1,
  },
  {
    ...REFERENCE,
    name: "no impact",
    about: "the smallest potential the contracts take",
    terms: LEAST_IMPACT,
  },
  { ...REFERENCE, name: "one-way", about: "takers only buy: net over gross 1", netOverGross: 1 },
];
