import { ROLES, type Role } from "@meniscus/sdk/roles";
import { buildModule, type Future } from "@nomicfoundation/ignition-core";
import Control from "./Control.ts";

/**
 * Ends the deployer's powers: every role goes to its holder, the governor's and the admin's behind the delay, and the deployer
 * keeps none. To be run last. It stands on the access manager alone: Ignition compares all calls of the modules beneath with its
 * journal, and until the hand-over the deployer may have set other signers and bounds than they did.
 */
export default buildModule("Handover", (m) => {
  const { control } = m.useModule(Control);
  const delay = m.getParameter<number>("governorDelay");
  const holders: [Role, unknown][] = [
    ["governor", delay],
    ["council", 0],
    ["guardian", 0],
    ["lister", 0],
    ["admin", delay],
  ];
  const grants = holders.map(([role, executionDelay]) => {
    const holder = m.getParameter<string>(role === "admin" ? "governor" : role);
    return m.call(control, "grantRole", [ROLES[role], holder, executionDelay as number], {
      id: `grant_${role}`,
    });
  });
  const deployer = m.getAccount(0);
  let before: Future[] = grants;
  for (const role of ["governor", "lister", "admin"] as const) {
    before = [
      m.call(control, "renounceRole", [ROLES[role], deployer], { id: `renounce_${role}`, after: before }),
    ];
  }
  return { control };
});
