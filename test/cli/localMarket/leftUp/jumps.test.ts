import { jumpOf, stopsBetween } from "@meniscus/cli/localMarket/leftUp/jumps";
import { expect } from "chai";

const at = (day: number, hour: number, minute = 0, second = 0) =>
  Date.UTC(2027, 0, day, hour, minute, second) / 1000;
const EXPIRY = at(8, 8);

describe("a jump of a kept chain", () => {
  it("stops at every cut-off, around every expiry, and shortly before its end", () => {
    expect(stopsBetween(at(6, 10), at(8, 10), [EXPIRY, at(29, 8)])).to.deep.equal([
      at(7, 9),
      at(8, 7, 20),
      at(8, 7, 45),
      at(8, 8, 2, 10),
      at(8, 9),
      at(8, 9, 59, 15),
    ]);
  });

  it("stops every five minutes on a way of up to an hour, and nowhere on one of less than a minute", () => {
    const from = at(6, 10);
    expect(stopsBetween(from, from + 900, [EXPIRY])).to.deep.equal([from + 300, from + 600, from + 855]);
    expect(stopsBetween(from, from + 59, [EXPIRY])).to.deep.equal([]);
    expect(stopsBetween(from, from - 900, [EXPIRY])).to.deep.equal([]);
  });

  it("stops for nothing once the last expiry is long over, however far it goes", () => {
    const century = at(6, 10) + 100 * 365 * 86_400;
    const stops = stopsBetween(at(6, 10), century, [EXPIRY]);
    expect(stops.at(-1)).to.equal(century - 45);
    expect(stops.at(-2)).to.equal(at(9, 9));
  });

  it("is read from every method that moves a node's clock, numbers in either spelling", () => {
    const now = at(6, 10);
    expect(jumpOf("evm_increaseTime", [3600], now)).to.deep.equal({ to: now + 3600, blocks: null });
    expect(jumpOf("evm_increaseTime", ["0xe10"], now)).to.deep.equal({ to: now + 3600, blocks: null });
    expect(jumpOf("evm_setNextBlockTimestamp", [EXPIRY], now)).to.deep.equal({ to: EXPIRY, blocks: null });
    expect(jumpOf("evm_mine", [`0x${EXPIRY.toString(16)}`], now)).to.deep.equal({ to: EXPIRY, blocks: null });
    expect(jumpOf("hardhat_mine", ["0x3e9", "0xc"], now)).to.deep.equal({
      to: now + 12_000,
      blocks: { count: 1001, interval: 12 },
    });
    expect(jumpOf("hardhat_mine", [101], now)?.to).to.equal(now + 100);
  });

  it("is none where a request names no time, or moves no clock", () => {
    for (const [method, params] of [
      ["evm_mine", []],
      ["evm_mine", undefined],
      ["evm_increaseTime", ["soon"]],
      ["eth_blockNumber", [3600]],
      ["toString", [3600]],
    ] as const)
      expect(jumpOf(method, params, 0), method).to.equal(null);
  });
});
