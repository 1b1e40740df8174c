/** Deployment through `deploy/`: the same modules as for any network, with the parameters given here. */
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { DeploymentParameters } from "@nomicfoundation/ignition-core";
import type { Contract } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { withCleanUp } from "../cleanUp.ts";
import { CliError } from "../cliError.ts";
import { type LocalChain, PROJECT_ROOT } from "./localChain.ts";

export const DEPLOY_FOLDER = path.join(PROJECT_ROOT, "deploy");
const JOURNALS = path.join(DEPLOY_FOLDER, "deployments");

const journalPrefix = ({ url }: LocalChain): string => `local-${new URL(url).port}-`;

/** Ignition would resume the journals of a chain that is gone, so those of a local node end with the work on it. */
export function withJournals<T>(chain: LocalChain, work: () => Promise<T>): Promise<T> {
  const endJournals = () => {
    const names = existsSync(JOURNALS) ? readdirSync(JOURNALS) : [];
    const own = names.filter((name) => name.startsWith(journalPrefix(chain)));
    if (own.length === 0) return;
    // Ignition may be writing, and a folder that gains a file meanwhile cannot be removed: out of its reach first.
    const away = mkdtempSync(path.join(JOURNALS, journalPrefix(chain)));
    for (const name of own) renameSync(path.join(JOURNALS, name), path.join(away, name));
    removeAtLast(away);
  };
  endJournals();
  return withCleanUp(endJournals, work);
}

/** Removes a folder that nobody can name any more; what was being written when it was moved may still come in. */
function removeAtLast(folder: string, tries = 1000): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch (error) {
    if (tries === 0 || (error as NodeJS.ErrnoException).code !== "ENOTEMPTY") throw error;
    removeAtLast(folder, tries - 1);
  }
}

/**
 * Deploys `deploy/modules/NAME.ts` on the chain's unlocked accounts; gives the contracts by the names that the module returns. Modules
 * of one journal stand on the same contracts where they use the same modules. Only within {@link withJournals}.
 * @param parameters by module, those that an earlier one of the journal was given included
 */
export function deployModule(
  hardhat: HardhatRuntimeEnvironment,
  chain: LocalChain,
  name: string,
  parameters: Record<string, object>,
  journal = "market",
): Promise<Record<string, Contract>> {
  return deployTo(hardhat, { url: chain.url, journal: localJournal(chain, journal) }, name, parameters);
}

/** A chain to deploy to. */
export interface Destination {
  url: string;
  /** The name of Ignition's journal, which a second run resumes. */
  journal: string;
  /** Of the deployer; without it the node's own accounts sign. */
  key?: string;
}

export const journalFolder = (journal: string): string => path.join(JOURNALS, journal);
export const localJournal = (chain: LocalChain, journal: string): string => journalPrefix(chain) + journal;

/** How Ignition begins to say that its journal holds other parameters or contracts. */
const OTHER_JOURNAL = "because of the following reconciliation errors:";

/**
 * {@link deployModule} on any chain.
 * @throws CliError where the journal is of other parameters; the module sends nothing then.
 */
export async function deployTo(
  hardhat: HardhatRuntimeEnvironment,
  { url, journal, key }: Destination,
  name: string,
  parameters: Record<string, object>,
): Promise<Record<string, Contract>> {
  const { default: module } = await import(
    pathToFileURL(path.join(DEPLOY_FOLDER, `modules/${name}.ts`)).href
  );
  const override = { url, ...(key !== undefined && { accounts: [key] }) };
  const connection = await hardhat.network.create({ network: "local", override });
  try {
    return await connection.ignition.deploy(module, {
      parameters: parameters as DeploymentParameters,
      deploymentId: journal,
    });
  } catch (error) {
    const [, errors] = String((error as Error).message).split(OTHER_JOURNAL);
    if (errors === undefined) throw error;
    throw new CliError(
      `${journalFolder(journal)} is the journal of a deployment with other parameters or another build, and ${name} sent nothing. Another ` +
        `market needs a network name of its own in its parameter file; to resume, take the file and the commit it began with.${errors.trimEnd()}`,
    );
  } finally {
    await connection.close();
  }
}
