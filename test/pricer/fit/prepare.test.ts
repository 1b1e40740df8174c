import { type Prepared, prepare } from "@meniscus/pricer/fit/prepare";
import { LOG_CURVATURE } from "@meniscus/pricer/fit/smile";
import { expect } from "chai";
import { changed, expiryAt, quoteAt } from "../../support/cleanChain.ts";

describe("what a thin slice leans on", () => {
  const thin = expiryAt(30, 3, 2);
  const flat = (days: number) => changed(expiryAt(days), (quotes) => quotes.map(({ k }) => quoteAt(k, 0.6)));
  const leaningOn = (...neighbours: ReturnType<typeof flat>[]) => {
    const slices = prepare([...neighbours, thin].sort((one, other) => one.tau - other.tau)) as Prepared[];
    const { quality, data } = slices.find(({ expiry }) => expiry === thin)!;
    expect(quality).equal("thin");
    return data.prior!.centre[LOG_CURVATURE]!;
  };

  it("is as curved as its neighbours", () => {
    expect(leaningOn(expiryAt(7), expiryAt(90))).closeTo(-1.4, 0.1);
  });

  it("is curved a little where a neighbour's free fit is not at all", () => {
    const [{ free }] = prepare([flat(7)]) as [Prepared];
    expect(free![LOG_CURVATURE]).below(-5);
    expect(leaningOn(flat(7), flat(90))).equal(-2.5);
    // Between a flat neighbour and a curved one, between the least and its curvature.
    expect(leaningOn(flat(7), expiryAt(90))).within(-2.1, -1.6);
  });
});
