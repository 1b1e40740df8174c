import { EventReader } from "@meniscus/cli/verbs/deploy/node";
import { expect } from "chai";
import { type Contract, makeError } from "ethers";

describe("the events of a deployment", () => {
  const refusal = (words: string, code = -32000) =>
    makeError("could not coalesce error", "UNKNOWN_ERROR", { error: { code, message: words } as never });
  const status = (responseStatus: string, responseBody: string | null = null) =>
    makeError(`server response ${responseStatus}`, "SERVER_ERROR", {
      ...{ request: "", info: { responseStatus, responseBody } },
    });
  /** A node with an event in every block, which throws what `refuse` gives for a span; and the spans it was asked for. */
  const nodeOf = (refuse: (size: number, from: number) => Error | undefined) => {
    const asked: number[] = [];
    const queryFilter = async (_: string, from: number, to: number) => {
      asked.push(to - from + 1);
      const error = refuse(to - from + 1, from);
      if (error !== undefined) throw error;
      return Array.from({ length: to - from + 1 }, (_, i) => from + i);
    };
    return { asked, contract: { queryFilter } as unknown as Contract };
  };
  const blocks = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const tooWide = refusal("block range is too large");

  it("are read at once, or in the widest spans that a node takes, each block once", async () => {
    const open = nodeOf(() => undefined);
    expect(await new EventReader().all(open.contract, "*", 5, 104)).to.deep.equal(blocks(5, 104));
    expect(open.asked).to.deep.equal([100]);
    const narrow = nodeOf((size) => (size > 10 ? tooWide : undefined));
    const reader = new EventReader();
    expect(await reader.all(narrow.contract, "*", 5, 2004)).to.deep.equal(blocks(5, 2004));
    // 200 spans of ten; the others look for the ten, and look again after 64 and 128.
    expect(narrow.asked.length).to.be.lessThan(230);
    narrow.asked.length = 0;
    await reader.all(narrow.contract, "*", 1, 100);
    expect(narrow.asked.length).to.be.lessThan(15);
  });

  it("are read in wider spans again after a part that has many", async () => {
    // Of ten blocks each until 1000, and as many as one likes after it.
    const dense = nodeOf((size, from) =>
      from <= 1000 && size > 10 ? refusal("query returned more than 10000 results", -32005) : undefined,
    );
    expect(await new EventReader().all(dense.contract, "*", 1, 100_000)).to.deep.equal(blocks(1, 100_000));
    expect(dense.asked.length).to.be.lessThan(250);
    expect(Math.max(...dense.asked.slice(1 + dense.asked.lastIndexOf(10)))).to.be.greaterThan(10_000);
  });

  it("are asked for no further than to the one that is looked for", async () => {
    const narrow = nodeOf((size) => (size > 10 ? tooWide : undefined));
    const found = await new EventReader().read(narrow.contract, "*", 1, 1000).next();
    expect(found.value).to.equal(1);
    expect(narrow.asked.filter((size) => size <= 10).length).to.equal(1);
  });

  const OF_SPAN: [string, Error][] = [
    ["Alchemy", refusal("You can make eth_getLogs requests with up to a 10 block range.", -32600)],
    ["Infura", refusal("range 1000000 exceeds limit of 10000", -32602)],
    ["QuickNode", status("413 Content Too Large", '{"error":{"message":"limited to a 10,000 range"}}')],
    ["Alchemy by status", status("400 Bad Request", '{"error":{"message":"Log response size exceeded."}}')],
    ["Erigon", refusal("query block range exceeds server limit, narrow your filter: 5")],
    ["Tenderly", makeTenderly()],
    ["a public node", refusal("exceed maximum block range: 50000", -32701)],
    ["one that names its code only", refusal("Invalid params", -32602)],
    ["one that takes too long", refusal("query timeout", -32000)],
  ];
  function makeTenderly() {
    const error = { code: -32602, message: "invalid params", data: { payload: "range 9 is bigger than 2" } };
    return makeError("could not coalesce error", "UNKNOWN_ERROR", { error: error as never });
  }
  for (const [name, error] of OF_SPAN)
    it(`are asked for in shorter spans where the span is refused, as by ${name}`, async () => {
      const node = nodeOf((size) => (size > 4 ? error : undefined));
      expect(await new EventReader().all(node.contract, "*", 1, 20)).to.deep.equal(blocks(1, 20));
    });

  const OF_ANYTHING_ELSE: [string, Error][] = [
    ["a wrong key", status("401 Unauthorized", '{"error":{"message":"limit your key to a range"}}')],
    ["a server's failure", status("502 Bad Gateway")],
    ["too many questions", refusal("rate limit exceeded", -32005)],
    ["too many questions a day", refusal("daily request count exceeded, request rate limited", -32005)],
    ["too many units", refusal("Your app has exceeded its compute units per second capacity", 429)],
    ["a key that is not taken", refusal("Unauthorized: You must authenticate")],
  ];
  for (const [what, error] of OF_ANYTHING_ELSE)
    it(`are not asked for again after ${what}`, async () => {
      const node = nodeOf(() => error);
      expect(await new EventReader().all(node.contract, "*", 1, 1000).catch((thrown) => thrown)).to.equal(
        error,
      );
      expect(node.asked).to.deep.equal([1000]);
    });
});
