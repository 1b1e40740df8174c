/**
 * Gas of the surface: posting a report and challenging a slice. Whole transactions, their 21,000 and call data included, slots in
 * use, in the middle of an hour and an epoch.
 */
import { encodeReport } from "@meniscus/sdk/report";
import { vogtWord } from "../test/support/slices.ts";
import {
  ethers,
  expiryIn,
  type Fixture,
  freshSurface,
  MARKET,
  networkHelpers,
  post,
  QUARANTINE,
  START,
  sampleReport,
  signed,
  signers,
  TENORS,
} from "../test/support/surface.ts";

export interface PostGas {
  twelveSlicesThreeSigners: number;
  sixteenSlicesThreeSigners: number;
  /** Of the twelve, the cost of one more. */
  perSlice: number;
  perSigner: number;
  /** Of the twelve, the first report of an hour, which moves the anchors. */
  newHour: number;
  /** Of the twelve, the first report after 09:00 UTC, which also keeps its digest in a new slot. */
  newEpoch: number;
  /** Retires a slice by a butterfly. */
  challenge: number;
}

const SIXTEEN = [...TENORS, 5, 6, 7, 8].sort((one, other) => one - other);
const MINUTE = 60;

async function gasOf(fixture: Fixture, at: number, tenors: number[], by = signers): Promise<number> {
  const transaction = await post(fixture, { at, tenors }, by);
  return Number((await transaction.wait()).gasUsed);
}

/** Measures on a network of its own. */
export async function measurePost(): Promise<PostGas> {
  const fixture = await freshSurface();
  let at = START;
  const next = () => {
    at += MINUTE;
    return at;
  };
  // Both words of every lane, and every anchor, are in use after three posts, a quarantine apart, which prove the lanes besides.
  for (let warm = 0; warm < 3; warm++) {
    at += QUARANTINE;
    await post(fixture, { at: next(), tenors: TENORS });
  }
  const twelve = await gasOf(fixture, next(), TENORS);
  const eleven = await gasOf(fixture, next(), TENORS.slice(0, 11));
  const twoSigners = await gasOf(fixture, next(), TENORS, signers.slice(0, 2));
  at = Math.ceil(at / 3600) * 3600;
  const newHour = await gasOf(fixture, next(), TENORS);
  const challenge = await challengeGas(fixture, next());

  for (const days of SIXTEEN.filter((days) => !TENORS.includes(days))) {
    await fixture.surface.listExpiry!(MARKET, expiryIn(days));
  }
  for (let warm = 0; warm < 3; warm++) {
    at += QUARANTINE;
    await post(fixture, { at: next(), tenors: SIXTEEN });
  }
  const sixteen = await gasOf(fixture, next(), SIXTEEN);
  const newEpoch = await newEpochGas();
  return {
    twelveSlicesThreeSigners: twelve,
    sixteenSlicesThreeSigners: sixteen,
    perSlice: twelve - eleven,
    perSigner: twelve - twoSigners,
    newHour,
    newEpoch,
    challenge,
  };
}

/** On a fresh network, because the first cut-off lies after the first expiry: its lane goes to another, so that there are twelve. */
async function newEpochGas(): Promise<number> {
  const fixture = await freshSurface();
  await post(fixture, { at: START, tenors: TENORS });
  await networkHelpers.time.increaseTo(expiryIn(1));
  await fixture.surface.listExpiry!(MARKET, expiryIn(9));
  const tenors = [...TENORS.slice(1), 9].sort((one, other) => one - other);
  const cutoff = expiryIn(1) + 3600;
  for (const before of [3, 2, 1]) await post(fixture, { at: cutoff - before * QUARANTINE, tenors });
  return gasOf(fixture, cutoff, tenors);
}

/** Vogt's smile at the longest expiry, where no neighbour is longer, retired at k = 0.879. */
async function challengeGas(fixture: Fixture, at: number): Promise<number> {
  const expiryAt = expiryIn(TENORS.at(-1)!);
  const report = encodeReport(
    sampleReport({ at, vol: 0.1, tenors: TENORS, words: { [TENORS.at(-1)!]: vogtWord(at) } }),
  );
  const signatures = await signed(fixture, report);
  await networkHelpers.time.setNextBlockTimestamp(at + 5);
  await fixture.surface.post!(report, signatures);
  const transaction = await fixture.surface.challenge!(MARKET, expiryAt, ethers.parseEther("0.879"));
  return Number((await transaction.wait()).gasUsed);
}
