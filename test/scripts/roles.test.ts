import { readFileSync } from "node:fs";
import { RESTRICTED } from "@meniscus/sdk/roles";
import { expect } from "chai";
import { PAGE, rolesPage } from "../../scripts/roles.ts";

describe("docs/ROLES.md", () => {
  const page = readFileSync(PAGE, "utf8");

  it("K4: is what the ABIs and the table of roles give: else run node scripts/roles.ts", () => {
    expect(page).to.equal(rolesPage());
  });

  it("K4: shows every restricted function with its role", () => {
    for (const [contract, roles] of Object.entries(RESTRICTED)) {
      for (const [role, names] of Object.entries(roles)) {
        for (const name of names) expect(page).to.include(`| ${contract} | \`${name}\` | ${role} |`);
      }
    }
  });
});
