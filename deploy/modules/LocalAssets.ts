import type { Side } from "@meniscus/sdk/sides";
import { buildModule } from "@nomicfoundation/ignition-core";

/** What a local chain's market is of: a base and a quote token that anybody may mint. */
export default buildModule("LocalAssets", (m) => {
  const token = (side: Side) =>
    m.contract("LocalToken", [m.getParameter(`${side}Symbol`), m.getParameter(`${side}Decimals`)], {
      id: side,
    });
  return { base: token("base"), quote: token("quote") };
});
