/** A deployed surface with a market of three signers and twelve expiries, and reports for it. */
import { SLICE_STATUSES } from "@meniscus/sdk/pool/terms";
import {
  type EncodedReport,
  encodeReport,
  joinSignatures,
  type Report,
  signReport,
} from "@meniscus/sdk/report";
import { expect } from "chai";
import type { BaseContract, Contract } from "ethers";
import { Wallet } from "ethers";
import { network } from "hardhat";
import Market from "../../deploy/modules/Market.ts";
import { smileWord } from "./slices.ts";

export const connection = await network.create();
export const { ethers, ignition, networkHelpers } = connection;

export const MARKET = 1;
export const DAY = 86_400;
export const SPOT = 3000n * 10n ** 18n;
/** 10:30 UTC of a day; the tests' clock starts here. */
export const START = 1_893_407_400;
/** Days from the start to the first 08:00 and on: dailies, weeklies, monthlies, quarterlies. */
export const TENORS = [1, 2, 3, 4, 11, 18, 25, 53, 88, 144, 235, 326];
export const BOUNDS = { levelBps: 5000, skewBps: 1000, basisBps: 50 };
export const QUARANTINE = 600;

/** Of 16 lanes the four that hold no expiry: nobody has proven those. */
export const EMPTY_LANES = 0xf000n;

/** Signers by rising address. */
export const signers = [1n, 2n, 3n]
  .map((key) => new Wallet(ethers.toBeHex(key + 0x1234n, 32)))
  .sort((one, other) => (BigInt(one.address) < BigInt(other.address) ? -1 : 1));

const firstExpiry = Math.floor(START / DAY) * DAY + 8 * 3600;
export const expiryIn = (days: number): number => firstExpiry + days * DAY;
/** Years on the variance clock. */
export const tauAt = (expiryAt: number, now: number): number => (expiryAt - 1200 - now) / (365 * DAY);

// The contract methods of ethers are not typed by ABI here; tests call them by name.
export type AnyContract = BaseContract & Omit<Contract, keyof BaseContract>;

export interface Fixture {
  surface: AnyContract;
  control: AnyContract;
  lens: AnyContract;
  domain: { chainId: bigint; contract: string };
}

/** Deploys through the modules of deploy/ and lists the twelve expiries. */
async function deploySurface(): Promise<Fixture> {
  await networkHelpers.time.setNextBlockTimestamp(START - 1000);
  const parameters = {
    Market: {
      market: MARKET,
      signers: signers.map(({ address }) => address),
      quorum: 2,
      ...BOUNDS,
      quarantine: QUARANTINE,
    },
  };
  const { control, volSurface, lens } = await ignition.deploy(Market, { parameters });
  const surface = volSurface as unknown as AnyContract;
  for (const days of TENORS) await surface.listExpiry!(MARKET, expiryIn(days));
  const { chainId } = await ethers.provider.getNetwork();
  return {
    surface,
    control: control as unknown as AnyContract,
    lens: lens as unknown as AnyContract,
    domain: { chainId, contract: await surface.getAddress() },
  };
}

export interface ReportOptions {
  at: number;
  tenors?: number[];
  vol?: number;
  spot?: bigint;
  /** Replaces words by tenor. */
  words?: Record<number, bigint>;
}

/** A clean report: the same vol at every expiry unless told otherwise. */
export function sampleReport({
  at,
  tenors = TENORS,
  vol = 0.6,
  spot = SPOT,
  words = {},
}: ReportOptions): Report {
  const slices = tenors.map((days) => {
    const expiryAt = expiryIn(days);
    return { expiryAt, word: words[days] ?? smileWord({ vol, tau: tauAt(expiryAt, at), reportAt: at }) };
  });
  return { market: MARKET, reportAt: at, spot, slices };
}

