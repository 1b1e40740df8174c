import { affordableFees, feesAbove, firstFees, replacingFees } from "@meniscus/pricer/service/fees";
import { expect } from "chai";
import { parseUnits } from "ethers";
import fc from "fast-check";

describe("the fees of a service", () => {
  const limits = { feeCap: parseUnits("100", "gwei"), priorityFee: parseUnits("0.1", "gwei") };
  const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
  const fee = fc.bigInt({ min: 1n, max: parseUnits("300", "gwei") });

  it("are never above the cap, and can always be mined in the next block", () => {
    fc.assert(
      fc.property(fee, (baseFee) => {
        const fees = firstFees(baseFee, limits);
        const dearest = baseFee + limits.priorityFee;
        if (fees === null) expect(dearest > limits.feeCap).to.equal(true);
        else expect(fees.maxFeePerGas <= limits.feeCap && fees.maxFeePerGas >= dearest).to.equal(true);
      }),
    );
  });

  it("of a nonce at which offers were lost are an eighth above all of them, or the cap", () => {
    const offer = fc.record({ maxFeePerGas: fee, maxPriorityFeePerGas: fee }).map((fees) => ({
      ...fees,
      maxPriorityFeePerGas: least(fees.maxFeePerGas, fees.maxPriorityFeePerGas),
    }));
    fc.assert(
      fc.property(fee, fc.array(offer, { maxLength: 4 }), (baseFee, lost) => {
        const first = firstFees(baseFee, limits);
        fc.pre(first !== null);
        const fees = feesAbove(lost, first, limits);
        if (lost.length === 0) expect(fees).to.deep.equal(first);
        for (const key of ["maxFeePerGas", "maxPriorityFeePerGas"] as const) {
          expect(fees[key] >= first[key] && fees[key] <= limits.feeCap).to.equal(true);
          for (const earlier of lost)
            expect(fees[key] === limits.feeCap || fees[key] * 8n >= earlier[key] * 9n).to.equal(true);
        }
        expect(fees.maxPriorityFeePerGas <= fees.maxFeePerGas).to.equal(true);
      }),
    );
  });

  it("outbid a tip of nothing too, by a sixteenth of the most that is taken of a node's", () => {
    const [maxFeePerGas, base] = [parseUnits("20", "gwei"), parseUnits("0.001", "gwei")];
    const first = firstFees(base, { ...limits, priorityFee: 0n })!;
    const step = limits.priorityFee / 16n;
    for (const tip of [0n, 1n, 2n * step]) {
      const fees = feesAbove([{ maxFeePerGas, maxPriorityFeePerGas: tip }], first, limits);
      expect(fees.maxPriorityFeePerGas).to.equal(tip + step);
    }
    // What was offered before was next to nothing in all: then the whole price makes room for the tip.
    const fees = feesAbove([{ maxFeePerGas: 1n, maxPriorityFeePerGas: 0n }], first, limits);
    expect(fees).to.deep.equal({ maxFeePerGas: 2n * base + step, maxPriorityFeePerGas: step });
  });

  it("outbid what is nothing where no tip is to be paid, for a node takes no replacement of an equal one", () => {
    const free = { ...limits, priorityFee: 0n };
    const old = { maxFeePerGas: parseUnits("20", "gwei"), maxPriorityFeePerGas: 0n };
    const first = firstFees(1n, free)!;
    expect(feesAbove([old], first, free).maxPriorityFeePerGas > 0n).to.equal(true);
    expect(replacingFees(old, 1n, free)!.maxPriorityFeePerGas > 0n).to.equal(true);
  });

  it("are never above what the account has, and none where that is below the base fee", () => {
    fc.assert(
      fc.property(fee, fee, (baseFee, balancePerGas) => {
        const first = firstFees(baseFee, limits);
        fc.pre(first !== null);
        const fees = affordableFees(first, baseFee, balancePerGas);
        if (fees === null) expect(balancePerGas < baseFee).to.equal(true);
        else {
          expect(fees.maxFeePerGas).to.equal(least(first.maxFeePerGas, balancePerGas));
          expect(fees.maxFeePerGas >= baseFee).to.equal(true);
          expect(fees.maxPriorityFeePerGas <= fees.maxFeePerGas).to.equal(true);
        }
      }),
    );
  });

  it("of a replacement are an eighth above both of the old ones at least", () => {
    fc.assert(
      fc.property(fee, fee, fee, (maxFeePerGas, tip, baseFee) => {
        const old = { maxFeePerGas, maxPriorityFeePerGas: tip < maxFeePerGas ? tip : maxFeePerGas };
        const fees = replacingFees(old, baseFee, limits);
        if (fees === null) return;
        expect(fees.maxFeePerGas * 8n >= old.maxFeePerGas * 9n).to.equal(true);
        expect(fees.maxPriorityFeePerGas * 8n >= old.maxPriorityFeePerGas * 9n).to.equal(true);
        expect(fees.maxFeePerGas <= limits.feeCap).to.equal(true);
        expect(fees.maxFeePerGas >= baseFee + fees.maxPriorityFeePerGas).to.equal(true);
      }),
    );
  });
});
