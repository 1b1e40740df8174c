import { readFileSync } from "node:fs";
import path from "node:path";
import { RESTRICTED } from "@meniscus/sdk/roles";
import { expect } from "chai";
import { PAGE, rolesPage } from "../../scripts/roles.ts";
import { filesBelow } from "../support/filesBelow.ts";

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

  it("K4: calls nothing anyone's that asks first for a caller by address", () => {
    const contracts = path.resolve(import.meta.dirname, "../../contracts");
    const asks = /function (\w+)\([^)]*\)[^{;]*\bexternal\b([^{;]*)\{([^}]*)/g;
    const known = /_requireModule\(|msg\.sender != (?:address\()?(?:[A-Z]+|awaited)\b/;
    const asking = filesBelow(contracts, ".sol").flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(asks)]
        .filter(([, , modifiers, body]) => modifiers!.includes("onlyVault") || known.test(body!))
        .map(([, name]) => `${path.basename(file, ".sol")} ${name}`),
    );
    expect(asking).to.include.members(["Book move", "BookHedge noteHedge", "Router uniswapV3SwapCallback"]);
    // The Book's parts are the Book's on the page.
    const wrong = [...page.matchAll(/^\| (\w+) \| `(\w+)` \| anyone \|$/gm)].filter(([, contract, name]) =>
      asking.some((each) => each.startsWith(contract!) && each.endsWith(` ${name}`)),
    );
    expect(wrong.map(([row]) => row)).to.deep.equal([]);
  });
});
