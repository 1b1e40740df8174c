import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { ChainError } from "@meniscus/pricer/chain/chain";
import { cleanChain } from "@meniscus/pricer/chain/clean";
import { formatRecordedChain, parseRecordedChain, recordedSource } from "@meniscus/pricer/source/recorded";
import { expect } from "chai";
import { dataFile, itWithData } from "../../support/data.ts";
import { cleanRecordedChains } from "../../support/recorded.ts";

const HEADER = [
  "timestamp_ms,currency,instrument,expiry_ms,strike,type,bid_price,ask_price",
  "mark_price,bid_iv,ask_iv,mark_iv,underlying_price,index_price,open_interest,volume",
].join(",");
const CALL =
  "1770000000123,ETH,ETH-27MAR26-3000-C,1774598400000,3000,C,0.05,0.052,0.051,,,0.6,2900.5,2880,1,2";
const PUT = "1770000000456,ETH,ETH-27MAR26-2500-P,1774598400000,2500,P,0.03,,0.031,,,0.65,2900.5,2880,1,2";
const BTC =
  "1770000000456,BTC,BTC-27MAR26-90000-P,1774598400000,90000,P,0.03,0.032,0.031,,,0.45,89000,88000,1,2";

function csv(...rows: string[]): string {
  return `${[HEADER, ...rows].join("\n")}\n`;
}

function parse(text: string, currency?: string) {
  return parseRecordedChain(text, "x.csv", currency);
}

describe("formatRecordedChain", () => {
  it("writes what is read as the same quotes, with fields that were not given, and rows that are odd", () => {
    const odd = "1770000000456,ETH,odd,,1e-7,P,,x,,,,,,,,";
    const { quotes, ...chain } = parse(csv(CALL, PUT, odd));
    const again = parse(formatRecordedChain({ quotes, ...chain }));
    expect(again).to.deep.equal({ ...chain, quotes });
    expect(quotes).to.have.length(3);
  });

  itWithData("does so with a recorded chain of Deribit", async () => {
    const chain = await recordedSource(dataFile("chains/deribit_ETH_20260205T212937Z.csv.gz")).read();
    expect(parse(formatRecordedChain(chain)).quotes).to.deep.equal(chain.quotes);
  });
});

