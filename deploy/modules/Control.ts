import { buildModule } from "@nomicfoundation/ignition-core";

/** The access manager. The deployer is its admin until {@link file://./Handover.ts} ends that. */
export default buildModule("Control", (m) => {
  const control = m.contract("Control", [m.getAccount(0)]);
  return { control };
});
