import { buildModule } from "@nomicfoundation/ignition-core";

/** What a local chain's clearing stands on: a base and a quote token that anybody may mint, and an oracle that its deployer sets. */
export default buildModule("LocalAssets", (m) => {
  const token = (side: "base" | "quote") =>
    m.contract("LocalToken", [m.getParameter(`${side}Symbol`), m.getParameter(`${side}Decimals`)], {
      id: side,
    });
  return {
    base: token("base"),
    quote: token("quote"),
    oracle: m.contract("OnePriceOracle", [m.getParameter("spot")]),
  };
});
