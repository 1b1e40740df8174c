/** What the modules of deploy/ are given for a network: its facts, and its terms. */
import { SECONDS_PER_DAY } from "@meniscus/sdk/clock";
import { AVERAGE_WINDOW, FALLBACK_DELAY, settlementFeeds, spotFeeds } from "@meniscus/sdk/oracles";
import type { Side } from "@meniscus/sdk/sides";
import type { TrancheTerms } from "@meniscus/sdk/vault/terms";
import { encodeBytes32String, parseEther, ZeroAddress } from "ethers";
import type { Asset, NetworkFile } from "./networkFile.ts";
import { termsOf } from "./terms.ts";

/** For a feed's transaction to be mined. */
const LATE = 300;
/** A feed may be silent in settlement for as long as this (docs/PARAMETERS.md, SettlementOracle). */
const SILENCE = { least: 3600, most: 3 * SECONDS_PER_DAY };

/** Ignition's parameters, by module; `pool` is where spot is averaged from. */
export function moduleParameters(file: NetworkFile, pool: string): Record<string, object> {
  const { market, base, quote, uniswap } = file;
  const terms = termsOf(file);
  return {
    Market: { market, signers: sorted(file.signers), quorum: file.quorum, ...file.surface },
    Oracles: { ...oracles(file, pool), limits: terms.spotOracle },
    Clearing: { quote: quote.token, quoteDecimals: quote.decimals },
    OptionMarket: {
      market,
      base: base.token,
      baseDecimals: base.decimals,
      minimumAmount: parseEther(file.minimumAmount),
      name: encodeBytes32String(file.name),
    },
    OptionPool: { market, terms: terms.book, parameters: terms.optionPool },
    DeltaHedger: { parameters: terms.deltaHedger },
    Vault: {
      ...tranche("base", base, terms.baseTranche),
      ...tranche("quote", quote, terms.quoteTranche),
      terms: terms.liquidityVault,
    },
    UniswapFiller: { uniswapFactory: uniswap.factory, fee: uniswap.fee },
    Router: { uniswapFactory: uniswap.factory, permit2: file.permit2 ?? ZeroAddress },
    Handover: {
      governor: file.governor,
      council: file.council,
      guardian: file.guardian,
      lister: file.lister,
      governorDelay: file.governorDelay,
    },
  };
}

/** VolSurface takes signers by rising address. */
const sorted = (signers: readonly string[]) =>
  [...signers].sort((one, other) => (BigInt(one) < BigInt(other) ? -1 : 1));

function oracles({ market, base, quote, settlement, sequencer }: NetworkFile, pool: string): object {
  const spot = spotFeeds(base.feed.proxy, quote.feed.proxy);
  const settled = settlement ?? { base: base.feed, quote: quote.feed };
  const feeds = settlementFeeds(settled.base.proxy, settled.quote.proxy);
  const own = ({ decimals, heartbeat, deviationBps }: Asset["feed"]) => ({
    decimals,
    heartbeat: heartbeat + LATE,
    deviationBps,
  });
  const silence = (seconds: number) => Math.min(Math.max(seconds, SILENCE.least), SILENCE.most);
  return {
    market,
    settlementBase: {
      ...scaled(feeds.base, settled.base.decimals),
      maxSilence: silence(3 * settled.base.heartbeat),
    },
    settlementQuote: {
      ...scaled(feeds.quote, settled.quote.decimals),
      maxSilence: silence(settled.quote.heartbeat + 7200),
    },
    fallbackDelay: FALLBACK_DELAY,
    sources: {
      base: { ...scaled(spot.base, base.feed.decimals), ...own(base.feed) },
      quote: { ...scaled(spot.quote, quote.feed.decimals), ...own(quote.feed) },
      average: {
        pool,
        window: AVERAGE_WINDOW,
        baseIsToken0: BigInt(base.token) < BigInt(quote.token),
        baseDecimals: base.decimals,
        quoteDecimals: quote.decimals,
      },
      hasSigned: true,
      sequencer: sequencer ?? ZeroAddress,
    },
  };
}

/** The sdk's bounds are of feeds of 8 decimals. */
function scaled<T extends { minAnswer: bigint; maxAnswer: bigint; decimals: number }>(
  feed: T,
  decimals: number,
) {
  const scale = (answer: bigint) => (answer * 10n ** BigInt(decimals)) / 10n ** 8n;
  return { ...feed, decimals, minAnswer: scale(feed.minAnswer), maxAnswer: scale(feed.maxAnswer) };
}

const tranche = (side: Side, { token, symbol }: Asset, terms: TrancheTerms) => ({
  [side]: token,
  [`${side}Name`]: `Meniscus ${symbol} provider`,
  [`${side}Symbol`]: `m${symbol}`,
  [`${side}Terms`]: terms,
});
