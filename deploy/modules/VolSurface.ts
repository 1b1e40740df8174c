import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { RESTRICTED, ROLES, type Role } from "@meniscus/sdk/roles";
import { buildModule } from "@nomicfoundation/ignition-core";
import { Interface } from "ethers";
import Control from "./Control.ts";

/** The surface, every restricted function mapped to its role, and the lens that reads it. */
export default buildModule("VolSurface", (m) => {
  const { control } = m.useModule(Control);
  const volSurface = m.contract("VolSurface", [control]);
  const lens = m.contract("Lens", [volSurface]);

  const selectors = new Interface(volSurfaceAbi);
  for (const [role, functions] of Object.entries(RESTRICTED.VolSurface!)) {
    const ids = functions.map((name) => selectors.getFunction(name)!.selector);
    m.call(control, "setTargetFunctionRole", [volSurface, ids, ROLES[role as Role]], { id: `map_${role}` });
  }
  return { control, volSurface, lens };
});
