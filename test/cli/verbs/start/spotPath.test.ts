import { spotPath } from "@meniscus/cli/verbs/start/story/spotPath";
import { expect } from "chai";

const DAY = 86_400;
const NOON = Date.UTC(2026, 4, 4, 12) / 1000;
const EXPIRY = Date.UTC(2026, 4, 8, 8) / 1000;
const SPOT = 2000n * 10n ** 18n;

describe("the path of spot", () => {
  const path = spotPath(NOON, EXPIRY, SPOT, 0.6, 1);

  it("has every evening and cut-off until the expiry, the expiry, and the cut-off after it", () => {
    expect(path.map(({ kind }) => kind)).to.deep.equal([
      ...["evening", "cut-off", "evening", "cut-off", "evening", "cut-off", "evening"],
      ...["expiry", "cut-off"],
    ]);
    for (const { at, kind } of path) {
      if (kind === "cut-off") expect(at % DAY).to.equal(9 * 3600 + 5);
      if (kind === "evening") expect(at % DAY).to.equal(21 * 3600);
    }
    expect(path.at(-2)!.at).to.equal(EXPIRY);
    const times = path.map(({ at }) => at);
    expect(times).to.deep.equal([...times].sort((one, other) => one - other));
  });

  it("is the same for the same seed, and another for another", () => {
    expect(spotPath(NOON, EXPIRY, SPOT, 0.6, 1)).to.deep.equal(path);
    expect(spotPath(NOON, EXPIRY, SPOT, 0.6, 2)).to.not.deep.equal(path);
  });

  it("moves as far as its volatility says, over many seeds", () => {
    const ends = Array.from({ length: 2000 }, (_, seed) => spotPath(NOON, EXPIRY, SPOT, 0.6, seed).at(-1)!);
    const returns = ends.map(({ spot }) => Math.log(Number(spot) / Number(SPOT)));
    const years = (ends[0]!.at - NOON) / (365 * DAY);
    const square = returns.reduce((sum, each) => sum + each ** 2, 0) / returns.length;
    // The relative error of a variance of 2,000 draws is 0.032; this is four of it.
    expect(square / (0.36 * years)).to.be.within(0.87, 1.13);
  });

  it("leaves days out of a story that would be too long, and keeps its end", () => {
    const far = spotPath(NOON, NOON - 4 * 3600 + 90 * DAY, SPOT, 0.6, 1);
    expect(far.length).to.be.at.most(24);
    expect(far.slice(-2).map(({ kind }) => kind)).to.deep.equal(["expiry", "cut-off"]);
  });
});
