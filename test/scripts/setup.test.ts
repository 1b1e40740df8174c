import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { reasonToInstall } from "../../scripts/setup.mjs";

const ROOT = path.resolve(import.meta.dirname, "../..");

describe("set-up", () => {
  let clone: string;

  beforeEach(() => {
    clone = mkdtempSync(path.join(tmpdir(), "meniscus-setup-"));
    writeFileSync(path.join(clone, "package-lock.json"), "{}");
  });

  afterEach(() => rmSync(clone, { recursive: true }));

  /** Installs Hardhat and its EVM as `npm ci` would; under Node 20 npm leaves the EVM's native package out. */
  function install(packages: string[]): void {
    for (const name of packages) {
      const target = path.join(clone, "node_modules", name);
      mkdirSync(path.dirname(target), { recursive: true });
      cpSync(path.join(ROOT, "node_modules", name), target, {
        recursive: true,
        filter: (file) => !file.includes("/hardhat/dist/") && !file.includes("/hardhat/src/"),
      });
    }
    writeFileSync(path.join(clone, "node_modules", ".package-lock.json"), "{}");
  }

  const native = `@nomicfoundation/edr-${process.platform}-${process.arch}${process.platform === "linux" ? "-gnu" : ""}`;

  it("asks for an installation on a fresh clone", () => {
    expect(reasonToInstall(clone)).to.equal("no packages are installed");
  });

  it("asks for an installation when the lock file is newer than the packages", () => {
    install(["hardhat", "@nomicfoundation/edr", native]);
    const later = new Date(Date.now() + 60_000);
    utimesSync(path.join(clone, "package-lock.json"), later, later);
    expect(reasonToInstall(clone)).to.equal("package-lock.json is newer than the installed packages");
  });

  it("asks for an installation when `npm ci` ran under Node 20 and left Hardhat's native part out", () => {
    install(["hardhat", "@nomicfoundation/edr"]);
    expect(reasonToInstall(clone)).to.match(/native part is missing/);
  });

  it("asks for nothing when everything is there", () => {
    install(["hardhat", "@nomicfoundation/edr", native]);
    expect(reasonToInstall(clone)).to.equal(null);
  });

  it("asks for nothing in this clone, where the tests run", () => {
    expect(reasonToInstall(ROOT)).to.equal(null);
  });
});
