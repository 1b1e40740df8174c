import type { ProvidingSummary } from "@meniscus/cli/json/summary";
import { providerLines, providersLine, unhedgedLine } from "@meniscus/cli/verbs/start/tables/vaultTables";
import { expect } from "chai";

const SYMBOLS = { base: "ETH", quote: "USDC" };
const providing = (waiting: number): ProvidingSummary => ({
  epochs: [],
  providers: {
    base: { brought: 83.2289, got: waiting === 0 ? 83.3 : 0, waiting },
    quote: { brought: 250_000, got: waiting === 0 ? 250_267.234 : 0, waiting },
  },
});

describe("what is told of the vault", () => {
  it("counts the looks that hedged nothing, by their reasons", () => {
    expect(unhedgedLine([])).to.equal(null);
    expect(unhedgedLine(["InsideBand", "SpotOld", "InsideBand", "Unfilled"])).to.equal(
      "Looks that hedged nothing: 2 (its delta was inside the band), 1 (nobody could fill the auction, even at its bound), " +
        "1 (the report's spot was too old).",
    );
  });

  it("has providers leave only where they did", () => {
    expect(providersLine(providing(0))).to.match(/and leave after the last one\.$/);
    expect(providersLine(providing(140.2871))).to.match(/is over before they could ask to leave\.$/);
  });

  it("says in which asset each provider brought what and got what back", () => {
    expect(providerLines(providing(0), SYMBOLS)).to.deep.equal([
      "provider of ETH: brought 83.2289 ETH, got back 83.3000 ETH",
      "provider of USDC: brought 250000.00 USDC, got back 250267.23 USDC",
    ]);
    expect(providerLines(providing(140.2871), SYMBOLS)[0]).to.equal(
      "provider of ETH: brought 83.2289 ETH, got back 0.0000 ETH, 140.2871 shares are in the vault still",
    );
  });
});
