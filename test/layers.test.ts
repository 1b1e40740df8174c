import { readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { filesBelow } from "./support/filesBelow.ts";

const ROOT = path.resolve(import.meta.dirname, "..");

/**
 * The layers of the contracts, bottom first (docs/ARCHITECTURE.md). A file may import from its own room and from lower layers;
 * rooms of one layer do not know each other. Interfaces may be imported by all and import only types.
 */
const CONTRACT_LAYERS: string[][] = [
  ["types"],
  ["interfaces"],
  ["control"],
  ["pricing"],
  ["oracle"],
  ["clearing"],
  ["book"],
  ["pool", "vault"],
  ["periphery"],
  ["local"],
];

/** The layers of the workspaces, bottom first. */
const PACKAGE_LAYERS: string[][] = [["sdk"], ["pricer"], ["keeper"], ["cli"]];

/** The rooms and single files of the cli, bottom first. */
const CLI_LAYERS: string[][] = [
  ["json", "cliError.ts", "cleanUp.ts"],
  ["terminal"],
  ["hardhat", "market", "page"],
  ["localMarket", "service"],
  ["verbs"],
  ["main.ts"],
];

interface Import {
  from: string;
  to: string;
}

/** Import specifiers of a source file; `pattern` has the specifier as its first group. */
function importsOf(file: string, pattern: RegExp): Import[] {
  return [...readFileSync(file, "utf8").matchAll(pattern)].map((match) => ({ from: file, to: match[1]! }));
}

function layerOf(layers: string[][], room: string): number {
  return layers.findIndex((layer) => layer.includes(room));
}

/** Why an import from one room into another points the wrong way, or null when it does not. */
function wrongWay(layers: string[][], from: string, to: string): string | null {
  const [lower, upper] = [layerOf(layers, to), layerOf(layers, from)];
  if (upper < 0) return `the room ${from} has no layer: give it one in test/layers.test.ts`;
  if (lower < 0) return `the room ${to} has no layer: give it one in test/layers.test.ts`;
  if (from === to || lower < upper) return null;
  return lower === upper ? `${from} and ${to} must not know each other` : `${from} is below ${to}`;
}

const SOLIDITY_IMPORT = /^\s*import\s[^"]*"([^"]+)"/gm;
const TYPESCRIPT_IMPORT = /(?:from|import)\s*\(?\s*"([^"]+)"/g;

describe("layers", () => {
  it("no contract imports from a layer above its own", () => {
    const contracts = path.join(ROOT, "contracts");
    const wrong: string[] = [];
    for (const { from, to } of filesBelow(contracts, ".sol").flatMap((file) =>
      importsOf(file, SOLIDITY_IMPORT),
    )) {
      if (!to.startsWith(".")) continue;
      const roomOf = (file: string) => path.relative(contracts, file).split(path.sep)[0]!;
      const why = wrongWay(CONTRACT_LAYERS, roomOf(from), roomOf(path.resolve(path.dirname(from), to)));
      if (why !== null) wrong.push(`${path.relative(ROOT, from)} imports ${to}: ${why}`);
    }
    expect(wrong).to.deep.equal([]);
  });

  it("every room of the contracts, and every workspace, has a layer", () => {
    const rooms = readdirSync(path.join(ROOT, "contracts"));
    expect(rooms.filter((room) => layerOf(CONTRACT_LAYERS, room) < 0)).to.deep.equal([]);
    const { workspaces } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
    expect(workspaces.filter((room: string) => layerOf(PACKAGE_LAYERS, room) < 0)).to.deep.equal([]);
  });

  it("no pure library of the pricing imports a contract with storage", () => {
    const pricing = path.join(ROOT, "contracts", "pricing");
    const wrong = filesBelow(pricing, ".sol")
      .filter((file) => /^library /m.test(readFileSync(file, "utf8")))
      .flatMap((file) => importsOf(file, SOLIDITY_IMPORT))
      .filter(
        ({ from, to }) =>
          to.startsWith(".") &&
          /^(abstract )?contract /m.test(readFileSync(path.resolve(path.dirname(from), to), "utf8")),
      );
    expect(wrong).to.deep.equal([]);
  });

  it("no workspace imports from one above its own", () => {
    const wrong: string[] = [];
    for (const room of PACKAGE_LAYERS.flat()) {
      const folder = path.join(ROOT, room);
      if (!statSync(folder, { throwIfNoEntry: false })) continue;
      for (const { from, to } of filesBelow(folder, ".ts").flatMap((file) =>
        importsOf(file, TYPESCRIPT_IMPORT),
      )) {
        if (to.startsWith(".") && !path.resolve(path.dirname(from), to).startsWith(folder + path.sep))
          wrong.push(
            `${path.relative(ROOT, from)} reaches out of its workspace to ${to}: import the package instead`,
          );
        const other = /^@meniscus\/([a-z]+)/.exec(to)?.[1];
        const why = other === undefined ? null : wrongWay(PACKAGE_LAYERS, room, other);
        if (why !== null) wrong.push(`${path.relative(ROOT, from)} imports ${to}: ${why}`);
      }
    }
    expect(wrong).to.deep.equal([]);
  });

  it("no room of the cli imports from one above its own, and no verb another verb", () => {
    const cli = path.join(ROOT, "cli", "src");
    const wrong: string[] = [];
    for (const { from, to } of filesBelow(cli, ".ts").flatMap((file) => importsOf(file, TYPESCRIPT_IMPORT))) {
      const target = path.resolve(path.dirname(from), to);
      // The manifest, which the command reads its version from, is beside the rooms.
      if (!to.startsWith(".") || !target.startsWith(cli + path.sep)) continue;
      const [room, verb] = path.relative(cli, from).split(path.sep);
      const [other, otherVerb] = path.relative(cli, target).split(path.sep);
      const isOfTwoVerbs = room === "verbs" && other === "verbs" && verb !== otherVerb;
      const why = isOfTwoVerbs
        ? `${verb} and ${otherVerb} must not know each other`
        : wrongWay(CLI_LAYERS, room!, other!);
      if (why !== null) wrong.push(`${path.relative(ROOT, from)} imports ${to}: ${why}`);
    }
    expect(wrong).to.deep.equal([]);
  });

  it("tests, measurements and scripts import the workspaces as packages, never by their paths", () => {
    const rooms = PACKAGE_LAYERS.flat().map((room) => path.join(ROOT, room) + path.sep);
    const wrong = ["test", "bench", "scripts", "deploy", "proofs"]
      .flatMap((folder) => filesBelow(path.join(ROOT, folder), ".ts"))
      .flatMap((file) => importsOf(file, TYPESCRIPT_IMPORT))
      .filter(({ from, to }) => {
        const target = path.resolve(path.dirname(from), to);
        return to.startsWith(".") && rooms.some((room) => target.startsWith(room));
      })
      .map(({ from, to }) => `${path.relative(ROOT, from)} imports ${to}`);
    expect(wrong).to.deep.equal([]);
  });

  it("no test outside test/contracts loads Hardhat, whose chai matchers read every number as an integer", () => {
    const apart = [path.join(ROOT, "test", "contracts"), path.join(ROOT, "test", "support")];
    const wrong = filesBelow(path.join(ROOT, "test"), ".ts")
      .filter((file) => !apart.some((folder) => file.startsWith(folder + path.sep)))
      .flatMap((file) => importsOf(file, TYPESCRIPT_IMPORT))
      .filter(({ to }) => to === "hardhat" || to.startsWith("@nomicfoundation/"))
      .map(({ from }) => path.relative(ROOT, from));
    expect(wrong).to.deep.equal([]);
  });

  it("would notice an import that points up, sideways, or to a room without a layer", () => {
    expect(wrongWay(CONTRACT_LAYERS, "pricing", "pool")).to.equal("pricing is below pool");
    expect(wrongWay(CONTRACT_LAYERS, "pool", "vault")).to.equal("pool and vault must not know each other");
    expect(wrongWay(CONTRACT_LAYERS, "pool", "lending")).to.match(/has no layer/);
    expect(wrongWay(CONTRACT_LAYERS, "periphery", "pool")).to.equal(null);
    expect([...'import { A, B } from "../pool/A.sol";'.matchAll(SOLIDITY_IMPORT)][0]?.[1]).to.equal(
      "../pool/A.sol",
    );
    expect([...'import type { A } from "@meniscus/cli";'.matchAll(TYPESCRIPT_IMPORT)][0]?.[1]).to.equal(
      "@meniscus/cli",
    );
  });
});

describe("lengths", () => {
  /** In lines that are neither blank nor comment. The sdk's ABIs are generated, and a test keeps the cases of its subject together. */
  const MOST: Record<string, number> = { ".sol": 425, ".ts": 260 };

  const linesOf = (file: string): number =>
    readFileSync(path.join(ROOT, file), "utf8")
      .replaceAll(/^\s*\/\*[\s\S]*?\*\//gm, "")
      .split("\n")
      .filter((line) => !/^\s*(\/\/|$)/.test(line)).length;

  it("of contracts and programs stay such that a file can be read in one go", () => {
    const files = [".sol", ".ts"]
      .flatMap((end) => filesBelow(ROOT, end))
      .map((file) => path.relative(ROOT, file).replaceAll(path.sep, "/"))
      .filter((file) => !file.startsWith("test/") && !file.startsWith("sdk/src/abi/"));
    const tooLong = files
      .map((file) => ({ file, lines: linesOf(file), most: MOST[path.extname(file)]! }))
      .filter(({ lines, most }) => lines > most);
    expect(tooLong).to.deep.equal([]);
  });
});
