/** A network's parameter file, rewritten for a local chain: what is there on the public one is built here, and its roles are accounts of ours. */
import { developmentAccount } from "../local/accounts.ts";
import { UNISWAP_FEE } from "../local/pool.ts";
import type { Sources } from "../start/stages/oracleStage.ts";
import { type NetworkFile, parseNetworkFile } from "./networkFile.ts";

export const LOCAL_CHAIN_ID = 31_337;
/** Accounts of the development chain; 1 to 3 sign reports. */
const HOLDERS = { governor: 4, council: 5, guardian: 6, lister: 7 };
const SIGNERS = [1, 2, 3];

const addressOf = (index: number): string => developmentAccount(index).address;

/** Everything else of the file is kept, its terms and delays among it; checked as any file is. */
export async function rehearsalFile(
  content: Record<string, unknown>,
  { base, quote, feeds, uniswap }: Sources,
): Promise<NetworkFile> {
  const asset = (side: "base" | "quote", token: typeof base) => {
    const given = content[side] as { feed: Record<string, unknown> };
    return {
      ...given,
      token: token.contract.target,
      decimals: token.decimals,
      feed: {
        // What the file cannot know is rehearsed with what Chainlink has for most feeds.
        heartbeat: given.feed.heartbeat ?? 86_400,
        deviationBps: given.feed.deviationBps ?? 50,
        decimals: 8,
        proxy: feeds[side].proxy.target,
      },
    };
  };
  const holders = Object.entries(HOLDERS).map(([role, index]) => [role, addressOf(index)]);
  return parseNetworkFile(
    {
      ...content,
      ...Object.fromEntries(holders),
      network: "rehearsal",
      chainId: LOCAL_CHAIN_ID,
      base: asset("base", base),
      quote: asset("quote", quote),
      uniswap: { factory: await uniswap.pool.getFunction("factory")(), fee: UNISWAP_FEE },
      permit2: null,
      sequencer: null,
      signers: SIGNERS.map(addressOf),
      quorum: 2,
    },
    "the rehearsal's parameter file",
  );
}
