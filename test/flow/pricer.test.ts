import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { fetchReport } from "@meniscus/keeper/reports";
import { volSurfaceAbi } from "@meniscus/sdk/abi/volSurface";
import { expect } from "chai";
import {
  AbiCoder,
  Contract,
  concat,
  dataSlice,
  encryptKeystoreJsonSync,
  JsonRpcProvider,
  recoverAddress,
  type Wallet,
} from "ethers";
import { COMMAND } from "../support/cli.ts";
import { type MarketProcess, POSTER_KEY, SIGNER_KEYS, startMarket } from "../support/pricer/localChain.ts";

/** Cheap to open: the tests guard nothing. */
const SCRYPT = { scrypt: { N: 1024, r: 8, p: 1 } };
const PASSWORD = "of the tests";

interface Service {
  readonly child: ChildProcess;
  /** The first line of the log that has this message. */
  line(message: string): Promise<Record<string, unknown>>;
}

describe("meniscus price with three signers, from a simulated market to a local chain", function () {
  this.timeout(300_000);
  let folder: string;
  let market: MarketProcess;
  const services: Service[] = [];

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), "meniscus-pricer-"));
    market = await startMarket();
  });
  after(async () => {
    for (const { child } of services) child.kill("SIGKILL");
    await market?.close();
    rmSync(folder, { recursive: true });
  });

  function start(verb: string, name: string, key: Wallet, config: object, ...args: string[]): Service {
    const files = { config: path.join(folder, `${name}.json`), key: path.join(folder, `${name}.key`) };
    writeFileSync(files.config, JSON.stringify(config));
    writeFileSync(files.key, encryptKeystoreJsonSync(key, PASSWORD, SCRYPT));
    const child = spawn(
      process.execPath,
      [COMMAND, verb, "--source", "simulated", "--config", files.config, "--keystore", files.key, ...args],
      {
        env: { ...process.env, MENISCUS_SIGNER_PASSWORD: PASSWORD, MENISCUS_PRICER_PASSWORD: PASSWORD },
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const lines: Record<string, unknown>[] = [];
    let wake = Promise.withResolvers<void>();
    createInterface({ input: child.stdout! }).on("line", (text) => {
      lines.push(JSON.parse(text));
      wake.resolve();
      wake = Promise.withResolvers();
    });
    const line = async (message: string) => {
      for (;;) {
        const found = lines.find(({ msg }) => msg === message);
        if (found !== undefined) return found;
        await wake.promise;
      }
    };
    const service = { child, line };
    services.push(service);
    return service;
  }

  it("posts a report that a quorum of separate processes signed, and serves it; a signer killed is not missed", async () => {
    const { url, market: place } = market;
    const signers = SIGNER_KEYS.map((key, index) =>
      start("sign", `signer${index}`, key, {
        ...{ market: place, store: path.join(folder, `signer${index}.sqlite`), port: 0, lookSeconds: 10 },
      }),
    );
    const urls = await Promise.all(signers.map(async ({ line }) => (await line("signing")).url as string));
    signers[1]!.child.kill("SIGKILL");
    const pricer = start(
      "price",
      "pricer",
      POSTER_KEY,
      {
        ...{ market: place, rpc: url, signers: urls, store: path.join(folder, "pricer.sqlite"), port: 0 },
        ...{ rules: { heartbeatSeconds: 2, leastSeconds: 0 }, signerSeconds: 15 },
      },
      "--publish",
    );
    const serving = await pricer.line("publishing");
    const published = await pricer.line("published");

    const provider = new JsonRpcProvider(url, undefined, { staticNetwork: true });
    const surface = new Contract(place.contract, volSurfaceAbi, provider);
    const stored = await surface.surface!(place.id);
    expect(Number(stored.reportAt)).to.be.at.least(published.reportAt as number);
    expect((await provider.getTransactionReceipt(published.hash as string))?.status).to.equal(1);

    const served = JSON.parse(await (await fetch(`${serving.url}/report`)).text());
    expect(served.report.market).to.equal(place.id);
    // Two signatures of 64 bytes: the third signer is dead.
    expect(served.signatures).to.match(/^0x[0-9a-f]{256}$/);
    await expectCarried(`${serving.url}/report`, surface);
    provider.destroy();
    expect((await fetch(`${serving.url}/health`)).status).to.equal(200);
    const metrics = await (await fetch(`${serving.url}/metrics`)).text();
    expect(metrics).to.match(/meniscus_pricer_steps_total\{result="published"\} [1-9]/);
    expect(published.slices).to.be.within(1, 16);
    expect(metrics).to.match(/^meniscus_pricer_report_slices [1-9]\d*$/m);
    expect(await (await fetch(`${urls[0]}/metrics`)).text()).to.match(
      /answers_total\{answer="signed"\} [1-9]/,
    );
  });

  /** A keeper reads there what it can carry: a report that the signers signed, in the form that the contract takes. */
  async function expectCarried(reportUrl: string, surface: Contract): Promise<void> {
    const carried = await fetchReport(reportUrl, 5);
    if (carried === null) throw new Error("a keeper finds no report");
    const { selector, inputs } = surface.interface.getFunction("postIfNewer")!;
    const [report, signatures] = AbiCoder.defaultAbiCoder().decode(inputs, carried.encoded);
    expect(Number(report.reportAt)).to.equal(carried.reportAt);
    const digest = await surface.digest!({ ...report.toObject(), slices: [...report.slices] });
    const signers = [0, 1].map((index) =>
      recoverAddress(digest, dataSlice(signatures, 64 * index, 64 * (index + 1))),
    );
    expect(SIGNER_KEYS.map(({ address }) => address)).to.include.members(signers);
    // The contract takes it, or has it by now, or a newer one; of a broken one it would revert.
    const data = concat([selector, carried.encoded]);
    expect(BigInt(await surface.runner!.call!({ to: surface.target as string, data }))).to.be.oneOf([0n, 1n]);
  }
});
