import { bookAbi } from "@meniscus/sdk/abi/book";
import { optionPoolAbi } from "@meniscus/sdk/abi/optionPool";
import { buildModule } from "@nomicfoundation/ignition-core";
import { mapRoles } from "../roles.ts";
import OptionMarket from "./OptionMarket.ts";

/**
 * The book of a market and the pool that trades for it, their libraries, and restricted functions mapped. The book trades once its
 * deployer has named its modules, which needs a vault.
 */
export default buildModule("OptionPool", (m) => {
  const { control, volSurface, clearinghouse } = m.useModule(OptionMarket);
  const Revaluation = m.library("Revaluation");
  const BookTermsBounds = m.library("BookTermsBounds");
  const market = m.getParameter<number>("market");
  const book = m.contract("Book", [control, clearinghouse, volSurface, market, m.getParameter("terms")], {
    libraries: { Revaluation, BookTermsBounds },
  });
  const Execution = m.library("Execution");
  const parameters = m.getParameter("parameters");
  const pool = m.contract("OptionPool", [control, book, clearinghouse, volSurface, parameters], {
    libraries: { Execution },
  });
  const mapped = [
    ...mapRoles(m, control, book, "Book", bookAbi),
    ...mapRoles(m, control, pool, "OptionPool", optionPoolAbi),
  ];
  // The same contracts, once their roles are mapped: what comes later waits for this.
  return {
    control,
    volSurface,
    clearinghouse,
    book: m.contractAt("Book", book, { id: "BookReady", after: mapped }),
    pool: m.contractAt("OptionPool", pool, { id: "OptionPoolReady", after: mapped }),
  };
});
