import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";

const ROOT = path.resolve(import.meta.dirname, "..");
const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");

interface Manifest {
  workspaces?: string[];
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

describe("docs/DEPENDENCIES.md", () => {
  it("names every package that a package.json names, and no other", () => {
    const manifest = (folder: string): Manifest => JSON.parse(read(path.join(folder, "package.json")));
    const folders = [".", ...manifest(".").workspaces!];
    const declared = folders.flatMap((folder) => {
      const { dependencies = {}, devDependencies = {} } = manifest(folder);
      return [...Object.keys(dependencies), ...Object.keys(devDependencies)];
    });
    // The introduction names packages that later issues bring.
    const [, ...sections] = read("docs/DEPENDENCIES.md").split("\n## ");
    const packages = sections.flatMap((section) =>
      section.split("\n").flatMap((line) => {
        const cell = line.startsWith("| `") ? line.split("|")[1]! : line.startsWith("Our own") ? line : "";
        return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
      }),
    );
    expect([...new Set(packages)].sort()).to.deep.equal([...new Set([...declared, "@meniscus/cli"])].sort());
  });
});

describe("the pages", () => {
  const pages = [
    "README.md",
    "CONTRIBUTING.md",
    ...readdirSync(path.join(ROOT, "docs")).map((name) => `docs/${name}`),
  ];

  for (const page of pages.filter((name) => name.endsWith(".md"))) {
    it(`${page} names only scripts and files that exist`, () => {
      const text = read(page);
      const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
      const named = [...text.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1]!);
      expect(named.filter((name) => scripts[name] === undefined)).to.deep.equal([]);
      const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map((match) =>
        path.join(path.dirname(page), match[1]!),
      );
      expect(links.filter((link) => !existsSync(path.join(ROOT, link)))).to.deep.equal([]);
    });
  }
});
