import { buildModule } from "@nomicfoundation/ignition-core";
import DeltaHedger from "./DeltaHedger.ts";
import Vault from "./Vault.ts";
import VolSurface from "./VolSurface.ts";

/** What Chainlink Automation is told to look at, for one vault. Nobody has a role in it, and it has none. */
export default buildModule("Upkeep", (m) => {
  const { vault, hedger } = m.useModule(Vault);
  const { clearinghouse } = m.useModule(DeltaHedger);
  const { volSurface } = m.useModule(VolSurface);
  return { upkeep: m.contract("Upkeep", [vault, hedger, clearinghouse, volSurface]) };
});
