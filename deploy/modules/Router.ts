import { buildModule } from "@nomicfoundation/ignition-core";
import Clearing from "./Clearing.ts";
import VolSurface from "./VolSurface.ts";

/** Where a chain has no Uniswap v3 or no Permit2, the Router does without. */
const NONE = "0x0000000000000000000000000000000000000000";

/** The Router over one Clearinghouse. Nobody has a role in it. */
export default buildModule("Router", (m) => {
  const { clearinghouse } = m.useModule(Clearing);
  const { volSurface } = m.useModule(VolSurface);
  const uniswap = m.getParameter("uniswapFactory", NONE);
  const permit2 = m.getParameter("permit2", NONE);
  const router = m.contract("Router", [clearinghouse, volSurface, uniswap, permit2]);
  return { router };
});
