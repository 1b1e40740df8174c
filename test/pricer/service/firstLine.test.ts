import { firstLine } from "@meniscus/pricer/service/firstLine";
import { openNode } from "@meniscus/pricer/service/node";
import { expect } from "chai";
import { AbiCoder, type JsonRpcProvider, ZeroAddress } from "ethers";
import { type RpcProxy, startProxy } from "../../support/keeper/proxy.ts";

describe("what a service says went wrong", () => {
  let proxy: RpcProxy;
  let provider: JsonRpcProvider;
  before(async () => {
    proxy = await startProxy("http://127.0.0.1:1");
    provider = openNode(proxy.url, 31337, 2);
  });
  after(() => {
    provider.destroy();
    proxy.close();
  });

  const call = { from: ZeroAddress, to: ZeroAddress, data: "0x12345678" };
  const REQUESTS: Record<string, () => Promise<unknown>> = {
    estimate: () => provider.estimateGas(call),
    call: () => provider.call(call),
    balance: () => provider.getBalance(ZeroAddress),
    send: () => provider.send("eth_sendRawTransaction", ["0x02"]),
  };

  for (const [name, request] of Object.entries(REQUESTS))
    it(`is what the node says to a request (${name}), of a URL its host`, async () => {
      for (const said of [
        "rate limit exceeded",
        "gas required exceeds allowance (0)",
        "missing trie node",
        "insufficient funds for gas * price + value: balance 1",
        "nonce too low: next nonce 5, tx nonce 4",
        "replacement transaction underpriced",
        "the method eth_any does not exist/is not available",
      ]) {
        proxy.treat = () => ({ error: `${said}, see https://node.example/v3/SECRET\nmore` });
        const told = await request().then(() => "nothing", firstLine);
        expect(told).to.equal(`${said}, see node.example`);
      }
    });

  it("is why a request came to nothing, where fetch says only that it did", async () => {
    const told = await fetch("http://127.0.0.1:9").then(() => "nothing", firstLine);
    expect(told).to.match(/ECONNREFUSED|bad port/);
  });

  it("is ethers' word where the node has none, and where it reads what the contract said", () => {
    const why = `0x08c379a0${AbiCoder.defaultAbiCoder().encode(["string"], ["why"]).slice(2)}`;
    const failed = (data: string | null, error: object) =>
      Object.assign(AbiCoder.getBuiltinCallException("call", call, data), { info: { error } });
    expect(firstLine(failed(null, { code: -32000 }))).to.equal("missing revert data");
    expect(firstLine(failed(why, { message: "VM Exception" }))).to.equal('execution reverted: "why"');
    expect(firstLine("a word")).to.equal("a word");
  });
});
