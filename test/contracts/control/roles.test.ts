import { readFileSync } from "node:fs";
import path from "node:path";
import { controlAbi } from "@meniscus/sdk/abi/control";
import { lensAbi } from "@meniscus/sdk/abi/lens";
import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { RESTRICTED, ROLES, type Role } from "@meniscus/sdk/roles";
import { expect } from "chai";
import { freshSurface } from "../../support/surface.ts";

const TABLE = path.resolve(import.meta.dirname, "../../../docs/ROLES.md");
const ABIS = { VolSurface: volSurfaceAbi, Lens: lensAbi, Control: controlAbi } as const;

interface Row {
  contract: string;
  name: string;
  who: string;
}

const rows: Row[] = [...readFileSync(TABLE, "utf8").matchAll(/^\| (\w+) \| `(\w+)` \| (.+) \|$/gm)].map(
  ([, contract, name, who]) => ({ contract: contract!, name: name!, who: who! }),
);

describe("docs/ROLES.md", () => {
  for (const [contract, abi] of Object.entries(ABIS)) {
    const functions = abi.filter((entry) => entry.type === "function");

    it(`names every function of ${contract} once, and no other: K4`, () => {
      const named = rows.filter((row) => row.contract === contract).map(({ name }) => name);
      expect(named).to.have.members(functions.map(({ name }) => name));
      expect(new Set(named).size).to.equal(named.length);
    });

    it(`calls views of ${contract} views: K4`, () => {
      for (const { name, stateMutability } of functions) {
        const { who } = rows.find((row) => row.contract === contract && row.name === name)!;
        expect(who === "anyone (view)", name).to.equal(
          stateMutability === "view" || stateMutability === "pure",
        );
      }
    });
  }

  it("gives every function the role that the deployment maps to it: K4", async () => {
    const { surface, control } = await freshSurface();
    const byName = new Map(
      Object.entries(RESTRICTED.VolSurface!).flatMap(([role, names]) => names.map((name) => [name, role])),
    );
    for (const { name, who } of rows.filter(({ contract }) => contract === "VolSurface")) {
      const { selector } = surface.interface.getFunction(name)!;
      const mapped = await control.getTargetFunctionRole!(await surface.getAddress(), selector);
      expect(byName.has(name), name).to.equal(Object.hasOwn(ROLES, who));
      expect(mapped, name).to.equal(ROLES[(byName.get(name) ?? "admin") as Role]);
      if (byName.has(name)) expect(byName.get(name)).to.equal(who);
    }
  });
});
