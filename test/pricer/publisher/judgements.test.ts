import { leastLeftOut } from "@meniscus/pricer/publisher/judgements";
import { expect } from "chai";

const EXPIRIES = [10, 20, 30, 40];

describe("what is left out of a draft so that a quorum signs the rest", () => {
  const least = (judgements: (number[] | null)[], size: number) => leastLeftOut(EXPIRIES, judgements, size);

  it("is nothing where a quorum signs the whole, whatever the others refuse", () => {
    expect(least([[], [], [10, 20, 30]], 2)).to.deep.equal([]);
    expect(least([[], null, []], 2)).to.deep.equal([]);
  });

  it("is what those refuse who are needed, together", () => {
    expect(least([[], [20], [20]], 2)).to.deep.equal([20]);
    expect(least([[10], [20], null], 2)).to.deep.equal([10, 20]);
    expect(least([[10], [20], [30]], 3)).to.deep.equal([10, 20, 30]);
  });

  it("is the fewest, so one who names more than the others is done without", () => {
    expect(least([[10, 30, 40], [20], []], 2)).to.deep.equal([20]);
    expect(least([[10], [20, 30], [20, 30]], 2)).to.deep.equal([20, 30]);
  });

  it("is not all, nor anything where too few would sign anything", () => {
    expect(least([[], EXPIRIES, EXPIRIES], 2)).to.equal(null);
    expect(least([[], null, null], 2)).to.equal(null);
    expect(least([[], [99], null], 2)).to.equal(null);
    expect(least([], 1)).to.equal(null);
  });

  it("is found however often an expiry is named", () => {
    const expiries = Array.from({ length: 16 }, (_, index) => index);
    const named = [...new Array<number>(20_000).fill(0), ...expiries.slice(1, 15)];
    expect(leastLeftOut(expiries, [named], 1)).to.deep.equal(expiries.slice(0, 15));
  });
});
