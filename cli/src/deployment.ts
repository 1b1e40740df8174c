/** Deployment through `deploy/`: the same modules as for any network, with the parameters given here. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { DeploymentParameters } from "@nomicfoundation/ignition-core";
import type { Contract } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { withCleanUp } from "./cleanUp.ts";
import { type LocalChain, PROJECT_ROOT } from "./localChain.ts";

export const DEPLOY_FOLDER = path.join(PROJECT_ROOT, "deploy");
const JOURNALS = path.join(DEPLOY_FOLDER, "deployments");

const journalPrefix = ({ url }: LocalChain): string => `local-${new URL(url).port}-`;

/** Ignition would resume the journals of a chain that is gone, so those of a local node end with the work on it. */
export function withJournals<T>(chain: LocalChain, work: () => Promise<T>): Promise<T> {
  const endJournals = () => {
    const names = existsSync(JOURNALS) ? readdirSync(JOURNALS) : [];
    for (const name of names.filter((each) => each.startsWith(journalPrefix(chain))))
      rmSync(path.join(JOURNALS, name), { recursive: true, force: true });
  };
  endJournals();
  return withCleanUp(endJournals, work);
}

/**
 * Deploys `deploy/modules/NAME.ts` on the chain's unlocked accounts; gives the contracts by the names that the module returns. Modules
 * of one journal stand on the same contracts where they use the same modules. Only within {@link withJournals}.
 * @param parameters by module, those that an earlier one of the journal was given included
 */
export async function deployModule(
  hardhat: HardhatRuntimeEnvironment,
  chain: LocalChain,
  name: string,
  parameters: Record<string, object>,
  journal = "market",
): Promise<Record<string, Contract>> {
  const { default: module } = await import(
    pathToFileURL(path.join(DEPLOY_FOLDER, `modules/${name}.ts`)).href
  );
  const deploymentId = journalPrefix(chain) + journal;
  const connection = await hardhat.network.create({ network: "local", override: { url: chain.url } });
  try {
    return await connection.ignition.deploy(module, {
      parameters: parameters as DeploymentParameters,
      deploymentId,
    });
  } finally {
    await connection.close();
  }
}
