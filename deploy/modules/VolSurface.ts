import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { buildModule } from "@nomicfoundation/ignition-core";
import { mapRoles } from "../roles.ts";
import Control from "./Control.ts";

/** The surface, every restricted function mapped to its role, and the lens that reads it. */
export default buildModule("VolSurface", (m) => {
  const { control } = m.useModule(Control);
  const volSurface = m.contract("VolSurface", [control]);
  const lens = m.contract("Lens", [volSurface]);

  mapRoles(m, control, volSurface, "VolSurface", volSurfaceAbi);
  return { control, volSurface, lens };
});
