import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";

const ROOT = path.resolve(import.meta.dirname, "..");

interface Manifest {
  description?: string;
  engines?: { node: string };
  workspaces?: string[];
  exports?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

const manifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(path.join(ROOT, folder, "package.json"), "utf8"));

/** The packages that the sources of a workspace import. */
function importedBy(workspace: string): string[] {
  const folder = path.join(ROOT, workspace, "src");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  return files.flatMap((file) => {
    const source = readFileSync(path.join(folder, file), "utf8");
    const named = [...source.matchAll(/(?:^import |^} |import\()(?:.*from )?"([^".][^"]*)"/gm)].map(
      ([, name]) => name!,
    );
    return named.filter((name) => !name.startsWith("node:")).map(packageOf);
  });
}

const packageOf = (name: string): string =>
  name
    .split("/")
    .slice(0, name.startsWith("@") ? 2 : 1)
    .join("/");

describe("the workspaces", () => {
  it("export no file that does not exist", () => {
    const exported = manifest(".").workspaces!.flatMap((folder) =>
      Object.values(manifest(folder).exports ?? {}).map((target) => path.join(folder, target)),
    );
    expect(exported).to.not.be.empty;
    // A pattern stands for many files: its folder must be there.
    const missing = exported.filter((target) => !existsSync(path.join(ROOT, target.split("*")[0]!)));
    expect(missing).to.deep.equal([]);
  });

  it("say what they are, and need the Node that runs TypeScript unbuilt", () => {
    for (const workspace of manifest(".").workspaces!) {
      const { description, engines } = manifest(workspace);
      expect(description, workspace).to.be.a("string");
      expect(engines, workspace).to.deep.equal({ node: ">=22.18" });
    }
    // npm's scripts bring their own Node, so an older one starts them: CI does, to show it.
    const oldest = manifest(".").engines!.node.replace(">=", "");
    expect(readFileSync(path.join(ROOT, ".nvmrc"), "utf8").trim()).to.equal(oldest);
  });

  it("declare every package that their sources import", () => {
    for (const workspace of manifest(".").workspaces!) {
      const imported = [...new Set(importedBy(workspace))].sort();
      expect(imported, workspace).to.include("ethers");
      expect(Object.keys(manifest(workspace).dependencies!), workspace).to.include.members(imported);
    }
  });
});

describe("package-lock.json", () => {
  it("has each package at the very version that a package.json names", () => {
    const { packages }: { packages: Record<string, { version?: string; resolved?: string }> } = JSON.parse(
      readFileSync(path.join(ROOT, "package-lock.json"), "utf8"),
    );
    const inexact = ["", ...manifest(".").workspaces!].flatMap((folder) => {
      const { dependencies, devDependencies } = manifest(folder);
      return Object.entries({ ...dependencies, ...devDependencies }).flatMap(([name, range]) => {
        const installed = packages[`${folder}/node_modules/${name}`] ?? packages[`node_modules/${name}`]!;
        // A workspace is a link to its folder.
        const version = installed.version ?? packages[installed.resolved!]!.version;
        return range === version ? [] : [`${folder || "."}: ${name} ${range}, locked at ${version}`];
      });
    });
    expect(inexact).to.deep.equal([]);
  });
});
