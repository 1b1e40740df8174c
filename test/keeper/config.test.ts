import { ConfigError, KeeperSchema } from "@meniscus/keeper/config";
import { parseConfig } from "@meniscus/pricer/service/config";
import { expect } from "chai";
import { parseEther, parseUnits } from "ethers";

describe("a keeper's configuration", () => {
  const sound = {
    rpc: "http://127.0.0.1:8545",
    chainId: 1,
    vault: `0x${"11".repeat(20)}`,
    filler: `0x${"22".repeat(20)}`,
    journal: "keeper.jsonl",
  };

  it("has a default for all but where the market is", () => {
    const config = parseConfig(JSON.stringify(sound), "it", KeeperSchema);
    expect(config).to.include({
      finalBlocks: 12,
      feeCap: parseUnits("100", "gwei"),
      dailyBudget: parseEther("0.05"),
    });
  });

  it("takes an amount as text or as a number", () => {
    const parsed = (amounts: object) =>
      parseConfig(JSON.stringify({ ...sound, ...amounts }), "it", KeeperSchema);
    expect(parsed({ feeCapGwei: 100, dailyBudgetEther: 0.05 })).to.include({
      feeCap: parseUnits("100", "gwei"),
      dailyBudget: parseEther("0.05"),
    });
    for (const feeCapGwei of [-1, 1e30, 1e-10, true, "1,5"])
      expect(() => parsed({ feeCapGwei }), String(feeCapGwei)).to.throw(ConfigError, "it: feeCapGwei: ");
  });

  it("refuses a cap at which nothing is ever sent", () => {
    const parsed = (amounts: object) =>
      parseConfig(JSON.stringify({ ...sound, ...amounts }), "it", KeeperSchema);
    expect(() => parsed({ feeCapGwei: "0", priorityFeeGwei: "0" })).to.throw(
      ConfigError,
      "it: feeCapGwei: is 0,",
    );
    for (const fees of [
      { feeCapGwei: "1", priorityFeeGwei: "1.000000001" },
      { feeCapGwei: "0.05" },
      { priorityFeeGwei: 101 },
    ])
      expect(() => parsed(fees)).to.throw(ConfigError, "it: priorityFeeGwei: is above feeCapGwei,");
    expect(parsed({ feeCapGwei: "1", priorityFeeGwei: "1" })).to.include({
      feeCap: parseUnits("1", "gwei"),
    });
  });

  it("refuses a place of reports that it could not fetch from, and tells no secret of it", () => {
    const parsed = (reportUrl: string) =>
      parseConfig(JSON.stringify({ ...sound, reportUrl }), "it", KeeperSchema).reportUrl;
    expect(parsed("https://reports.example/1?key=2")).to.equal("https://reports.example/1?key=2");
    for (const url of [
      "http://me:hunter2@reports.example",
      "http://me@reports.example",
      "ws://reports.example",
    ])
      expect(() => parsed(url), url)
        .to.throw(ConfigError, "it: reportUrl: ")
        .with.property("message")
        .that.does.not.include("hunter2");
  });

  it("takes a least profit that is a whole number, and nothing that only looks like one", () => {
    const parsed = (minimumProfit: unknown) =>
      parseConfig(JSON.stringify({ ...sound, minimumProfit }), "it", KeeperSchema).minimumProfit;
    expect([parsed(undefined), parsed(0), parsed(2_500_000), parsed("2500000")]).to.deep.equal([
      1n,
      0n,
      2_500_000n,
      2_500_000n,
    ]);
    for (const wrong of [true, false, "", " ", "0x10", "1.5", 1.5, -1, "-1", 1e30, null, [], "1".repeat(31)])
      expect(() => parsed(wrong), JSON.stringify(wrong)).to.throw(ConfigError, "it: minimumProfit: ");
  });

  it("names every mistake with its place", () => {
    const wrong = { ...sound, chainId: 0, vault: "0x12", feeCapGwei: "-1", typo: 1 };
    expect(() => parseConfig(JSON.stringify(wrong), "keeper.json", KeeperSchema)).to.throw(
      ConfigError,
      /keeper\.json.*chainId.*vault.*feeCapGwei.*"typo" is no key here; known: rpc, chainId, vault, /,
    );
    for (const [key, known] of [
      ["feeCap", "feeCapGwei"],
      ["rpcTimeout", "rpc, rpcSeconds"],
    ])
      expect(() => parseConfig(JSON.stringify({ ...sound, [key!]: 1 }), "it", KeeperSchema)).to.throw(
        ConfigError,
        `it: the whole: "${key}" is no key here; known: ${known}.`,
      );
    expect(() => parseConfig("{", "keeper.json", KeeperSchema)).to.throw(
      ConfigError,
      "keeper.json is no JSON",
    );
  });
});
