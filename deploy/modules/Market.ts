import { ROLES } from "@meniscus/sdk/roles";
import { buildModule } from "@nomicfoundation/ignition-core";
import VolSurface from "./VolSurface.ts";

/**
 * One market, ready for reports: its signers, its quorum and its rate bounds. The deployer acts as governor and lister, without
 * delay, until the handover.
 */
export default buildModule("Market", (m) => {
  const { control, volSurface, lens } = m.useModule(VolSurface);
  const deployer = m.getAccount(0);
  const roles = (["governor", "lister"] as const).map((role) =>
    m.call(control, "grantRole", [ROLES[role], deployer, 0], { id: `grant_${role}` }),
  );

  const market = m.getParameter<number>("market");
  const signers = [market, m.getParameter("signers"), m.getParameter("quorum")];
  const bounds = {
    levelBps: m.getParameter("levelBps"),
    skewBps: m.getParameter("skewBps"),
    basisBps: m.getParameter("basisBps"),
  };
  const calls = [
    m.call(volSurface, "setSigners", signers, { after: roles }),
    m.call(volSurface, "setBounds", [market, bounds, m.getParameter("quarantine")], { after: roles }),
  ];
  // The same contract, once the market stands: what comes later waits for this.
  const ready = m.contractAt("VolSurface", volSurface, { id: "VolSurfaceReady", after: calls });
  return { control, volSurface: ready, lens };
});
