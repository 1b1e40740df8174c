import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { deployCommand, rehearseCommand } from "@meniscus/cli/verbs/deploy/command";
import { simulateCommand } from "@meniscus/cli/verbs/simulate/command";
import { startCommand } from "@meniscus/cli/verbs/start/command";
import { expect } from "chai";
import { meniscus, type Run } from "../../support/cli.ts";

const HEADER =
  "timestamp_ms,currency,instrument,expiry_ms,strike,type,bid_price,ask_price,mark_price,bid_iv,ask_iv,mark_iv," +
  "underlying_price,index_price,open_interest,volume\n";
const ROW =
  "1770326977885,ETH,ETH-13FEB26-1900-C,1770969600000,1900,C,0.045,0.0475,0.046,,,0.9,1882,1881,1,1\n";

/** A refusal is one line that says what to do, exit code 1, and never a stack trace. */
function expectRefusal({ code, stdout, stderr }: Run, message: RegExp): void {
  expect(code).to.equal(1);
  expect(stderr).to.match(message);
  expect(stderr).to.not.match(/^\s+at /m);
  expect(
    stderr
      .trim()
      .split("\n")
      .filter((line) => line.startsWith("error:")),
  ).to.have.length(1);
  expect(stdout).to.not.match(/inside bid-ask/);
}

describe("meniscus start, given bad input", () => {
  let folder: string;
  const file = (name: string, content: string | Buffer) => {
    const target = path.join(folder, name);
    writeFileSync(target, content);
    return target;
  };

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-cli-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("names a file that does not exist", async () => {
    expectRefusal(await meniscus(["start", "--chain", path.join(folder, "none.csv")]), /none\.csv/);
  });

  it("says that a file is empty", async () => {
    expectRefusal(await meniscus(["start", "--chain", file("empty.csv", "")]), /empty/);
  });

  it("names a column that is missing", async () => {
    const content = (HEADER + ROW).replaceAll("bid_price,", "").replace("0.045,", "");
    expectRefusal(await meniscus(["start", "--chain", file("column.csv", content)]), /bid_price/);
  });

  it("says that a gzip file is cut off", async () => {
    const whole = gzipSync(HEADER + ROW.repeat(200));
    expectRefusal(
      await meniscus(["start", "--chain", file("cut.csv.gz", whole.subarray(0, whole.length - 20))]),
      /gzip|cut/i,
    );
  });

  it("lists the currencies of the file when another is asked for", async () => {
    const chain = file("eth.csv", HEADER + ROW);
    expectRefusal(await meniscus(["start", "--chain", chain, "--currency", "DOGE"]), /DOGE.*ETH|ETH.*DOGE/);
  });

  it("refuses a chain whose every expiry is in the past", async () => {
    const past = ROW.replace("1770969600000", "1770364800000").replace("1770326977885", "1770400000000");
    const older = past.replaceAll("13FEB26", "6FEB26");
    expectRefusal(
      await meniscus(["start", "--chain", file("past.csv", HEADER + older)]),
      /no option is left to price \(expired: 1\)/,
    );
  });

  it("says when the venue cannot be reached", async () => {
    const run = await meniscus(["start", "--live", "deribit", "--deribit-url", "http://127.0.0.1:9/api/v2"]);
    expectRefusal(run, /127\.0\.0\.1:9|reach/);
  });

  it("says when the port is in use, before anything else is done", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    try {
      for (const verb of ["start", "rehearse"])
        expectRefusal(
          await meniscus([verb, "--port", String(port)]),
          new RegExp(`^error: Port ${port} is in use.*--port`),
        );
    } finally {
      server.close();
    }
  });

  it("refuses options that it does not know, or that exclude each other, or whose value is none", async () => {
    expectRefusal(await meniscus(["start", "--chian", "x"]), /unknown option '--chian'/);
    expectRefusal(await meniscus(["start", "--chain", "x", "--live", "deribit"]), /cannot be used with/);
    expectRefusal(await meniscus(["start", "--live", "nasdaq"]), /Allowed choices are deribit/);
    expectRefusal(await meniscus(["start", "--port", "80000"]), /whole number from 0 to 65535/);
    expectRefusal(await meniscus(["start", "stray"]), /too many arguments|unknown command/i);
    expectRefusal(await meniscus(["start", "--addresses", "x"]), /^error: --addresses goes with --keep/);
    expectRefusal(await meniscus(["strat"]), /unknown command 'strat'/);
  });

  it("refuses a place for the summary that cannot be written, before anything else is done", async () => {
    const blocker = file("blocker", "");
    const run = await meniscus(["start", "--json", path.join(blocker, "summary.json")]);
    expectRefusal(run, /blocker/);
    expect(readFileSync(blocker, "utf8")).to.equal("");
  });

  it("refuses a place whose folder takes no file, even of root's, before anything else is done", async () => {
    for (const place of ["/proc/foo.json", "/proc/nowhere/else/foo.json"])
      expectRefusal(await meniscus(["start", "--json", place]), new RegExp(`${place} cannot be written`));
    const { stderr } = await meniscus(["start", "--json", "/sys/foo.json"]);
    expect(stderr).to.match(/^error: \/sys\/foo\.json cannot be written: .*, and that you may write to\.\n$/);
  });

  it("refuses one file for two outputs, however it is spelt", async () => {
    const [real, link] = [file("both", ""), path.join(folder, "link")];
    symlinkSync(real, link);
    expectRefusal(await meniscus(["start", "--json", real, "--plot", link]), /named twice/);
  });

  it("refuses options that are empty, as of a shell variable that is not set", async () => {
    for (const option of ["--chain", "--currency", "--json", "--plot", "--story"])
      expectRefusal(await meniscus(["start", option, ""]), new RegExp(`option '${option}.*It is empty`));
  });

  it("names a path that leads through a file, and does not echo a binary one", async () => {
    expectRefusal(await meniscus(["start", "--chain", path.join(file("leaf", ""), "x")]), /ENOTDIR/);
    expectRefusal(await meniscus(["start", "--chain", process.execPath]), /is no text/);
  });

  it("writes no colours into a file", async () => {
    const { stderr, stdout } = await meniscus(
      ["start", "--live", "deribit", "--deribit-url", "http://127.0.0.1:9"],
      {
        env: { NO_COLOR: undefined },
      },
    );
    expect(stderr).to.match(/^- Asking Deribit/m);
    expect(stderr + stdout).to.not.contain("\u001b");
  });

  it("prints help of every verb and step, and exits with 0", async () => {
    const whole = await meniscus(["--help"]);
    const verbs = [...whole.stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, verb]) => verb!);
    expect(verbs).to.include.members(["start", "fit", "keep", "deploy", "rehearse", "simulate"]);
    const asked = verbs.filter((verb) => verb !== "help").map((verb) => [verb, "--help"]);
    for (const args of [["--help"], ["help", "start"], ["keep", "hedge", "--help"], ...asked]) {
      const run = await meniscus(args);
      expect([run.code, run.stderr], args.join(" ")).to.deep.equal([0, ""]);
      expect(run.stdout, args.join(" ")).to.match(/^Usage: meniscus/);
    }
  }).timeout(300_000);

  it("says which version it is", async () => {
    const { code, stdout } = await meniscus(["--version"]);
    expect([code, stdout.trim()]).to.deep.equal([0, "0.1.0"]);
  });

  it("leaves the lines of its help to be broken where the terminal ends", () => {
    for (const command of [startCommand(), simulateCommand(), deployCommand(), rehearseCommand()])
      expect(command.description(), command.name()).to.not.include("\n");
  });
});
