/** The contracts' half of the way: deploy, list, sign, post. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { lensAbi } from "@meniscus/sdk/abi/lens";
import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import {
  type EncodedReport,
  EXPIRIES_MAX,
  encodeCarriedReport,
  encodeReport,
  joinSignatures,
  type Report,
  type ReportSlice,
  signReport,
} from "@meniscus/sdk/report";
import { REFUSAL_TEXT, splitRefused } from "@meniscus/sdk/sliceShape";
import { Contract, isError, type TransactionReceipt } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { CliError } from "../cliError.ts";
import { DEPLOY_FOLDER, deployModule } from "../hardhat/deployment.ts";
import type { LocalChain } from "../hardhat/localChain.ts";
import { developmentAccount } from "./accounts.ts";

/** Accounts 1 to 3 of the development chain sign, as deploy/parameters/local.json says. */
const SIGNERS = [1, 2, 3].map(developmentAccount);

export interface SurfaceOnChain {
  readonly market: number;
  /** What its modules were given, by module: those that build on them are given it, too. */
  readonly parameters: Record<string, object>;
  readonly volSurface: Contract;
  readonly lens: Contract;
}

export interface Posted {
  gas: number;
  signers: string[];
  /** Expiries that the contract refuses, and its reason. */
  refused: Map<number, string>;
  /** What was posted. */
  report: Report;
}

/** Deploys the contracts through `deploy/` with the local parameters, on the chain's own unlocked accounts. */
export async function deploySurface(
  hardhat: HardhatRuntimeEnvironment,
  chain: LocalChain,
): Promise<SurfaceOnChain> {
  const file = path.join(DEPLOY_FOLDER, "parameters/local.json");
  const parameters = JSON.parse(await readFile(file, "utf8"));
  const deployed = await deployModule(hardhat, chain, "Market", parameters);
  const addressOf = (name: string) => deployed[name]!.getAddress();
  return {
    market: parameters.Market.market,
    parameters,
    volSurface: new Contract(await addressOf("volSurface"), volSurfaceAbi, await chain.provider.getSigner(0)),
    lens: new Contract(await addressOf("lens"), lensAbi, chain.provider),
  };
}

/**
 * Lists the expiries, has three signers sign the report over them, and posts it one second after its time. An expiry that the
 * contract refuses is left out beforehand, for a report is taken whole or not at all.
 */
export async function postSurface(
  { market, volSurface }: SurfaceOnChain,
  chain: LocalChain,
  report: Omit<Report, "market">,
): Promise<Posted> {
  const { accepted, refused: malformed } = splitRefused(report.slices, report.reportAt);
  const refused = new Map(malformed.map(({ slice, reason }) => [slice.expiryAt, REFUSAL_TEXT[reason]]));
  const slices: ReportSlice[] = [];
  for (const slice of accepted) {
    const refusal = await list(volSurface, market, slice.expiryAt);
    if (refusal === null) slices.push(slice);
    else refused.set(slice.expiryAt, refusal);
  }
  if (slices.length === 0)
    throw new CliError(`The contracts accept no expiry: ${[...new Set(refused.values())].join("; ")}.`);

  const posted = { ...report, market, slices };
  const { gas, signers } = await post(volSurface, chain, posted);
  return { gas, signers, refused, report: posted };
}

/** Posts a report with the signatures of all three, one second after its time. */
export async function post(
  volSurface: Contract,
  chain: LocalChain,
  report: Report,
): Promise<Pick<Posted, "gas" | "signers">> {
  const { encoded, signatures, signers } = await signed(volSurface, report);
  await chain.mineBlockAt(report.reportAt);
  const transaction = await volSurface.post!(encoded, signatures);
  const { gasUsed } = (await transaction.wait()) as TransactionReceipt;
  return { gas: Number(gasUsed), signers };
}

/** A signed report as a trade or a hedge carries it. */
export async function carried(volSurface: Contract, report: Report): Promise<string> {
  const { encoded, signatures } = await signed(volSurface, report);
  return encodeCarriedReport(encoded, signatures);
}

interface SignedReport {
  encoded: EncodedReport;
  signatures: string;
  signers: string[];
}

/** A report as the contract takes it, with the signatures of all three. */
async function signed(volSurface: Contract, report: Report): Promise<SignedReport> {
  const encoded = encodeReport(report);
  const { chainId } = await volSurface.runner!.provider!.getNetwork();
  const domain = { chainId, contract: await volSurface.getAddress() };
  const signatures = await Promise.all(SIGNERS.map((signer) => signReport(encoded, domain, signer)));
  return { encoded, signatures: joinSignatures(signatures), signers: signatures.map(({ signer }) => signer) };
}

/** Why the contract would not list an expiry, for people. */
const LISTING_REFUSALS: Readonly<Record<string, string>> = {
  VolSurface_ExpiryInvalid: "it is over, or farther away than the contract lists (400 days)",
  VolSurface_LanesFull: `the market lists no more than ${EXPIRIES_MAX} expiries`,
};

/** Lists an expiry; the contract's reason when it refuses. */
async function list(volSurface: Contract, market: number, expiryAt: number): Promise<string | null> {
  try {
    await volSurface.listExpiry!.staticCall(market, expiryAt);
  } catch (error) {
    const revert =
      isError(error, "CALL_EXCEPTION") && error.data !== null
        ? volSurface.interface.parseError(error.data)
        : null;
    if (revert === null) throw error;
    return LISTING_REFUSALS[revert.name] ?? `the contract refuses to list it, ${revert.name}`;
  }
  await (await volSurface.listExpiry!(market, expiryAt)).wait();
  return null;
}
