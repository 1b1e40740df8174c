import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { measureOracles, type OracleGas } from "../../../bench/oracles.ts";

const SNAPSHOT = path.join(import.meta.dirname, "gas.snapshot.json");

describe("oracles: gas", () => {
  let gas: OracleGas;

  before(async () => {
    gas = await measureOracles();
  });

  it("walks a round within its budget", () => {
    expect(gas.perRound).to.be.at.most(9000);
  });

  it("has not grown since the snapshot (MENISCUS_SNAPSHOT=1 writes a new one)", () => {
    if (process.env.MENISCUS_SNAPSHOT === "1") writeFileSync(SNAPSHOT, `${JSON.stringify(gas, null, 2)}\n`);
    const snapshot: OracleGas = JSON.parse(readFileSync(SNAPSHOT, "utf8"));
    expect(Object.keys(gas)).to.deep.equal(Object.keys(snapshot));
    for (const [key, before] of Object.entries(snapshot)) {
      expect(gas[key as keyof OracleGas], key).to.be.at.most(before);
    }
  });
});
