import { buildModule } from "@nomicfoundation/ignition-core";
import Clearing from "./Clearing.ts";
import Oracles from "./Oracles.ts";

/** The market in clearing: its base, its least amount and its oracles, for good. The deployer acts as governor. */
export default buildModule("OptionMarket", (m) => {
  const { control, volSurface, clearinghouse, spotOracle, settlementOracle } = m.useModule(Oracles);
  const { factory } = m.useModule(Clearing);
  const terms = {
    base: m.getParameter("base"),
    baseDecimals: m.getParameter("baseDecimals"),
    minimumAmount: m.getParameter("minimumAmount"),
    spotOracle,
    settlementOracle,
    name: m.getParameter("name"),
  };
  const registered = m.call(clearinghouse, "registerMarket", [m.getParameter("market"), terms], {
    after: [volSurface],
  });
  // The same contract, once it knows the market: what comes later waits for this.
  const ready = m.contractAt("Clearinghouse", clearinghouse, {
    id: "ClearinghouseWithMarket",
    after: [registered],
  });
  return { control, volSurface, clearinghouse: ready, factory };
});
