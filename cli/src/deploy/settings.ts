/** Signers, rate bounds and sources of spot, which are the governor's to change: on the chain against the parameter file. */
import { Contract, type Provider } from "ethers";
import { moduleParameters } from "./moduleParameters.ts";
import type { NetworkFile } from "./networkFile.ts";
import { eventsSince } from "./node.ts";
import { poolOf } from "./preflight.ts";
import type { Restricted } from "./rights.ts";

interface Question {
  contract: Contract;
  provider: Provider;
  file: NetworkFile;
  fromBlock: number;
}

/** What is compared, by the contract that holds it. */
const COMPARED: Readonly<Record<string, (question: Question) => Promise<string[]>>> = {
  VolSurface: surfaceFindings,
  SpotOracle: sourcesFindings,
};

/** Every difference between the file and what these contracts hold for its market. */
export async function settingsFindings(
  provider: Provider,
  file: NetworkFile,
  contracts: readonly Restricted[],
  fromBlock: number,
): Promise<string[]> {
  const findings: string[] = [];
  for (const { name, address, abi } of contracts) {
    const contract = new Contract(address, abi, provider);
    for (const each of (await COMPARED[name]?.({ contract, provider, file, fromBlock })) ?? [])
      findings.push(`${name}: ${each}`);
  }
  return findings;
}

async function surfaceFindings({ contract, provider, file, fromBlock }: Question): Promise<string[]> {
  const { market, quorum, surface } = file;
  const terms = await contract.getFunction("terms")(market);
  // Who is in a set stands in the event that made it.
  const filter = contract.filters.SignersSet!(market, terms.signerSet);
  const [made] = await eventsSince(contract, filter, fromBlock, await provider.getBlockNumber());
  const signers: string[] = made === undefined ? [] : [...made.args.signers];
  return [
    ...file.signers.filter((each) => !signers.includes(each)).map((each) => `${each} is no signer`),
    ...signers
      .filter((each) => !file.signers.includes(each))
      .map((each) => `nobody was to be signer ${each}`),
    ...differences("", { quorum, ...surface }, terms),
  ];
}

async function sourcesFindings({ contract, provider, file, fromBlock }: Question): Promise<string[]> {
  const pool = await poolOf(provider, file);
  if ("finding" in pool) return [pool.finding];
  const { sources } = moduleParameters(file, pool.address).Oracles as { sources: object };
  // As they were named: the contract keeps bounds rounded.
  const filter = contract.filters.SourcesSet!(file.market);
  const named = (await eventsSince(contract, filter, fromBlock, await provider.getBlockNumber())).at(-1);
  return named === undefined
    ? ["no sources are set"]
    : differences("sources", sources, named.args.getValue("sources"));
}

/** Every value of `expected` that `found` has otherwise, by its path; a struct may come as an object or as a contract's answer. */
function differences(path: string, expected: object, found: Record<string, unknown>): string[] {
  return Object.entries(expected).flatMap(([key, value]) => {
    const name = path === "" ? key : `${path}.${key}`;
    if (typeof value === "object") return differences(name, value, found[key] as Record<string, unknown>);
    return String(value) === String(found[key]) ? [] : [`${name} is ${found[key]}, not ${value}`];
  });
}
