/** The gas figures of the pages: `npm run snapshot` rewrites them with the snapshot, and test/docs.test.ts holds the two together. */
import { GAS_ANCHORS } from "./anchors.ts";

export type GasFigures = Readonly<Record<string, number>>;

/**
 * Passages by page, of as few words as tell the place. In braces stands a key of the snapshot, a budget (`goal.` and its key) or a sum
 * of products of such.
 */
export const GAS_PASSAGES: Readonly<Record<string, readonly string[]>> = {
  "README.md": [
    "from spot | {quoteFromSpot} gas",
    "the same from the forward | {quoteFromForward} gas",
    "sold before | {pool.buyRepeat} gas; our own budget of {goal.pool.buyRepeat}",
    "redeem one | {clearing.write}; {clearing.redeem} gas",
    "three signatures | {post.twelveSlicesThreeSigners} gas",
    "swap included | {vault.fill} gas",
  ],
  "docs/GAS.md": [
    "in a trade: {oracles.readInTrade}, within its budget of {goal.oracles.readInTrade}",
    "this one alone reads {oracles.feedAlone} by",
    "so ours is {oracles.readInTrade - oracles.feedAlone} above",
    "the long way: {oracles.readInTradeLayer2}, budget {goal.oracles.readInTradeLayer2}",
    "an expiry: {oracles.settle}, within",
    "two rounds: {goal.oracles.settle} were meant",
    "each after that {oracles.perRound}:",
    "A trade: {pool.buyRepeat} for a repeat buy, budget {goal.pool.buyRepeat}",
    "with 32 ({pool.buyOneStrike} and {pool.buyThirtyTwoStrikes})",
    "first-time holder {pool.buyFirst} ({goal.pool.buyFirst})",
    "selling back {pool.sellBack} ({goal.pool.sellBack})",
    "one expiry {pool.fourLegs} (",
    "inner call {pool.quote} (",
    "the trade adds {pool.withReport}, within its {goal.pool.withReport}",
    "whole book costs {pool.refreshCall}, {pool.refreshPerExpiry} for each expiry",
    "and {pool.refreshPerStrike} for each strike",
    "not claimed: {vault.requestAfterPart}, budget",
    "A request costs {vault.request} at most",
    "(2,100): {vault.requestSincePart}, a",
    "no more than {vault.request} for",
    "end: {vault.close} less its mark",
    "the mark: {vault.markCall} + {vault.markPerExpiry} an expiry + {vault.markPerStrike} a strike",
    "strike, budget {goal.vault.markCall} + {goal.vault.markPerExpiry} +",
    "A hedge fill: {vault.fill} with the Uniswap swap inside, within its budget of {goal.vault.fill}",
  ],
  "docs/KEEPER.md": [
    "A refresh takes {pool.refreshCall} gas, {pool.refreshPerExpiry} for each expiry",
    "and {pool.refreshPerStrike} for each strike",
    "32 strikes in all | {pool.refreshCall + 4 x pool.refreshPerExpiry + 32 x pool.refreshPerStrike} |",
    "32 strikes each | {pool.refreshCall + 16 x pool.refreshPerExpiry + 512 x pool.refreshPerStrike} |",
    "pokes ({oracles.poke} gas",
    "live expiries: {pool.refreshCall + 16 x pool.refreshPerExpiry + 512 x pool.refreshPerStrike} gas",
    "are taken, {pool.refreshCall + 16 x pool.refreshPerExpiry + 384 x pool.refreshPerStrike} where",
  ],
  "docs/PARAMETERS.md": [
    "({pool.refreshCall} + 4 x {pool.refreshPerExpiry} + 32 x {pool.refreshPerStrike} =",
  ],
  "docs/PRICER.md": ["three signatures takes {post.twelveSlicesThreeSigners} gas"],
  "docs/PRICING.md": [
    "| (S, K, tau, vol, rate) | {quoteFromSpot} |",
    "| (S, F, K, w) | {quoteFromForward} |",
    "| (slice, F, K, ageing) | {quoteFromSlice} |",
    "| (slice, S, K, tau) | {quoteFromSurface} |",
    "of the {quoteFromForward} gas",
  ],
  "docs/decisions/0003-surface.md": [
    "(12 slices, 3 signers): {post.twelveSlicesThreeSigners}; the first of an hour {post.newHour}, because",
    "the first of an epoch {post.newEpoch}, because",
  ],
  "docs/decisions/0004-clearing.md": [
    "a strike: {clearing.perFurtherStrike} gas each for calls, {clearing.perFurtherStrikePut} for puts",
  ],
  "docs/decisions/0006-oracles.md": [
    "the feed's history, at {oracles.perRound} gas a round",
    "not walked yet, at {oracles.perRound} gas each",
  ],
};

const goals = Object.entries(GAS_ANCHORS).map(([key, { goal }]) => [`goal.${key}`, goal]);

/** The value of what stands in braces, as pages write it. */
function written(sum: string, snapshot: GasFigures): string {
  const figures: GasFigures = { ...snapshot, ...Object.fromEntries(goals) };
  const terms = [...sum.matchAll(/(?:([+-]) )?(?:(\d+) x )?([a-zA-Z][\w.]*)/g)].map(
    ([, sign, times = "1", key]) => {
      const figure = figures[key!];
      if (figure === undefined)
        throw new Error(`bench/gasFigures.ts: neither snapshot nor budgets have ${key}`);
      return (sign === "-" ? -1 : 1) * Number(times) * figure;
    },
  );
  return Math.round(terms.reduce((total, term) => total + term, 0)).toLocaleString("en");
}

/** A page with the figures of a snapshot. Throws where a passage does not stand there once: a figure would be left to itself. */
export function withGasFigures(page: string, text: string, snapshot: GasFigures): string {
  return (GAS_PASSAGES[page] ?? []).reduce((current, passage) => {
    // Words at the even places, sums at the odd ones.
    const parts = passage.split(/[{}]/);
    const pattern = parts.map((part, i) =>
      i % 2 ? "[\\d,]*\\d" : `(${part.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll(" ", "\\s+")})`,
    );
    const place = new RegExp(pattern.join(""), "g");
    const found = [...current.matchAll(place)].length;
    if (found !== 1)
      throw new Error(
        `${page} has "${passage}" ${found} times, not once: mend it, or the passage in bench/gasFigures.ts`,
      );
    return current.replace(place, (_, ...words: string[]) =>
      parts.map((part, i) => (i % 2 ? written(part, snapshot) : words[i / 2]!)).join(""),
    );
  }, text);
}
