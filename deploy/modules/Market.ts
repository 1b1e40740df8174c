import { ROLES } from "@meniscus/sdk/roles";
import { buildModule } from "@nomicfoundation/ignition-core";
import VolSurface from "./VolSurface.ts";

/**
 * One market, ready for reports: its signers, its quorum and its rate bounds. The deployer acts as governor and lister, without
 * delay, until the handover.
 */
export default buildModule("Market", (m) => {
  const deployed = m.useModule(VolSurface);
  const { control, volSurface } = deployed;
  const deployer = m.getAccount(0);
  const roles = (["governor", "lister"] as const).map((role) =>
    m.call(control, "grantRole", [ROLES[role], deployer, 0], { id: `grant_${role}` }),
  );

  const market = m.getParameter<number>("market");
  m.call(volSurface, "setSigners", [market, m.getParameter("signers"), m.getParameter("quorum")], { after: roles });
  const bounds = {
    levelBps: m.getParameter("levelBps"),
    skewBps: m.getParameter("skewBps"),
    basisBps: m.getParameter("basisBps"),
  };
  m.call(volSurface, "setBounds", [market, bounds, m.getParameter("quarantine")], { after: roles });
  return deployed;
});