describe("recordedSource", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "meniscus-recorded-"));
  });
  after(() => rm(folder, { recursive: true }));

  async function fileWith(name: string, content: string | Buffer): Promise<string> {
    const file = path.join(folder, name);
    await writeFile(file, content);
    return file;
  }

  async function errorOf(file: string, currency?: string): Promise<string> {
    try {
      await recordedSource(file, currency).read();
    } catch (error) {
      expect(error).to.be.instanceOf(ChainError);
      const { message } = error as ChainError;
      expect(message).not.to.contain("\n");
      return message;
    }
    throw new Error(`${file} was read`);
  }

  it("reads plain and gzip files alike, whatever their names say", async () => {
    const chains = [
      await recordedSource(await fileWith("plain.csv", csv(CALL, PUT))).read(),
      await recordedSource(await fileWith("packed.csv.gz", gzipSync(csv(CALL, PUT)))).read(),
      await recordedSource(await fileWith("plain.gz", csv(CALL, PUT))).read(),
      await recordedSource(await fileWith("packed.csv", gzipSync(csv(CALL, PUT)))).read(),
    ];
    for (const chain of chains) expect(chain.quotes).to.deep.equal(chains[0]!.quotes);
    expect(chains[0]!.quotes).to.deep.equal([
      {
        instrument: "ETH-27MAR26-3000-C",
        expiryAt: 1774598400,
        strike: 3000,
        type: "C",
        bid: 0.05,
        ask: 0.052,
        mark: 0.051,
        markVol: 0.6,
        forward: 2900.5,
        index: 2880,
        atMs: 1770000000123,
      },
      {
        instrument: "ETH-27MAR26-2500-P",
        expiryAt: 1774598400,
        strike: 2500,
        type: "P",
        bid: 0.03,
        ask: null,
        mark: 0.031,
        markVol: 0.65,
        forward: 2900.5,
        index: 2880,
        atMs: 1770000000456,
      },
    ]);
  });

  it("dates the snapshot by its newest row, rounded up to a second", () => {
    expect(parse(csv(CALL, PUT)).snapshotAt).to.equal(1770000001);
  });

  it("is not dated by a row hours ahead of the others, which are not stale for it", () => {
    const ahead = CALL.replace("1770000000123", String(1770000000123 + 2 * 3_600_000)).replaceAll(
      "3000",
      "3100",
    );
    const chain = parse(csv(CALL, PUT, ahead));
    expect(chain.snapshotAt).to.equal(1770000001);
    expect(chain.quotes).to.have.length(2);
    expect(chain.unread).to.deep.equal({ "time far from the others": 1 });
    expect(cleanChain(chain).expiries[0]!.dropped).not.to.have.property("stale");
  });

  it("says in one line that a file is missing, a folder, or empty", async () => {
    expect(await errorOf(path.join(folder, "absent.csv"))).to.match(
      /^There is no file .*absent\.csv: check the path\.$/,
    );
    expect(await errorOf(folder)).to.contain("is a folder: name one file in it");
    expect(await errorOf(await fileWith("empty.csv", ""))).to.contain("empty.csv is empty");
    expect(await errorOf(await fileWith("blank.csv", " \n\n"))).to.contain("blank.csv is empty");
    expect(await errorOf(await fileWith("empty.csv.gz", gzipSync("")))).to.contain("is empty");
  });

  it("says in one line that a gzip file is truncated or damaged", async () => {
    const packed = gzipSync(csv(...Array.from({ length: 200 }, () => CALL)));
    for (const cut of [packed.length - 1, packed.length >> 1, 12, 2]) {
      const file = await fileWith("cut.csv.gz", packed.subarray(0, cut));
      expect(await errorOf(file)).to.equal("cut.csv.gz is a damaged or truncated gzip file: fetch it again.");
    }
    const damaged = Buffer.from(packed);
    damaged[packed.length - 6]! ^= 0xff;
    expect(await errorOf(await fileWith("bad.csv.gz", damaged))).to.contain("damaged");
  });

  it("does not take every file that starts with the byte 1f for gzip", async () => {
    const file = await fileWith("unit-separator.csv", `\u001f${csv(CALL)}`);
    expect(await errorOf(file)).to.contain("lacks the column timestamp_ms");
  });

  it("names every missing column", () => {
    const without = csv(CALL).replace("bid_price", "bid").replace("strike", "k");
    expect(() => parse(without)).to.throw(ChainError, "x.csv lacks the columns strike, bid_price.");
    expect(() => parse("a,b\n1,2\n")).to.throw(ChainError, "lacks the columns timestamp_ms, currency");
    expect(() => parse("PK\u0003\u0004 no csv at all")).to.throw(ChainError, "lacks the columns");
  });

  it("does not echo the bytes of a file that is no text", async () => {
    const binary = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 0x1b, 0x5b, 0x33, 0x31, 0x6d, 0x22, 0xff]);
    expect(await errorOf(await fileWith("program", binary))).to.equal(
      "program is no text: give a chain as CSV, plain or gzip.",
    );
    expect(() => parse(`${HEADER}\na\u001b[31m"b,c\n`)).to.throw(ChainError, /^x\.csv is not CSV: [ -~]+$/);
  });

  it("says in one line that a path leads through a file", async () => {
    const file = await fileWith("plain.csv", csv(CALL));
    expect(await errorOf(path.join(file, "x"))).to.contain("cannot be read (ENOTDIR)");
  });

  it("does without the columns that not every venue has", () => {
    const columns = "timestamp_ms,currency,instrument,expiry_ms,strike,type,bid_price,ask_price";
    const row = "1770000000000,ETH,ETH-27MAR26-3000-C,1774598400000,3000,C,0.05,0.052";
    const [quote] = parse(`${columns}\n${row}\n`).quotes;
    expect(quote).to.include({ bid: 0.05, mark: null, markVol: null, forward: null, index: null });
  });

  it("says in one line that there are no rows, or that the text is no CSV", () => {
    expect(() => parse(csv())).to.throw(ChainError, "x.csv has a header but no rows.");
    expect(() => parse(`${HEADER}\n"unclosed`)).to.throw(ChainError, /^x\.csv is not CSV: [^\n]+$/);
  });

  it("takes the currency asked, and says which are there when it is not", () => {
    expect(parse(csv(CALL, BTC), "btc").quotes).to.have.length(1);
    expect(parse(csv(CALL, BTC), "ETH").currency).to.equal("ETH");
    expect(() => parse(csv(CALL, BTC), "SOL")).to.throw(
      ChainError,
      "x.csv has no rows of SOL; it has BTC, ETH.",
    );
  });

  it("asks to choose when a file holds two currencies", () => {
    expect(() => parse(csv(CALL, BTC))).to.throw(
      ChainError,
      "x.csv holds BTC and ETH: choose one by --currency.",
    );
    expect(() => parse(csv(CALL.replace("ETH,", ",")))).to.throw(ChainError, "names no currency in any row");
  });

  it("counts rows that are no option quotes, and hands on bad numbers as they are", () => {
    const rows = [
      CALL,
      CALL.replace(",C,", ",F,"),
      CALL.replace("1770000000123", "yesterday"),
      CALL.replace("1770000000123", "1e17"),
      CALL.replace("1770000000123", "1990000000123"),
      CALL.replace("0.05,0.052", "NaN,-1"),
      CALL.replace("3000,C", ",C"),
      CALL.replace("0.05,0.052", "a few,1e400"),
      "1770000000123,ETH,cut",
      PUT,
    ];
    const chain = parse(csv(...rows));
    expect(chain.unread).to.deep.equal({
      "type neither C nor P": 2,
      "time not a number": 2,
      "time far from the others": 1,
    });
    expect(chain.snapshotAt).to.equal(1770000001);
    expect(chain.quotes).to.have.length(5);
    expect(chain.quotes[1]).to.deep.include({ bid: Number.NaN, ask: -1 });
    expect(chain.quotes[2]!.strike).to.be.NaN;
    expect(chain.quotes[3]).to.deep.include({ bid: Number.NaN, ask: Number.POSITIVE_INFINITY });
    expect(cleanChain(chain).dropped).to.include(chain.unread);
  });

  it("refuses a file in which no row of the currency can be read", () => {
    for (const [row, reason] of [
      [CALL.replace(",C,", ",call,"), "type neither C nor P"],
      [CALL.replace("1770000000123", "2026-06-10T12:00:00Z"), "time not a number"],
    ])
      expect(() => parse(csv(row!))).to.throw(
        ChainError,
        `x.csv has no readable ETH row (${reason}: 1): write times in milliseconds since 1970, as 1781092800000, and the type as C or P.`,
      );
  });

  it("asks for commas where columns are separated otherwise", () => {
    for (const separator of [";", "\t", "|"])
      expect(() => parse(csv(CALL).replaceAll(",", separator)), separator).to.throw(
        ChainError,
        /^x\.csv is not separated by commas: put one between its columns, and a point in decimals\.$/,
      );
  });

  it("counts a header in the midst of the rows, and takes it for no currency", () => {
    const chain = parse(csv(CALL, HEADER, PUT));
    expect(chain.quotes).to.have.length(2);
    expect(chain.unread).to.deep.equal({ "header again": 1 });
  });

  it("hands no control character of a currency on", () => {
    const odd = CALL.replace(",ETH,", ",E\u001b[31mTH,");
    for (const [rows, currency] of [[[odd]], [[odd, BTC]], [[odd, BTC], "ETH"]] as [string[], string?][])
      expect(() => parse(csv(...rows), currency)).to.throw(
        ChainError,
        /^x\.csv has control characters in its currency column: write [ -~]*$/,
      );
    expect(parse(csv(odd, BTC), "BTC").quotes).to.have.length(1);
  });

  it("says of expiries in seconds that they are not in milliseconds", () => {
    expect(() => cleanChain(parse(csv(CALL.replace("1774598400000", "1774598400"))))).to.throw(
      ChainError,
      /no option is left to price \(expiry_ms not in milliseconds: 1\)/,
    );
  });

  const day = 86_400_000;
  const contradictions: [string, string, string][] = [
    ["a strike a tenth higher", ",3000,C", ",3300,C"],
    ["the other type", ",3000,C", ",3000,P"],
    ["an expiry a day later", "1774598400000", String(1774598400000 + day)],
    ["another strike in OKX's spelling", "ETH-27MAR26-3000-C", "ETH-USD-260327-3100-C"],
    ["another day in Derive's spelling", "ETH-27MAR26-3000-C", "ETH-20260328-3000-C"],
    ["another type in ccxt's spelling", "ETH-27MAR26-3000-C", "ETH/USD:ETH-260327-3000-P"],
  ];
  for (const [what, column, changed] of contradictions)
    it(`drops a row that says ${what} than its name`, () => {
      const { quotes, unread } = parse(csv(CALL.replace(column, changed), PUT));
      expect(unread).to.deep.equal({ "name contradicts its columns": 1 });
      expect(quotes).to.deep.equal(parse(csv(PUT)).quotes);
    });

  it("keeps a row whose name says nothing, or the same in other words", () => {
    const names = ["", "call 3000", "ETH-PERPETUAL", "ETH-USD-260327-3000-C", "ETH-260327-3000.0-C"];
    const rows = names.map((name) => CALL.replace("ETH-27MAR26-3000-C", name));
    // By way of floats, and an hour that cleaning names better.
    rows.push(CALL.replace(",3000,C", ",3000.0000004,C"), CALL.replace("1774598400000", "1774602000000"));
    const { quotes, unread } = parse(csv(...rows));
    expect(unread).to.deep.equal({});
    expect(quotes).to.have.length(rows.length);
  });

  itWithData("finds no name in a recorded chain that contradicts its columns", async () => {
    for (const { name, chain } of await cleanRecordedChains()) expect(chain.unread, name).to.deep.equal({});
  });

  it("reads Windows line ends, a byte order mark, spaces and blank lines", () => {
    const text = `\uFEFF${csv(CALL, "", PUT).replaceAll("\n", "\r\n").replaceAll(",", " , ")}`;
    expect(parse(text).quotes).to.deep.equal(parse(csv(CALL, PUT)).quotes);
  });

  it("can be interrupted", async () => {
    const file = await fileWith("some.csv", csv(CALL));
    const read = recordedSource(file).read(AbortSignal.abort());
    expect(await read.catch((error: Error) => error.name)).to.equal("AbortError");
  });

  itWithData("reads a recorded crash whole", async () => {
    const file = dataFile("chains/deribit_ETH_20260205T212937Z.csv.gz");
    const chain = await recordedSource(file).read();
    expect(chain.source).to.equal(
      "recorded chain deribit_ETH_20260205T212937Z.csv.gz (ETH, 2026-02-05T21:29:37.885Z)",
    );
    expect(chain.unread).to.deep.equal({});
    expect(chain.quotes.length).to.be.greaterThan(500);
  });
});
