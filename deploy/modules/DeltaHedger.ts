import { deltaHedgerAbi } from "@meniscus/sdk/abi/deltaHedger";
import { buildModule } from "@nomicfoundation/ignition-core";
import { mapRoles } from "../roles.ts";
import OptionPool from "./OptionPool.ts";
import VolSurface from "./VolSurface.ts";

/** The auction of a book's delta, and restricted functions mapped. The book has to name it among its modules. */
export default buildModule("DeltaHedger", (m) => {
  const { control, clearinghouse, book, pool } = m.useModule(OptionPool);
  const { volSurface } = m.useModule(VolSurface);
  const parameters = m.getParameter("parameters");
  const hedger = m.contract("DeltaHedger", [control, book, clearinghouse, volSurface, parameters]);
  const mapped = mapRoles(m, control, hedger, "DeltaHedger", deltaHedgerAbi);
  // The same contract, once its roles are mapped: what comes later waits for this.
  const ready = m.contractAt("DeltaHedger", hedger, { id: "DeltaHedgerReady", after: mapped });
  return { control, clearinghouse, book, pool, hedger: ready };
});
