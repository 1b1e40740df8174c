import { buildModule } from "@nomicfoundation/ignition-core";
import factoryArtifact from "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json" with {
  type: "json",
};
import poolArtifact from "@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json" with {
  type: "json",
};
import managerArtifact from "@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json" with {
  type: "json",
};
import routerArtifact from "@uniswap/v3-periphery/artifacts/contracts/SwapRouter.sol/SwapRouter.json" with {
  type: "json",
};

/** Uniswap's periphery wraps ether and describes positions by contracts that a local chain does without. */
const NONE = "0x0000000000000000000000000000000000000000";
/** How many observations the pool remembers unless told: of half an hour with a swap in each block of six seconds, both ends. */
const OBSERVATIONS = 301;

/** A genuine Uniswap v3 pool on a local chain, at its first price and without liquidity, from Uniswap's own artifacts. */
export default buildModule("LocalPool", (m) => {
  const factory = m.contract("UniswapV3Factory", factoryArtifact, []);
  const router = m.contract("SwapRouter", routerArtifact, [factory, NONE]);
  const manager = m.contract("NonfungiblePositionManager", managerArtifact, [factory, NONE, NONE]);
  const created = m.call(manager, "createAndInitializePoolIfNecessary", [
    m.getParameter("token0"),
    m.getParameter("token1"),
    m.getParameter("fee"),
    m.getParameter("sqrtPriceX96"),
  ]);
  const address = m.readEventArgument(created, "PoolCreated", "pool", { emitter: factory });
  const pool = m.contractAt("UniswapV3Pool", poolArtifact, address);
  m.call(pool, "increaseObservationCardinalityNext", [m.getParameter("observations", OBSERVATIONS)]);
  return { factory, router, manager, pool };
});
