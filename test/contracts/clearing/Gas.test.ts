import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { type ClearingGas, measureClearing } from "../../../bench/clearing.ts";

const SNAPSHOT = path.join(import.meta.dirname, "gas.snapshot.json");

describe("Clearinghouse: gas", () => {
  let gas: ClearingGas;

  before(async () => {
    gas = await measureClearing();
  });

  it("stays within its budget, whole transactions with slots in use", () => {
    for (const key of ["write", "writePut", "burn", "burnPut"] as const)
      expect(gas[key], key).to.be.at.most(100_000);
    for (const key of ["redeem", "redeemPut"] as const) expect(gas[key], key).to.be.at.most(75_000);
    for (const key of ["perFurtherStrike", "perFurtherStrikePut"] as const) {
      expect(gas[key], key).to.be.at.most(3000);
    }
  });

  it("settles an expiry at the same gas however many hold it", () => {
    expect(gas.settleManyHolders).to.equal(gas.settle);
  });

  it("has not grown since the snapshot (MENISCUS_SNAPSHOT=1 writes a new one)", () => {
    if (process.env.MENISCUS_SNAPSHOT === "1") writeFileSync(SNAPSHOT, `${JSON.stringify(gas, null, 2)}\n`);
    const snapshot: ClearingGas = JSON.parse(readFileSync(SNAPSHOT, "utf8"));
    expect(Object.keys(gas)).to.deep.equal(Object.keys(snapshot));
    for (const [key, before] of Object.entries(snapshot)) {
      expect(gas[key as keyof ClearingGas], key).to.be.at.most(before);
    }
  });
});
