import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { checkCertificate } from "@meniscus/pricer/certificate/check";
import { expect } from "chai";
import { meniscus } from "../support/cli.ts";
import { dataFile, itWithData } from "../support/data.ts";

describe("meniscus fit", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-fit-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("prints a line per expiry of the simulated market and says that it is simulated", async () => {
    const { code, stdout } = await meniscus(["fit"]);
    expect(code).to.equal(0);
    expect(stdout.split("\n")[0]).to.match(/simulated/);
    expect(stdout.match(/^ETH-\d+[A-Z]{3}\d\d · forward/gm)).to.have.length(12);
    expect(stdout).to.match(/12 slices · certified, \d+ pieces · arbitrage butterfly 0 calendar 0/);
  });

  it("prints the surface as data, with a certificate that the independent checker accepts", async () => {
    const { code, stdout } = await meniscus(["fit", "--json", "--seed", "5"]);
    expect(code).to.equal(0);
    const surface = JSON.parse(stdout);
    expect(surface.slices).to.have.length(12);
    expect(checkCertificate(surface.certificate)).to.include({ valid: true });
    expect(surface.certificate.slices.map(({ word }: { word: string }) => word)).to.deep.equal(
      surface.slices.map(({ word }: { word: string }) => word),
    );
  });

  itWithData("writes the pictures of a recorded chain", async () => {
    const plot = path.join(folder, "fit.html");
    const chain = dataFile("chains/deribit_BTC_20260113T153537Z.csv.gz");
    const { code } = await meniscus(["fit", "--chain", chain, "--plot", plot]);
    expect(code).to.equal(0);
    expect(readFileSync(plot, "utf8")).to.match(/BTC-27MAR26/);
  });

  it("refuses a file that is no chain, and writes no picture", async () => {
    const chain = path.join(folder, "no.csv");
    writeFileSync(chain, "a,b\n1,2\n");
    const plot = path.join(folder, "none.html");
    const { code, stderr } = await meniscus(["fit", "--chain", chain, "--plot", plot]);
    expect(code).to.equal(1);
    expect(stderr).to.match(/^error: .*column/m);
    expect(() => readFileSync(plot)).to.throw();
  });
});
