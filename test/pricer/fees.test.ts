import { firstFees, replacingFees } from "@meniscus/pricer/service/fees";
import { expect } from "chai";
import { parseUnits } from "ethers";
import fc from "fast-check";

describe("the fees of a service", () => {
  const limits = { feeCap: parseUnits("100", "gwei"), priorityFee: parseUnits("0.1", "gwei") };
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
