import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { RESTRICTED, ROLES, type Role } from "@meniscus/sdk/roles";
import { expect } from "chai";
import { Interface } from "ethers";
import { freshSurface } from "../../support/surface.ts";

describe("roles", () => {
  it("K4: the deployment maps every function of VolSurface to the role of the table, all others to nobody's", async () => {
    const { surface, control } = await freshSurface();
    const roleOf = new Map(
      Object.entries(RESTRICTED.VolSurface!).flatMap(([role, names]) => names.map((name) => [name, role])),
    );
    const names: string[] = [];
    new Interface(volSurfaceAbi).forEachFunction(({ name }) => names.push(name));
    expect(names).to.include.members([...roleOf.keys()]);
    for (const name of names) {
      const { selector } = surface.interface.getFunction(name)!;
      const mapped = await control.getTargetFunctionRole!(await surface.getAddress(), selector);
      expect(mapped, name).to.equal(ROLES[(roleOf.get(name) ?? "admin") as Role]);
    }
  });
});
