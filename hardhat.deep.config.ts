import base from "./hardhat.config.ts";

/**
 * The long campaigns of `npm run test:deep` (scripts/deep.ts): the same compiler and sources, more runs, and a seed from the
 * environment. Nothing of the compiler depends on it, so that the cache stays.
 */
export default {
  ...base,
  test: {
    ...base.test,
    solidity: {
      fuzz: { runs: 100_000, seed: process.env.MENISCUS_SEED ?? "0x1" },
      invariant: { runs: 256, depth: 100, failOnRevert: true },
    },
  },
};
