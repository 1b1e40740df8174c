/** A signer that lies: it has a key of the set, and puts it under whatever it likes. */

import type { MarketConfig } from "@meniscus/pricer/service/config";
import { parseReport } from "@meniscus/pricer/store/words";
import { type EncodedReport, signReport } from "@meniscus/sdk/report";
import type { Wallet } from "ethers";
import { json, type Stub, startStub } from "../deribitStub.ts";

export type Lie = "another report" | "an earlier signature" | "noise" | "everything";

export async function startLiar(
  key: Wallet,
  market: MarketConfig,
  lie: Lie,
): Promise<Pick<Stub, "close"> & { url: string }> {
  let earlier: object | null = null;
  const domain = { chainId: market.chainId, contract: market.contract };
  const stub = await startStub(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const report = parseReport(JSON.parse(Buffer.concat(chunks).toString()).report);
    const doubled: EncodedReport = { ...report, spot: report.spot * 2n };
    if (lie === "noise")
      return json(response, 200, { signer: key.address, signature: `0x${"5a".repeat(64)}` });
    earlier ??= await signReport(report, domain, key);
    if (lie === "an earlier signature") return json(response, 200, earlier);
    json(response, 200, await signReport(lie === "another report" ? doubled : report, domain, key));
  });
  return { url: new URL(stub.api).origin, close: stub.close };
}
