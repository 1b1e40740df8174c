import proxyArtifact from "@chainlink/abi/v0.6/EACAggregatorProxy.json" with { type: "json" };
import { buildModule } from "@nomicfoundation/ignition-core";

/** A proxy without an access controller may be read by everybody. */
const NO_CONTROLLER = "0x0000000000000000000000000000000000000000";

/**
 * A genuine Chainlink feed on a local chain: an aggregator on OCR2Base with oracles of our own, behind Chainlink's own proxy as they
 * compiled it.
 */
export default buildModule("LocalFeed", (m) => {
  const aggregator = m.contract("PriceAggregator", [m.getParameter("decimals")]);
  const configured = m.call(aggregator, "setConfig", [
    m.getParameter("signers"),
    m.getParameter("transmitters"),
    m.getParameter("faulty"),
    // What the oracles agree on among themselves: OCR2Base keeps its hash only.
    "0x",
    1,
    "0x",
  ]);
  const proxy = m.contract("EACAggregatorProxy", proxyArtifact, [aggregator, NO_CONTROLLER], {
    after: [configured],
  });
  return { aggregator, proxy };
});
