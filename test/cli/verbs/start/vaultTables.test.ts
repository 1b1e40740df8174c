import type { AttributionSummary, EpochSummary, ProvidingSummary } from "@meniscus/cli/json/summary";
import {
  attributionTable,
  providerLines,
  providersLine,
  unhedgedLine,
} from "@meniscus/cli/verbs/start/tables/vaultTables";
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

  it("tells an epoch's parts, which sum to its total, and the premium behind that", () => {
    const parts = { fees: 85, rent: 1, impact: 43, hedging: -47, delta: 359, gammaAndTheta: 178 };
    const attribution: AttributionSummary = {
      ...{ ...parts, vega: -288, residual: 0.5 },
      ...{ total: 331.5, premium: 2912.25 },
    };
    const [head, row] = attributionTable({ epochs: [{ number: 2, attribution } as EpochSummary] }).split(
      "\n",
    );
    expect(head!.trim()).to.match(/residual +total +premium, not in the sum$/);
    const [number, ...told] = row!.trim().split(/ +/).map(Number);
    expect(number).to.equal(2);
    expect(told.slice(-2)).to.deep.equal([331.5, 2912.25]);
    expect(told.slice(0, -2).reduce((sum, part) => sum + part, 0)).to.equal(331.5);
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
