import { clearinghouseAbi } from "@meniscus/sdk/abi/clearinghouse";
import { RESTRICTED, ROLES, type Role } from "@meniscus/sdk/roles";
import { buildModule } from "@nomicfoundation/ignition-core";
import { Interface } from "ethers";
import Control from "./Control.ts";

/**
 * Clearing on a local chain: the Clearinghouse with one market of local tokens, priced by an oracle that its deployer sets. The
 * deployer acts as governor.
 */
export default buildModule("LocalClearing", (m) => {
  const { control } = m.useModule(Control);
  const decimals = {
    base: m.getParameter<number>("baseDecimals"),
    quote: m.getParameter<number>("quoteDecimals"),
  };
  const base = m.contract("LocalToken", [m.getParameter("baseSymbol"), decimals.base], { id: "base" });
  const quote = m.contract("LocalToken", [m.getParameter("quoteSymbol"), decimals.quote], { id: "quote" });
  const oracle = m.contract("OnePriceOracle", [m.getParameter("spot")]);
  const listing = m.library("Listing");
  const clearinghouse = m.contract("Clearinghouse", [control, quote, decimals.quote], {
    libraries: { Listing: listing },
  });
  const factory = m.contract("OptionERC20Factory", [clearinghouse]);

  const selectors = new Interface(clearinghouseAbi);
  const mapped = Object.entries(RESTRICTED.Clearinghouse!).map(([role, functions]) => {
    const ids = functions.map((name) => selectors.getFunction(name)!.selector);
    const roleId = ROLES[role as Role];
    return m.call(control, "setTargetFunctionRole", [clearinghouse, ids, roleId], { id: `map_${role}` });
  });
  const governor = m.call(control, "grantRole", [ROLES.governor, m.getAccount(0), 0], {
    id: "grant_governor",
  });
  const terms = {
    base,
    baseDecimals: decimals.base,
    minimumAmount: m.getParameter("minimumAmount"),
    spotOracle: oracle,
    settlementOracle: oracle,
    name: m.getParameter("name"),
  };
  m.call(clearinghouse, "registerMarket", [m.getParameter("market"), terms], {
    after: [...mapped, governor],
  });
  return { clearinghouse, factory, oracle, base, quote };
});
