import { settlementOracleAbi } from "@meniscus/sdk/abi/settlementOracle";
import { spotOracleAbi } from "@meniscus/sdk/abi/spotOracle";
import { buildModule } from "@nomicfoundation/ignition-core";
import { mapRoles } from "../roles.ts";
import Clearing from "./Clearing.ts";
import Market from "./Market.ts";

/**
 * Both oracles, restricted functions mapped, and the sources of the market named: its feeds for settlement are named
 * for good. The deployer acts as governor.
 */
export default buildModule("Oracles", (m) => {
  const { control, volSurface } = m.useModule(Market);
  const spotOracle = m.contract("SpotOracle", [control, volSurface]);
  const { clearinghouse } = m.useModule(Clearing);
  const settlementOracle = m.contract("SettlementOracle", [control, volSurface, clearinghouse]);
  const mapped = [
    ...mapRoles(m, control, spotOracle, "SpotOracle", spotOracleAbi),
    ...mapRoles(m, control, settlementOracle, "SettlementOracle", settlementOracleAbi),
  ];
  const market = m.getParameter<number>("market");
  const { base, quote, fallbackDelay } = {
    base: m.getParameter("settlementBase"),
    quote: m.getParameter("settlementQuote"),
    fallbackDelay: m.getParameter("fallbackDelay"),
  };
  m.call(settlementOracle, "setFeeds", [market, base, quote, fallbackDelay], { after: mapped });
  const named = m.call(
    spotOracle,
    "setSources",
    [market, m.getParameter("sources"), m.getParameter("limits")],
    { after: mapped },
  );
  m.call(spotOracle, "poke", [market], { after: [named] });
  return { control, volSurface, clearinghouse, spotOracle, settlementOracle };
});
