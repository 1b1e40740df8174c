import { clearinghouseAbi } from "@meniscus/sdk/abi/clearinghouse";
import { RESTRICTED, ROLES, type Role } from "@meniscus/sdk/roles";
import { buildModule } from "@nomicfoundation/ignition-core";
import { Interface } from "ethers";
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

  const selectors = new Interface(clearinghouseAbi);
  for (const [role, functions] of Object.entries(RESTRICTED.Clearinghouse!)) {
    const ids = functions.map((name) => selectors.getFunction(name)!.selector);
    m.call(control, "setTargetFunctionRole", [clearinghouse, ids, ROLES[role as Role]], {
      id: `map_${role}`,
    });
  }
  return { control, clearinghouse, factory };
});
