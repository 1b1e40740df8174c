import path from "node:path";
import { moduleParameters } from "@meniscus/cli/verbs/deploy/moduleParameters";
import { parseNetworkFile } from "@meniscus/cli/verbs/deploy/networkFile";
import { BOOK_TERMS, POOL_PARAMETERS } from "@meniscus/sdk/pool/terms";
import { trancheTerms, VAULT_TERMS } from "@meniscus/sdk/vault/terms";
import { expect } from "chai";
import { account, content, filled, messageOf, NETWORKS } from "../../../support/networkFile.ts";

describe("a network's parameter file", () => {
  for (const name of NETWORKS) {
    it(`${name} names what it leaves to the operator, and nothing else is missing`, () => {
      const lines = messageOf(() => parseNetworkFile(content(name), name))
        .split("\n")
        .slice(1);
      expect(lines.every((line) => line.includes("required, and not given"))).to.equal(true);
      const roles = ["signers", "quorum", "governor", "council", "guardian", "lister"];
      expect(lines.map((line) => line.trim().split(":")[0])).to.include.members(roles);
      expect(parseNetworkFile(filled(name), name).network).to.equal(path.basename(name, ".json"));
    });
  }

  it("is refused with every field that is wrong, by name", () => {
    const broken = filled("mainnet.json", {
      governor: "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756CC2",
      quorum: 4,
      surface: { levelBps: 5000, skewBps: 1000, basisBps: 50, quarantine: 60 },
      council: account(0),
      wrong: 1,
    });
    const message = messageOf(() => parseNetworkFile(broken, "mine.json"));
    for (const said of ["governor: no address", "council: no address", "surface.quarantine", "wrong"])
      expect(message).to.include(said);
    for (const minimumAmount of ["0", "0.000", "1000000"])
      expect(
        messageOf(() => parseNetworkFile(filled("mainnet.json", { minimumAmount }), "mine.json")),
      ).to.include("minimumAmount: a decimal number of options, more than 0");
    expect(messageOf(() => parseNetworkFile(filled("mainnet.json", { quorum: 4 }), "mine.json"))).to.include(
      "quorum: 4, of no more than 3 signers",
    );
  });

  it("takes the rate bounds that VolSurface takes, to either end, and no other", () => {
    const { surface } = filled("mainnet.json") as { surface: object };
    const parsed = (bounds: object) =>
      parseNetworkFile(filled("mainnet.json", { surface: { ...surface, ...bounds } }), "mine.json");
    for (const [bounds, beyond] of [
      [{ levelBps: 3000, skewBps: 700, basisBps: 30 }, -1],
      [{ levelBps: 10_000, skewBps: 5000, basisBps: 500 }, 1],
    ] as const) {
      expect(parsed(bounds).surface).to.include(bounds);
      for (const [name, end] of Object.entries(bounds))
        expect(messageOf(() => parsed({ [name]: end + beyond }))).to.include(`surface.${name}`);
    }
  });

  it("is refused with every field that is missing, by name and in words", () => {
    const { governor: _, surface, ...rest } = filled("mainnet.json") as { governor: string; surface: object };
    const broken = { ...rest, surface: { ...surface, quarantine: undefined } };
    const lines = messageOf(() => parseNetworkFile(broken, "mine.json")).split("\n");
    expect(lines).to.include.members(["  governor: is missing", "  surface.quarantine: is missing"]);
  });

  it("gives the modules signers by rising address, and a feed's heartbeat with its margins", () => {
    const file = parseNetworkFile(filled("arbitrum.json"), "arbitrum.json");
    const parameters = moduleParameters(file, account(9)) as Record<string, Record<string, never>>;
    expect(parameters.Market!.signers).to.deep.equal([account(5), account(6), account(7)]);
    const { sources, settlementBase, settlementQuote } = parameters.Oracles as never as {
      sources: { base: { heartbeat: number }; sequencer: string };
      settlementBase: { maxSilence: number };
      settlementQuote: { maxSilence: number };
    };
    expect(sources.base.heartbeat).to.equal(86_700);
    expect(sources.sequencer).to.equal(file.sequencer);
    // Three heartbeats of a day are three days, the most that SettlementOracle takes.
    expect([settlementBase.maxSilence, settlementQuote.maxSilence]).to.deep.equal([259_200, 93_600]);
  });

  it("gives the modules the proposed terms, but for those that it names", () => {
    const terms = { book: { gammaBps: 20_000 }, quoteTranche: { cap: "1000000000000" } };
    const file = parseNetworkFile(filled("mainnet.json", { terms }), "mainnet.json");
    const { OptionPool, Vault } = moduleParameters(file, account(9)) as Record<string, object>;
    expect(OptionPool).to.deep.include({
      terms: { ...BOOK_TERMS, gammaBps: 20_000 },
      parameters: POOL_PARAMETERS,
    });
    expect(Vault).to.deep.include({
      terms: VAULT_TERMS,
      baseTerms: trancheTerms("base", 18),
      quoteTerms: { ...trancheTerms("quote", 6), cap: 10n ** 12n },
    });
    const wrong = {
      ...{ book: { gamma: 1 }, optionPool: { feeVolPpm: "1" }, baseTranche: { cap: "1.5" }, vault: {} },
      liquidityVault: { feeReceiver: "me" },
    };
    const message = messageOf(() => parseNetworkFile(filled("mainnet.json", { terms: wrong }), "mine.json"));
    for (const said of [
      'terms.book: "gamma" is no key here; known: ',
      "terms.optionPool.feeVolPpm: ",
      "terms.baseTranche.cap: no amount in the token's units, as text",
      "terms.liquidityVault.feeReceiver: no address",
      'terms: "vault" is no key here; known: ',
    ])
      expect(message).to.include(said);
  });
});
