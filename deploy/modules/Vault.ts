import { liquidityVaultAbi } from "@meniscus/sdk/abi/liquidityVault";
import { trancheAbi } from "@meniscus/sdk/abi/tranche";
import type { Side } from "@meniscus/sdk/sides";
import { buildModule } from "@nomicfoundation/ignition-core";
import { mapRoles } from "../roles.ts";
import DeltaHedger from "./DeltaHedger.ts";
import OptionPool from "./OptionPool.ts";

/**
 * The vault of a market with both its tranches, restricted functions mapped, with pool and hedger named to the book, for good. It waits for
 * its seed.
 */
export default buildModule("Vault", (m) => {
  const { control, volSurface, clearinghouse, book, pool } = m.useModule(OptionPool);
  const { hedger } = m.useModule(DeltaHedger);
  const tranche = (side: Side, place: number) =>
    m.contract(
      "Tranche",
      [
        control,
        book,
        m.getParameter(side),
        place,
        m.getParameter(`${side}Name`),
        m.getParameter(`${side}Symbol`),
        m.getParameter(`${side}Terms`),
      ],
      { id: `${side}Tranche` },
    );
  const [baseTranche, quoteTranche] = [tranche("base", 0), tranche("quote", 1)];
  const vault = m.contract("LiquidityVault", [
    control,
    book,
    clearinghouse,
    volSurface,
    baseTranche,
    quoteTranche,
    m.getParameter("terms"),
  ]);
  const mapped = mapRoles(m, control, vault, "LiquidityVault", liquidityVaultAbi);
  const tranches = [
    ["base", baseTranche],
    ["quote", quoteTranche],
  ] as const;
  for (const [side, contract] of tranches) {
    const named = `Tranche_${side}`;
    mapped.push(...mapRoles(m, control, contract, "Tranche", trancheAbi, named));
  }
  m.call(book, "initialize", [{ pool, vault, hedger, baseTranche, quoteTranche }]);
  return {
    control,
    book,
    pool,
    hedger,
    baseTranche,
    quoteTranche,
    vault: m.contractAt("LiquidityVault", vault, { id: "LiquidityVaultReady", after: mapped }),
  };
});
