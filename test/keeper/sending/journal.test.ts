import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { ConfigError } from "@meniscus/keeper/config";
import { Journal } from "@meniscus/keeper/sending/journal";
import { expect } from "chai";
import { intent, OWNER } from "../../support/keeper/intent.ts";

describe("the intent log", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-journal-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("gives back what was written, and passes over a line that was cut off", () => {
    const file = path.join(folder, "journal");
    const journal = new Journal(file, OWNER);
    journal.append(intent(0));
    journal.append(intent(1));
    journal.close();
    const whole = readFileSync(file, "utf8");
    const lastLine = whole.trimEnd().split("\n").at(-1)!;
    for (const cut of [2, 50, lastLine.length]) {
      writeFileSync(file, whole.slice(0, whole.length - cut));
      const again = new Journal(file, OWNER);
      expect(again.entries).to.deep.equal([intent(0)]);
      again.append(intent(2));
      again.close();
      const last = new Journal(file, OWNER);
      expect(last.entries).to.deep.equal([intent(0), intent(2)]);
      last.close();
    }
  });

  it("is of one account on one chain, and nobody else opens it", () => {
    const file = path.join(folder, "journal");
    // Killed while it said whose it is.
    writeFileSync(file, '{"type":"own');
    // Who only looks leaves no mark.
    new Journal(file, { ...OWNER, chainId: 3 }).close();
    expect(readFileSync(file, "utf8")).to.equal('{"type":"own');
    const journal = new Journal(file, OWNER);
    journal.append(intent(0));
    journal.close();
    new Journal(file, OWNER).close();
    for (const other of [{ account: `0x${"bb".repeat(20)}` }, { chainId: 2 }])
      expect(() => new Journal(file, { ...OWNER, ...other })).to.throw(
        ConfigError,
        /journal is the intent log of 0xa{40} on chain 1, not of 0x[ab]{40} on chain [12]\./,
      );
    writeFileSync(file, `${JSON.stringify(intent(0))}\n`);
    expect(() => new Journal(file, OWNER)).to.throw(ConfigError, /is the intent log of nobody it names/);
  });

  it("leaves a file alone that is no log, and says what to do", () => {
    const file = path.join(folder, "journal");
    const binary = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 151 + 7) % 256));
    const owner = JSON.stringify({ type: "owner", ...OWNER });
    const foreign = [
      binary,
      '{"rpc": "http://127.0.0.1:8545"}',
      "# notes\n",
      `# notes\n${owner}\n`,
      "[]",
      " \n",
    ];
    for (const content of foreign) {
      writeFileSync(file, content);
      expect(() => new Journal(file, OWNER), String(content).slice(0, 20)).to.throw(
        ConfigError,
        `${file} is no intent log of a keeper, and was left as it is. Give "journal" the path of`,
      );
      expect(readFileSync(file).equals(Buffer.from(content))).to.equal(true);
    }
    // Empty, or cut off in the line of its owner, once or twice: nothing was sent with it.
    for (const content of ["", owner.slice(0, 40), owner, `{"ty\n${owner.slice(0, 9)}`, `{"ty\n${owner}\n`]) {
      writeFileSync(file, content);
      for (const nonce of [0, 1]) {
        const journal = new Journal(file, OWNER);
        journal.append(intent(nonce));
        journal.close();
      }
      const again = new Journal(file, OWNER);
      expect(again.entries).to.deep.equal([intent(0), intent(1)]);
      again.close();
    }
  });
});
