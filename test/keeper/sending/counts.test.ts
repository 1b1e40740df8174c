import { Counts } from "@meniscus/keeper/sending/counts";
import type { Entry } from "@meniscus/keeper/sending/journal";
import { expect } from "chai";
import type { Provider } from "ethers";

describe("a keeper's count of its transactions", () => {
  it("is held against a log of 200,000 entries, of some 290 days", async () => {
    const last = 199_999;
    const entries = Array.from({ length: last + 1 }, (_, nonce): Entry => {
      return { type: "final", nonce, hash: null, cost: "1", at: 1000 };
    });
    let next = last + 1;
    const provider = { getTransactionCount: async () => next } as unknown as Provider;
    const counts = new Counts(provider, "0x", entries);
    const head = { number: 1, hash: "0x", timestamp: 1000, baseFee: 1n };
    expect(await counts.ask(head)).to.equal(last + 1);
    next = last;
    const error = await counts.ask(head).catch((each) => each);
    expect(error.message).to.equal(
      "the node counts 199999 transactions of the account, and 200000 of them are final",
    );
  });
});
