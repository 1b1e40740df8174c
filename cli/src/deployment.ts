/** Deployment through `deploy/`: the same modules as for any network, with the parameters given here. */
import { rmSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { DeploymentParameters } from "@nomicfoundation/ignition-core";
import type { Contract } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
import { withCleanUp } from "./cleanUp.ts";
import { type LocalChain, PROJECT_ROOT } from "./localChain.ts";

export const DEPLOY_FOLDER = path.join(PROJECT_ROOT, "deploy");

/**
 * Deploys `deploy/modules/NAME.ts` with parameters of its own on the chain's unlocked accounts; gives the contracts by the names that
 * the module returns.
 */
export async function deployModule(
  hardhat: HardhatRuntimeEnvironment,
  chain: LocalChain,
  name: string,
  parameters: Record<string, unknown>,
): Promise<Record<string, Contract>> {
  const { default: module } = await import(
    pathToFileURL(path.join(DEPLOY_FOLDER, `modules/${name}.ts`)).href
  );
  // Ignition would resume the journal of a chain that is gone, so each local node has its own, which ends with the deployment.
  const deploymentId = `local-${new URL(chain.url).port}-${name}`;
  const endJournal = () =>
    rmSync(path.join(DEPLOY_FOLDER, "deployments", deploymentId), { recursive: true, force: true });
  const connection = await hardhat.network.create({ network: "local", override: { url: chain.url } });
  try {
    endJournal();
    const given = { [name]: parameters } as DeploymentParameters;
    return await withCleanUp(endJournal, () =>
      connection.ignition.deploy(module, { parameters: given, deploymentId }),
    );
  } finally {
    await connection.close();
  }
}
