import { withHostsOnly } from "@meniscus/pricer/service/withHostsOnly";
import { expect } from "chai";

describe("what is told of a URL", () => {
  const TOLD: [text: string, told: string][] = [
    ['"requestUrl": "https://a.b/v3/SECRET", postgres://me:SECRET@c:5432/d', '"requestUrl": "a.b", c:5432'],
    ["HTTPS://a.b/SECRET?key=SECRET#SECRET and Postgres://me:SECRET@c/d", "a.b and c"],
    ["postgre://me:SECRET@c/d, mysql://me:SECRET@c/d, postgresql+ssl://me:SECRET@c/d", "c c c"],
    [`postgres://me:12'SECRET"SECRET\`SECRET@c:1/d`, "c:1"],
    ["https://a.b/12'SECRET", "a.b"],
    ["postgres:/me:SECRET@c/d https:/a.b/SECRET", "a URL a.b"],
    ["postgres://me:SECRET", "a URL"],
  ];
  for (const [text, told] of TOLD)
    it(`is its host: ${told}`, () => {
      expect(withHostsOnly(text)).to.equal(told);
    });

  it("is nothing where a / ? or # in the password ends what may be the host", () => {
    for (const mark of "/?#")
      expect(withHostsOnly(`at postgres://me:12${mark}SECRET@c:1/d`)).to.equal("at a URL");
  });

  it("is all of a file's, as stack traces have it", () => {
    const trace = "    at file:///work/cli/src/main.ts:10:5";
    expect(withHostsOnly(trace)).to.equal(trace);
  });
});
