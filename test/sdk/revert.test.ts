import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { revertOf } from "@meniscus/sdk/revert";
import { expect } from "chai";
import { AbiCoder, concat, type ErrorFragment, hexlify, Interface } from "ethers";
import fc from "fast-check";

const CONTRACTS = path.resolve(import.meta.dirname, "../../contracts");
const ABIS = path.resolve(import.meta.dirname, "../../sdk/src/abi");

describe("what a revert says", () => {
  const selectors: string[] = [];
  before(async () => {
    for (const file of readdirSync(ABIS))
      new Interface(Object.values((await import(path.join(ABIS, file))) as object)[0]).forEachError((error) =>
        selectors.push(error.selector),
      );
  });

  it("is known of every error of every contract whose ABI the sdk has", async () => {
    for (const file of readdirSync(ABIS)) {
      const module: object = await import(path.join(ABIS, file));
      const abi = new Interface(Object.values(module)[0]);
      abi.forEachError((error) => {
        // Zeros are a value of every type.
        const data = `${error.selector}${"00".repeat(32 * 64)}`;
        expect(revertOf(data), `${file} ${error.format()}`).to.match(new RegExp(`^${error.name}\\(`));
      });
    }
  });

  it("is known of every error in the sources, those of libraries among them", async () => {
    const modules: object[] = await Promise.all(
      readdirSync(ABIS).map((file) => import(path.join(ABIS, file))),
    );
    const declared = new Map<string, ErrorFragment>();
    for (const module of modules)
      new Interface(Object.values(module)[0]).forEachError((error) => declared.set(error.name, error));
    // The local chain's feed is none of ours on any other.
    const sources = readdirSync(CONTRACTS, { recursive: true, encoding: "utf8" }).filter(
      (file) => file.endsWith(".sol") && !file.startsWith("local/"),
    );
    const names = sources.flatMap((file) =>
      [...readFileSync(path.join(CONTRACTS, file), "utf8").matchAll(/^\s*error (\w+)\(/gm)].map(
        ([, name]) => name!,
      ),
    );
    expect(names).to.include.members(["Book_LimitExceeded", "Pool_Refused", "SeriesId_NotCanonical"]);
    for (const name of names) {
      const error = declared.get(name);
      const told = error === undefined ? "in no ABI" : revertOf(`${error.selector}${"00".repeat(32 * 64)}`);
      expect(told, name).to.match(new RegExp(`^${name}\\(`));
    }
  });

  it("names every value of every enum that an error carries, as the sources do, and leaves others as they are", async () => {
    const sources = readdirSync(CONTRACTS, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".sol"))
      .map(
        (file) => [path.basename(file, ".sol"), readFileSync(path.join(CONTRACTS, file), "utf8")] as const,
      );
    const enums = new Map(
      sources.flatMap(([file, source]) =>
        [...source.replaceAll(/\/\/.*/g, "").matchAll(/^( *)enum (\w+) \{([^}]*)\}/gm)].map(
          ([, indent, name, body]) =>
            [indent === "" ? name! : `${file}.${name}`, body!.split(",").map((each) => each.trim())] as const,
        ),
      ),
    );
    let [seen, places] = [0, 0];
    for (const file of readdirSync(ABIS)) {
      const abi = Object.values((await import(path.join(ABIS, file))) as object)[0] as {
        type: string;
        name: string;
        inputs: { internalType: string }[];
      }[];
      for (const { name, inputs } of abi.filter(({ type }) => type === "error"))
        for (const [place, { internalType }] of inputs.entries()) {
          const names = enums.get(internalType.replace(/^enum /, ""));
          if (!internalType.startsWith("enum ")) continue;
          expect(names, internalType).to.be.an("array");
          places++;
          for (const [value, each] of [...names!, String(names!.length)].entries()) {
            const words = inputs.map((_, i) => (i === place ? value : 0).toString(16).padStart(64, "0"));
            const { selector } = new Interface(abi).getError(name)!;
            const told = /\((.*)\)/.exec(revertOf(`${selector}${words.join("")}`))![1]!.split(", ");
            expect(told[place], `${name} ${internalType}`).to.equal(each);
            seen++;
          }
        }
    }
    expect(places).to.be.greaterThan(11);
    expect(seen).to.be.greaterThan(100);
  });

  it("carries the values, or what there is of it", () => {
    const data = new Interface(["error Book_LimitExceeded(uint8 limit)"]).encodeErrorResult(
      "Book_LimitExceeded",
      [4],
    );
    expect(revertOf(data)).to.equal("Book_LimitExceeded(ExposuresOld)");
    expect(revertOf("0x12345678")).to.equal("it reverted with 0x12345678");
    for (const short of ["0x12", "0x1234", "0x123456"])
      expect(revertOf(short)).to.equal(`it reverted with ${short}`);
    expect(revertOf(`${data.slice(0, 10)}00`)).to.equal(`it reverted with ${data.slice(0, 10)}`);
    expect(revertOf("0x")).to.equal("it reverted without a word");
    expect(revertOf(null)).to.equal("it reverted without a word");
  });

  it("is told as hex where the values cannot be read, whatever the bytes, and never throws", () => {
    const notText = concat(["0x08c379a0", AbiCoder.defaultAbiCoder().encode(["bytes"], ["0xff"])]);
    const outside = concat(["0x08c379a0", `0x${"ff".repeat(32)}`]);
    for (const data of [notText, outside, "0x08c379a00", "0x08c379a0zz"])
      expect(revertOf(data), data).to.equal("it reverted with 0x08c379a0");
    expect(revertOf("0x123")).to.equal("it reverted with 0x123");

    const declared = ["0x08c379a0", "0x4e487b71", ...selectors];
    const selector = fc.oneof(
      fc.constantFrom(...declared),
      fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => hexlify(bytes)),
    );
    // Words near zero are offsets and lengths that lead somewhere.
    const word = fc.oneof(
      fc.nat(300).map((offset) => `0x${offset.toString(16).padStart(64, "0")}`),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => hexlify(bytes)),
    );
    fc.assert(
      fc.property(selector, fc.array(word, { maxLength: 8 }), (head, words) => {
        const said = revertOf(concat([head, ...words]));
        if (!/^\w+\(.*\)$/s.test(said)) expect(said).to.equal(`it reverted with ${head}`);
      }),
    );
  });
});
