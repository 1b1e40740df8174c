/** The process of `localMarket.ts`, and the keys that count on it. */
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { developmentAccount } from "@meniscus/cli/localMarket/accounts";
import type { MarketConfig } from "@meniscus/pricer/service/config";
import { Wallet } from "ethers";

export interface MarketProcess {
  readonly url: string;
  readonly market: MarketConfig;
  close(): Promise<void>;
}

export const SIGNER_KEYS = [1, 2, 3].map((index) => new Wallet(developmentAccount(index).privateKey));
/** Posts, and has the money for it. */
export const POSTER_KEY = new Wallet(developmentAccount(4).privateKey);

export async function startMarket(): Promise<MarketProcess> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, "localMarket.ts")], {
    env: { ...process.env, HARDHAT_DISABLE_TELEMETRY: "true" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("{")) continue;
    return {
      ...(JSON.parse(line) as Omit<MarketProcess, "close">),
      close: () => {
        child.stdin.end();
        return ended;
      },
    };
  }
  throw new Error("the local market ended before it stood");
}
