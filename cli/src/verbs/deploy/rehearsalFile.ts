/** A network's parameter file, rewritten for a local chain: what is there on the public one is built here, and its roles are accounts of ours. */
import { type Chain, ChainError } from "@meniscus/pricer/chain/chain";
import { simulatedSource } from "@meniscus/pricer/source/simulated";
import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import type { Side } from "@meniscus/sdk/sides";
import { CliError } from "../../cliError.ts";
import { developmentAccount } from "../../localMarket/accounts.ts";
import { UNISWAP_FEE } from "../../localMarket/pool.ts";
import type { Sources } from "../../localMarket/stages/oracleStage.ts";
import { type NetworkFile, parseNetworkFile } from "./networkFile.ts";

const LOCAL_CHAIN_ID = 31_337;
/** Accounts of the development chain; 1 to 3 sign reports. */
const HOLDERS = { governor: 4, council: 5, guardian: 6, lister: 7 };
const SIGNERS = [1, 2, 3];

const addressOf = (index: number): string => developmentAccount(index).address;

/** What a local chain has of each asset, its Uniswap factory, and Permit2. */
interface Built {
  base: { token: unknown; decimals: number; proxy: unknown };
  quote: { token: unknown; decimals: number; proxy: unknown };
  factory: unknown;
  permit2: string;
}

/** Everything else of the file is kept, its terms and delays among it; checked as any file is. */
export async function rehearsalFile(
  content: Record<string, unknown>,
  { base, quote, feeds, uniswap }: Sources,
  permit2: string,
): Promise<NetworkFile> {
  const built = (side: Side, { contract, decimals }: typeof base) => ({
    token: contract.target,
    decimals,
    proxy: feeds[side].proxy.target,
  });
  const factory = await uniswap.pool.getFunction("factory")();
  const rewritten = { base: built("base", base), quote: built("quote", quote), factory, permit2 };
  return parseNetworkFile(rewrite(content, rewritten), "the rehearsal's parameter file");
}

/**
 * The simulated market that a file is rehearsed in.
 * @throws CliError for a file of which nothing could be rehearsed, before anything is built: every field that is wrong, by name
 */
export async function rehearsedMarket(content: Record<string, unknown>, name: string): Promise<Chain> {
  const [one, other] = [addressOf(1), addressOf(2)];
  const base = { token: one, decimals: 18, proxy: one };
  const quote = { token: other, decimals: 6, proxy: other };
  const { name: currency } = parseNetworkFile(
    rewrite(content, { base, quote, factory: one, permit2: one }),
    name,
  );
  try {
    return await simulatedSource({ currency }).read();
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    throw new CliError(`${name}: the market ${currency} cannot be rehearsed. ${error.message}`);
  }
}

function rewrite(content: Record<string, unknown>, { base, quote, factory, permit2 }: Built): object {
  const asset = (side: Side, { token, decimals, proxy }: Built["base"]) => {
    const given = content[side] as { feed?: Record<string, unknown> } | undefined;
    return {
      ...given,
      token,
      decimals,
      feed: {
        // What the file cannot know is rehearsed with what Chainlink has for most feeds.
        heartbeat: given?.feed?.heartbeat ?? SECONDS_PER_DAY,
        deviationBps: given?.feed?.deviationBps ?? 50,
        decimals: 8,
        proxy,
      },
    };
  };
  const holders = Object.entries(HOLDERS).map(([role, index]) => [role, addressOf(index)]);
  return {
    ...content,
    ...Object.fromEntries(holders),
    network: "rehearsal",
    chainId: LOCAL_CHAIN_ID,
    base: asset("base", base),
    quote: asset("quote", quote),
    uniswap: { factory, fee: UNISWAP_FEE },
    // Left out where the network has none.
    permit2: content.permit2 === null ? null : permit2,
    sequencer: null,
    settlement: undefined,
    signers: SIGNERS.map(addressOf),
    quorum: 2,
  };
}
