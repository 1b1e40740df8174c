import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { GAS_PASSAGES, type GasFigures, withGasFigures } from "../bench/gasFigures.ts";
import { filesBelow } from "./support/filesBelow.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");

/** The repository's own files below a folder, by the end of their names, from the root. */
const below = (folder: string, end = ""): string[] =>
  filesBelow(path.join(ROOT, folder), end).map((file) => path.relative(ROOT, file).replaceAll(path.sep, "/"));
const FILES = below(".");
const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "deploy/README.md",
  "sdk/README.md",
  ...below("docs", ".md"),
];

/** What a run writes, or a name stands for: no file of the repository. */
const MADE = /^(out|artifacts|path\/of)\/|\b(NETWORK|NAME|X)\.|^deploy\/addresses\//;

/** Files that a text names, by path or by the end of it, and that are neither in the repository nor made by a run. */
function unknownFiles(text: string, folder: string): string[] {
  const named = [
    ...text.matchAll(/(?<![\w@*./-])(?:\.{1,2}\/)*[\w@-][\w@./-]*\.(?:md|sol|ts|mjs|py)\b(?![\w/])/g),
  ];
  // Of data and pages only those with a folder: without one a reader makes them.
  const data = [...text.matchAll(/(?<![\w@*:./-])(?:\.{1,2}\/)*[\w@-]+\/[\w@./-]*\.(?:json|html)\b/g)];
  return [...named, ...data]
    .map(([name]) => name)
    .filter((name) => {
      const end = name.replace(/^(\.{1,2}\/)+/, "");
      if (MADE.test(end) || existsSync(path.join(ROOT, folder, name))) return false;
      return !FILES.some((file) => file === end || file.endsWith(`/${end}`));
    });
}

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
    // The introduction names what there is no package for.
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
  /** A heading's name in a link, as GitHub makes it. */
  const anchorOf = (heading: string) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-");

  for (const page of PAGES) {
    it(`${page} names only scripts, files and headings that exist`, () => {
      const text = read(page);
      const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
      const named = [...text.matchAll(/npm run ([\w:]+)/g)].map((match) => match[1]!);
      expect(named.filter((name) => scripts[name] === undefined)).to.deep.equal([]);
      const links = [...text.matchAll(/\]\(([^)#:]*)(?:#([^)]+))?\)/g)].map(([, file, heading]) => ({
        file: file === "" ? page : path.join(path.dirname(page), file!),
        heading,
      }));
      const broken = links.filter(({ file, heading }) => {
        if (!existsSync(path.join(ROOT, file))) return true;
        if (heading === undefined) return false;
        const headings = [...read(file).matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1]!));
        return !headings.includes(heading);
      });
      expect(broken).to.deep.equal([]);
      expect(unknownFiles(text, path.dirname(page))).to.deep.equal([]);
    });
  }

  it("have commands whose keys, passwords, configurations and state git ignores", function () {
    const text = PAGES.map(read).join("\n");
    // Capitals stand for a name, and what has a folder before it is the repository's own or in out/.
    const options = text.matchAll(
      /--(?:out|keystore|password-file|config|parameters) ([a-z](?:[\w.-]*\w)?)(?![\w/])/g,
    );
    const fields = text.matchAll(/"(?:store|journal)": "([\w.-]+)"/g);
    const named = new Set([...options, ...fields].map((match) => match[1]!));
    expect([...named]).to.include.members(["signer.json", "secret", "keeper.jsonl", "mine.json"]);
    const written = [...named, "keeper.jsonl.lock", "signer.sqlite-wal", "deploy/deployments/chain-31337/x"];
    const kept = ["deploy/deployments/mainnet/journal.jsonl", "deploy/addresses/mainnet.json"];
    // Without the ignore file that a user has for all repositories.
    const { status, stdout } = spawnSync(
      "git",
      ["-c", "core.excludesFile=", "check-ignore", ...written, ...kept],
      { cwd: ROOT, encoding: "utf8" },
    );
    if (status !== 0 && status !== 1) return this.skip();
    expect(stdout.trim().split("\n")).to.deep.equal(written);
  });

  it("and the comments of the sources name only files that exist", () => {
    const unknown = [...below(".", ".ts"), ...below(".", ".sol")].flatMap((file) => {
      const comments = read(file).match(/\/\*[\s\S]*?\*\/|(?<![:"'`])\/\/.*/g) ?? [];
      return unknownFiles(comments.join("\n"), path.dirname(file)).map((name) => `${file}: ${name}`);
    });
    expect(unknown).to.deep.equal([]);
  });
});

describe("the gas figures", () => {
  const snapshot: GasFigures = JSON.parse(read("bench/gas.snapshot.json"));

  for (const page of Object.keys(GAS_PASSAGES)) {
    it(`of ${page} are those of bench/gas.snapshot.json: npm run snapshot -- --pages mends them`, () => {
      const mended = withGasFigures(page, read(page), snapshot).split("\n");
      const wrong = read(page)
        .split("\n")
        .flatMap((line, i) => (line === mended[i] ? [] : [`${page}:${i + 1} should be: ${mended[i]}`]));
      expect(wrong).to.deep.equal([]);
    });
  }

  it("stand only where they are mended: give another place its passage in bench/gasFigures.ts", () => {
    // Raised, those in a passage no longer look like the snapshot's. A figure of four digits can be anything.
    const figures = Object.values(snapshot).filter((gas) => gas >= 10_000);
    const raised = Object.fromEntries(Object.entries(snapshot).map(([key, gas]) => [key, gas + 1e6]));
    const stray = PAGES.flatMap((page) => {
      const rest = withGasFigures(page, read(page), raised);
      return figures
        .map((gas) => Math.round(gas).toLocaleString("en"))
        .filter((figure) => new RegExp(`(?<![\\d,])${figure}(?!,?\\d)`).test(rest))
        .map((figure) => `${page}: ${figure}`);
    });
    expect(stray).to.deep.equal([]);
  });

  it("are not written where a passage is missing, or there twice", () => {
    const page = "docs/PRICER.md";
    expect(() => withGasFigures(page, "", snapshot)).to.throw(/0 times, not once/);
    expect(() => withGasFigures(page, read(page).repeat(2), snapshot)).to.throw(/2 times, not once/);
  });
});

describe("docs/INVARIANTS.md", () => {
  /** An id by itself or between the underscores of a test's name. */
  const ID = /(?<![A-Za-z0-9])[CPSVHTK][1-9]\d?(?![A-Za-z0-9])/g;
  /** The fits of the kernel call their coefficients C1, C2, ... */
  const FITS =
    /^(contracts\/pricing\/(Coefficients|Numerics)\.sol|sdk\/src\/fixed\/(coefficients|numerics)\.ts)$/;
  const page = read("docs/INVARIANTS.md");
  const rows = [...page.matchAll(/^\| ([A-Z]\d+) \| (.+) \| (.+) \|$/gm)].map(([, id, , tested]) => ({
    id: id!,
    hasTest: !tested!.startsWith("none of its own"),
    files: [...tested!.matchAll(/`([^`]+)`/g)].map((match) => `test/${match[1]}`),
  }));
  const sources = FILES.filter((file) => /\.(ts|sol|md|html)$/.test(file) && !FITS.test(file));
  const idsOf = (file: string): string[] => read(file).match(ID) ?? [];

  it("has each id once, by groups in order", () => {
    const ids = rows.map(({ id }) => id);
    const groups = [..."CPSVHTK"].flatMap((letter) =>
      ids.filter((id) => id[0] === letter).map((_, i) => `${letter}${i + 1}`),
    );
    expect(ids).to.deep.equal(groups);
    expect(ids).to.have.length.above(50);
  });

  it("has every id that tests, contracts, programs and pages use", () => {
    const known = new Set(rows.map(({ id }) => id));
    const unknown = sources.flatMap((file) =>
      idsOf(file)
        .filter((id) => !known.has(id))
        .map((id) => `${file}: ${id}`),
    );
    expect(unknown).to.deep.equal([]);
  });

  it("has every promise that is cited by number", () => {
    const cited = sources.flatMap((file) =>
      [...read(file).matchAll(/\bpromise (\d+)/gi)].map((match) => match[1]!),
    );
    expect(cited).to.include("5");
    const missing = cited.filter((number) => !new RegExp(`^${number}\\. \\*\\*`, "m").test(page));
    expect(missing).to.deep.equal([]);
  });

  it("names for every id tests that use it, and says where there is none", () => {
    const tests = sources.filter((file) => file.startsWith("test/") && file !== "test/docs.test.ts");
    const used = new Set(tests.flatMap(idsOf));
    const wrong = rows.flatMap(({ id, hasTest, files }) => {
      if (!hasTest) return used.has(id) ? [`${id} has a test by now: name it`] : [];
      if (files.length === 0) return [`${id} names no test`];
      const silent = files.filter((file) => !existsSync(path.join(ROOT, file)) || !idsOf(file).includes(id));
      return silent.map((file) => `${file} has no ${id}`);
    });
    expect(wrong).to.deep.equal([]);
  });
});

describe("the headers of the contracts", () => {
  it("say whom each trusts that prices, keeps or moves what others own", () => {
    const rooms = ["pricing", "oracle", "clearing", "book", "pool", "vault"];
    const contracts = rooms
      .flatMap((room) => below(`contracts/${room}`, ".sol"))
      // A wrapper and its factory know nobody but the Clearinghouse.
      .filter((file) => /^contract /m.test(read(file)) && !file.includes("OptionERC20"));
    expect(contracts).to.have.length.above(7);
    const silent = [...contracts, "contracts/periphery/Router.sol"].filter(
      (file) => !/^\/\/\/ ASSUMPTIONS\b[\s\S]*?^contract /m.test(read(file)),
    );
    expect(silent).to.deep.equal([]);
  });
});
