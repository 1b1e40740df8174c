import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect } from "chai";
import { meniscus } from "../../support/cli.ts";
import { dataFile, itWithData, recordedChains } from "../../support/data.ts";

const JANUARY = ["20260113T153537Z", "20260113T212135Z", "20260114T040325Z"];

describe("meniscus stickiness", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-stickiness-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const copy = (names: readonly string[]) => {
    for (const name of names) cpSync(dataFile(`chains/${name}`), path.join(folder, name));
  };

  itWithData("estimates R by currency, maturity and regime, as docs/CLI.md shows", async () => {
    copy(recordedChains().flatMap((file) => /deribit_ETH_202601\d\dT.*/.exec(file)?.[0] ?? []));
    const { code, stdout } = await meniscus(["stickiness", "--chains", folder, "--json"]);
    expect(code).to.equal(0);
    const rows = JSON.parse(stdout);
    expect(rows[0]).to.include({ currency: "ETH", regime: "all", days: 30, pairs: 22 });
    expect(rows[0].ratio).to.be.a("number");
    const file = path.join(folder, "rows.json");
    const table = await meniscus(["stickiness", "--chains", folder, "--json", file]);
    expect(readFileSync(file, "utf8")).to.equal(stdout);
    expect(table.stdout).to.match(/ETH\s+│\s+all\s+│\s+180\s+│\s+22 /);
    const page = readFileSync(path.resolve(import.meta.dirname, "../../../docs/CLI.md"), "utf8");
    const example = /^\$ npx --no-install meniscus stickiness .*\n([\s\S]*?)\n```/m.exec(page)![1]!;
    for (const line of example.split("\n").filter((each) => each !== "…"))
      expect(table.stdout).to.include(line);
  });

  itWithData("gives no number where there is too little to estimate, and says what it takes", async () => {
    copy(JANUARY.map((time) => `deribit_ETH_${time}.csv.gz`));
    const { code, stdout } = await meniscus(["stickiness", "--chains", folder]);
    expect(code).to.equal(0);
    expect(stdout).to.match(/ETH\s+│\s+all\s+│\s+30\s+│\s+2\s+│\s+-\s+│\s+-\s+│/);
    expect(stdout).to.match(/^-: too little to estimate R; that takes 5 pairs, and spot moving by 0\.5 % /m);
    const data = await meniscus(["stickiness", "--chains", folder, "--json"]);
    expect(JSON.parse(data.stdout)[0]).to.deep.include({ pairs: 2, ratio: null, error: null });
  });

  itWithData("says when no two chains follow each other", async () => {
    copy([`deribit_ETH_${JANUARY[0]}.csv.gz`, `deribit_BTC_${JANUARY[0]}.csv.gz`]);
    const { code, stderr } = await meniscus(["stickiness", "--chains", folder]);
    expect(code).to.equal(1);
    expect(stderr).to.match(/No two chains .* less than three days apart/);
  });
});
