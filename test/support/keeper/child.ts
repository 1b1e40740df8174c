/** A keeper in a process of its own, one look a run, which can be killed at any moment. */
import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import type { Config } from "@meniscus/keeper/config";
import type { Wallet } from "ethers";

const SCRIPT = path.resolve(import.meta.dirname, "lookOnce.ts");

export class Child {
  readonly #config: Config;
  readonly #wallet: Wallet;
  #process: ChildProcess | null = null;

  constructor(config: Config, wallet: Wallet) {
    [this.#config, this.#wallet] = [config, wallet];
  }

  /** Looks once, or dies at it. @param mostBlocks of 512 bytes to which its files may grow */
  look(mostBlocks?: number): Promise<void> {
    const { rpc, vault, filler, journal } = this.#config;
    const config = {
      rpc,
      vault,
      filler,
      journal,
      chainId: 31337,
      headMaxAgeSeconds: 0,
      port: null,
      finalBlocks: 10,
    };
    const run = [process.execPath, SCRIPT, JSON.stringify(config), this.#wallet.privateKey];
    // The signal ignored, a write beyond the limit fails as on a full disk.
    const limited = ["/bin/sh", "-c", `trap '' XFSZ; ulimit -f ${mostBlocks}; exec "$@"`, "sh", ...run];
    const [command, ...rest] = mostBlocks === undefined ? run : limited;
    const child = spawn(command!, rest, { stdio: ["ignore", "ignore", "inherit"] });
    this.#process = child;
    return new Promise((resolve) => child.once("close", () => resolve()));
  }

  kill(): void {
    this.#process?.kill("SIGKILL");
  }
}
