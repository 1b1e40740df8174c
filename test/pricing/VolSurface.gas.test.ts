import { deploySurface, post, START, TENORS, connection, networkHelpers, signed, sampleReport } from "../support/surface.ts";
import { encodeReport } from "@meniscus/sdk/report";
describe("gas", () => {
  it("posts", async () => {
    const f = await deploySurface();
    for (let i = 0; i < 3; i++) await post(f, { at: START + i * 60 });
    const e = encodeReport(sampleReport({ at: START + 200 })); const s = await signed(f, e);
    await networkHelpers.time.increaseTo(START+205);
    const data = f.surface.interface.encodeFunctionData("post", [e, s]);
    let c = 0; for (let i = 2; i < data.length; i += 2) c += data.slice(i, i+2) === "00" ? 4 : 16;
    console.log("calldata", c, data.length/2-1);
    const [from] = await connection.ethers.getSigners();
    const hash = await connection.provider.request({ method: "eth_sendTransaction", params: [{ from: from!.address, to: f.domain.contract, data, gas: "0x1000000" }] });
    const tr = await connection.provider.request({ method: "debug_traceTransaction", params: [hash, { disableStorage: true, disableMemory: true, disableStack: true }] }) as any;
    console.log("gas", tr.gas, tr.structLogs.length);
    let seg = 0, acc = 0; 
    for (const l of tr.structLogs) { if (["STATICCALL","SSTORE","LOG3","SLOAD"].includes(l.op)) { if (l.op !== "SLOAD" || acc > 250) console.log(l.op, l.gasCost, acc); acc = 0; } else acc += l.gasCost; }
    const by: Record<string, [number, number]> = {};
    for (const l of tr.structLogs) { const b = (by[l.op] ??= [0, 0]); b[0]++; b[1] += l.gasCost; }
    console.log(Object.entries(by).sort((a, b) => b[1][1] - a[1][1]).slice(0, 40).map(([k, v]) => `${k} ${v}`).join("\n"));
  });
});
