import { buildModule } from "@nomicfoundation/ignition-core";
import DeltaHedger from "./DeltaHedger.ts";

/** One owner's money behind the book of a local chain: the deployer's, who names it to the book, for good. */
export default buildModule("LocalVault", (m) => {
  const { clearinghouse, book, pool, hedger } = m.useModule(DeltaHedger);
  const vault = m.contract("OwnerVault", [m.getAccount(0), book, clearinghouse]);
  const modules = { pool, vault, hedger, baseTranche: vault, quoteTranche: vault };
  m.call(book, "initialize", [modules]);
  return { book, pool, hedger, vault };
});
