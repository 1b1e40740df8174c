/** Deployment through `deploy/`: the same modules as for any network, with local parameters. */
import { rm } from "node:fs/promises";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { DeploymentParameters } from "@nomicfoundation/ignition-core";
import type { Contract } from "ethers";
import type { HardhatRuntimeEnvironment } from "hardhat/types/hre";
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
  // Ignition would resume the journal of a chain that is gone, so each local node has one of its own, which ends with the deployment.
  const deploymentId = `local-${new URL(chain.url).port}-${name}`;
  const journal = path.join(DEPLOY_FOLDER, "deployments", deploymentId);
  const connection = await hardhat.network.create({ network: "local", override: { url: chain.url } });
  try {
    await rm(journal, { recursive: true, force: true });
    const given = { [name]: parameters } as DeploymentParameters;
    return await connection.ignition.deploy(module, { parameters: given, deploymentId });
  } finally {
    await connection.close();
    await rm(journal, { recursive: true, force: true });
  }
}
