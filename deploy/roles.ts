import { RESTRICTED, ROLES, type Role } from "@meniscus/sdk/roles";
import type {
  IgnitionModuleBuilder,
  NamedArtifactContractDeploymentFuture,
} from "@nomicfoundation/ignition-core";
import { Interface, type InterfaceAbi } from "ethers";

type Deployed = NamedArtifactContractDeploymentFuture<string>;

/** Maps every restricted function of a contract to its role, as sdk/src/roles.ts tables them; gives the calls, to wait for. `id` tells deployments of one contract apart. */
export function mapRoles(
  m: IgnitionModuleBuilder,
  control: Deployed,
  contract: Deployed,
  name: string,
  abi: InterfaceAbi,
  id: string = name,
) {
  const selectors = new Interface(abi);
  return Object.entries(RESTRICTED[name]!).map(([role, functions]) => {
    const ids = functions.map((each) => selectors.getFunction(each)!.selector);
    return m.call(control, "setTargetFunctionRole", [contract, ids, ROLES[role as Role]], {
      id: `map_${id}_${role}`,
    });
  });
}
