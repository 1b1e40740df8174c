/** What a simulation takes, and what it refuses before anything is played. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { formatRecordedChain } from "@meniscus/pricer/source/recorded";
import { expect } from "chai";
import { chainOf, SNAPSHOT_AT, SPOT, soundQuotes } from "../../../support/chain.ts";
import { meniscus } from "../../../support/cli.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;
const FIRST_BAR = SNAPSHOT_AT - DAY;

describe("meniscus simulate, given chains and a path of spot", () => {
  let folder: string;
  let chains: string;
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-simulate-"));
    chains = path.join(folder, "chains");
    mkdirSync(chains);
    writeFileSync(path.join(chains, "eth.csv"), formatRecordedChain(chainOf(soundQuotes())));
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Hourly bars of `price`, from `from` for five days. */
  function barsOf(name: string, price: number, from = FIRST_BAR): string {
    const file = path.join(folder, name);
    const rows = Array.from({ length: 5 * 24 }, (_, i) =>
      [(from + i * HOUR) * 1000, price, price * 1.001, price * 0.999].join(","),
    );
    writeFileSync(file, `timestamp_ms,open,high,low\n${rows.join("\n")}\n`);
    return file;
  }

  /** A day from 14 January 2026 on; what is refused is refused in one line, before anything is built. */
  async function refusal(spot: string, ...more: string[]): Promise<string> {
    const args = ["simulate", "--chains", chains, "--spot", spot, "--from", "2026-01-14", "--days", "1"];
    const { code, stderr } = await meniscus([...args, ...more], { timeout: 60_000 });
    expect(code).to.equal(1);
    expect(stderr).to.not.match(/Compiling|unexpected|^\s+at /m);
    return stderr;
  }

  it("refuses prices of another asset than the chains'", async () => {
    expect(await refusal(barsOf("btc.csv", 40 * SPOT))).to.match(
      /^error: btc\.csv has 80000\.00 at 2026-01-13T12:00, where eth\.csv has 2000\.00: give .* of one asset/m,
    );
    expect(await refusal(barsOf("near.csv", 1.12 * SPOT))).to.match(/^error: near\.csv has 2240\.00/m);
  });

  it("refuses them where the chain is older than the path, too", async () => {
    const later = barsOf("later.csv", 40 * SPOT, FIRST_BAR + 1.5 * DAY);
    expect(await refusal(later, "--from", "2026-01-15")).to.match(/^error: later\.csv has 80000\.00/m);
  });

  it("says what to do where the folder has no chain of the currency", async () => {
    expect(await refusal(barsOf("eth-spot.csv", SPOT), "--currency", "BTC")).to.match(
      /^error: \S+ holds no BTC chain: choose another --currency or --chains\.$/m,
    );
  });

  it("says that a folder is no path of spot", async () => {
    expect(await refusal(folder)).to.match(/ is a folder: name one file in it\.$/m);
  });
});