/** Somebody whose key nobody has, such as a contract, as a signer with ether for gas. */
export async function signerOf(account: string | AnyContract) {
  const address = typeof account === "string" ? account : String(account.target);
  await networkHelpers.impersonateAccount(address);
  await networkHelpers.setBalance(address, 10n ** 18n);
  return ethers.getSigner(address);
}

/** Signatures of the given signers, joined for the contract. */
export async function signed(fixture: Fixture, report: EncodedReport, by = signers): Promise<string> {
  return joinSignatures(await Promise.all(by.map((signer) => signReport(report, fixture.domain, signer))));
}

/** Moves the clock to the report's time and posts it, signed by all. */
export async function post(fixture: Fixture, options: ReportOptions, by = signers) {
  const encoded = encodeReport(sampleReport(options));
  const signatures = await signed(fixture, encoded, by);
  await networkHelpers.time.setNextBlockTimestamp(options.at + 5);
  return fixture.surface.post!(encoded, signatures);
}

/** A deployed surface without a report; deployed once, and that state restored for every test. */
export async function freshSurface(): Promise<Fixture> {
  loads += 1;
  const fixture = await networkHelpers.loadFixture(deploySurface);
  // The node's clock has gone on since the snapshot, on a slow machine past the first report.
  await networkHelpers.time.setNextBlockTimestamp((await networkHelpers.time.latest()) + 1);
  return fixture;
}

let loads = 0;
/** How often {@link freshSurface} has taken the chain back: no snapshot from before the last time can be restored. */
export const surfaceLoads = (): number => loads;

/** A surface whose lanes are all proven: two posts, a quarantine and more apart, the last at `START + 60`. */
export async function provenSurface(): Promise<Fixture> {
  const fixture = await freshSurface();
  await post(fixture, { at: START - QUARANTINE });
  await post(fixture, { at: START + 60 });
  return fixture;
}

/** What `sliceStatus` answers, by name. */
export const STATUS = Object.fromEntries(
  SLICE_STATUSES.map((name, status) => [name, BigInt(status)]),
) as Readonly<Record<(typeof SLICE_STATUSES)[number], bigint>>;

/**
 * The name of the error with which the next block would refuse this call data, "no reason" for a revert without data, null where it
 * would pass.
 */
export async function refusalOf(fixture: Fixture, data: string): Promise<string | null> {
  const call = { to: fixture.domain.contract, data, gas: "0x1000000" };
  try {
    await ethers.provider.send("eth_call", [call, "pending"]);
    return null;
  } catch (error) {
    const payload = revertData(error);
    if (payload === "0x") return "no reason";
    return fixture.surface.interface.parseError(payload)?.name ?? `unknown error ${payload.slice(0, 10)}`;
  }
}

/** The first hex `data` in an error or in the errors that it wraps. */
function revertData(error: unknown): string {
  for (let at = error as Record<string, unknown> | undefined; at !== undefined && at !== null; ) {
    const data = (at.data as { data?: unknown } | undefined)?.data ?? at.data;
    if (typeof data === "string") return data;
    at = (at.cause ?? at.error ?? at.info) as Record<string, unknown> | undefined;
  }
  throw error;
}

/** A report for the next block, its signatures, and the clock set to five seconds after it. */
export async function prepare(fixture: Fixture, options: Partial<ReportOptions> = {}) {
  const at = START + 120;
  const report = encodeReport(sampleReport({ at, ...options }));
  const signatures = await signed(fixture, report);
  await networkHelpers.time.setNextBlockTimestamp(at + 5);
  return { report, signatures };
}

/** Expects the post to be refused with this error of the contract. */
export async function expectRefused(
  fixture: Fixture,
  report: EncodedReport,
  signatures: string,
  error: string,
  args?: unknown[],
) {
  const refusal = expect(fixture.surface.post!(report, signatures)).to.be.revertedWithCustomError(
    fixture.surface,
    error,
  );
  await (args === undefined ? refusal : refusal.withArgs(...args));
}
