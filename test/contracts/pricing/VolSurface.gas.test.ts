import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { measurePost, type PostGas } from "../../../bench/post.ts";

/** Rewritten where `MENISCUS_SNAPSHOT=1` is set. */
const SNAPSHOT = path.resolve(import.meta.dirname, "VolSurface.snapshot.json");

describe("VolSurface: gas", () => {
  let gas: PostGas;
  before(async () => {
    gas = await measurePost();
    if (process.env.MENISCUS_SNAPSHOT === "1") writeFileSync(SNAPSHOT, `${JSON.stringify(gas, null, 2)}\n`);
  });

  it("posts 12 slices with 3 signatures for at most 165,000, and 16 for at most 200,000", () => {
    expect(gas.twelveSlicesThreeSigners).to.be.at.most(165_000);
    expect(gas.sixteenSlicesThreeSigners).to.be.at.most(200_000);
  });

  it("costs no more than the snapshot, but for what a few zero bytes of a signature may differ", () => {
    const snapshot = JSON.parse(readFileSync(SNAPSHOT, "utf8")) as PostGas;
    const zeroBytes = 300;
    for (const [name, before] of Object.entries(snapshot)) {
      expect(gas[name as keyof PostGas], name).to.be.at.most(before + zeroBytes);
    }
  });
});
