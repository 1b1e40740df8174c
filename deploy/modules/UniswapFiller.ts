import { buildModule } from "@nomicfoundation/ignition-core";
import DeltaHedger from "./DeltaHedger.ts";
import VolSurface from "./VolSurface.ts";

/** Fills of one hedger from the pool of base, quote and a fee of a Uniswap v3 factory. Nobody has a role in it. */
export default buildModule("UniswapFiller", (m) => {
  const { clearinghouse, hedger } = m.useModule(DeltaHedger);
  const { volSurface } = m.useModule(VolSurface);
  const uniswap = m.getParameter<string>("uniswapFactory");
  const filler = m.contract("UniswapFiller", [
    hedger,
    clearinghouse,
    volSurface,
    uniswap,
    m.getParameter("fee"),
  ]);
  return { filler };
});
