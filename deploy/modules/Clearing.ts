import { clearinghouseAbi } from "@meniscus/sdk/abi/clearinghouse";
import { buildModule } from "@nomicfoundation/ignition-core";
import { mapRoles } from "../roles.ts";
import Control from "./Control.ts";

/**
 * The Clearinghouse for one quote asset, its library, the factory of its wrappers, and every restricted function mapped to its role.
 * Markets are registered afterwards, by the governor.
 */
export default buildModule("Clearing", (m) => {
  const { control } = m.useModule(Control);
  const quote = m.getParameter<string>("quote");
  const decimals = m.getParameter<number>("quoteDecimals");
  const Listing = m.library("Listing");
  const clearinghouse = m.contract("Clearinghouse", [control, quote, decimals], { libraries: { Listing } });
  const factory = m.contract("OptionERC20Factory", [clearinghouse]);

  const mapped = mapRoles(m, control, clearinghouse, "Clearinghouse", clearinghouseAbi);
  // The same contract, once its roles are mapped: what comes later waits for this.
  const ready = m.contractAt("Clearinghouse", clearinghouse, { id: "ClearinghouseReady", after: mapped });
  return { control, clearinghouse: ready, factory };
});
