/** Loaded before the off-chain tests: property tests draw the same cases in every run, and others under MENISCUS_SEED. */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.MENISCUS_SEED ?? 7) });
