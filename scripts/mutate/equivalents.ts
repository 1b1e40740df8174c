/**
 * Mutants that no test can kill, because they do what the original does, each with the reason. They leave the score; the command
 * fails when one of them is killed after all, so a reason that is wrong does not stay.
 */
export interface Equivalent {
  file: string;
  /** The line as the mutant has it, or "without: ..." as the command prints it ({@link nameOf}). */
  mutant: string;
  why: string;
}

const EQUAL_NUMBERS = "a maximum of two equal numbers is either";
const LONGER_CALL = "a call with a byte beyond its arguments is the same call";

export const EQUIVALENTS: readonly Equivalent[] = [
  {
    file: "Coverage.sol",
    mutant: "return uint256(sums.amounts >= sums.worst ? sums.amounts : sums.worst);",
    why: EQUAL_NUMBERS,
  },
  { file: "Coverage.sol", mutant: "if (owed >= sums.worst) sums.worst = owed;", why: EQUAL_NUMBERS },
  {
    file: "Coverage.sol",
    mutant: "return uint256(sums.values >= sums.worst ? sums.values : sums.worst);",
    why: EQUAL_NUMBERS,
  },
  {
    file: "Clearinghouse.sol",
    mutant: "if (terms.quoteAssets < 1) _push(QUOTE, terms.to, uint256(-terms.quoteAssets));",
    why: "no premium: a push of nothing returns at once",
  },
  {
    file: "Accounts.sol",
    mutant: "return position_ < 1 ? uint256(-position_) : 0;",
    why: "a position of nothing is 0 either way",
  },
  {
    file: "Clearinghouse.sol",
    mutant: "if (places | 1 == 0) continue;",
    why: "places without a position are visited too, and an empty position adds nothing and is deleted to nothing",
  },
  {
    file: "Accounts.sol",
    mutant: "own.strikeUnits = isOpen ? uint64(series.strike() / STRIKE_UNIT) : 1;",
    why: "the strike of a position of nothing is read nowhere: every pass visits open places only",
  },
  {
    file: "DeltaHedger.sol",
    mutant: "if ((amount > 1) != isBuy || size < plan_.minimum) {",
    why: "an amount of one is below any minimum, and refused in the same words",
  },
  {
    file: "DeltaHedger.sol",
    mutant: "if (base >= 0) {",
    why: "a fill of nothing is refused before",
  },
  {
    file: "HedgePlan.sol",
    mutant: "uint256 excess = size > plan.band ? size - plan.band : 1;",
    why: "one is less than a unit, and the rest of a unit is cut off",
  },
  {
    file: "LiquidityVault.sol",
    mutant: "_fill(BASE_TRANCHE, BASE, 0, open, address(1));",
    why: "the seed brings no fee, so whose it would be does not matter",
  },
  {
    file: "LiquidityVault.sol",
    mutant: "IBook.Reading memory book_ = BOOK.read(new uint32[](1));",
    why: "the words of an expiry that there is not are read, and nobody looks at them",
  },
  {
    file: "Listing.sol",
    mutant: "place = _evict(self, toSeriesId(market, expiryAt, evictedStrike, true), openPlaces);",
    why: "call and put of a strike are one strike, with one key",
  },
  {
    file: "Listing.sol",
    mutant: "without: expiry.places &= ~uint32(1 << place)",
    why: "the strike that evicts takes the same place in the same call",
  },
  {
    file: "Listing.sol",
    mutant: "uint64[33] strikeUnits;",
    why: "a place is below 32, and the longer array lies alone at the end of its struct",
  },
  {
    file: "Custody.sol",
    mutant: "uint256 paid = before >= left ? before - left : 0;",
    why: "equal balances differ by 0",
  },
  {
    file: "Quorum.sol",
    mutant: "SafeCast.toUint(block.timestamp >= signed.reportAt() + SIGNED_SPOT_MAX_AGE) |",
    why: "in the last fresh second the long way gives the same answers",
  },
  {
    file: "Rounds.sol",
    mutant:
      "(, state, startedAt) = _round(feed, IAggregatorProxy.latestRoundData.selector, 0, 5, STARTED_AT);",
    why: LONGER_CALL,
  },
  { file: "Rounds.sol", mutant: "37,", why: LONGER_CALL },
  {
    file: "BookHedge.sol",
    mutant: "if (free >= reserved) seen.freeQuote = free - reserved;",
    why: "equal numbers differ by 0",
  },
  {
    file: "Revaluation.sol",
    mutant: "(uint256 call, uint256 put) = spot >= strike",
    why: "at its strike neither option has an intrinsic value",
  },
  { file: "Exit.sol", mutant: "if (freeBase <= 0) freeBase = 0;", why: "nothing stays nothing" },
  {
    file: "Execution.sol",
    mutant: "bool isExit = leg.amount < 1 && leg.position <= leg.amount;",
    why: "an amount of nothing is refused as too small, exit or not",
  },
  { file: "Legs.sol", mutant: "if (leg.amount >= 0) {", why: "an amount of nothing was refused before" },
  {
    file: "OptionPool.sol",
    mutant: "uint256 reportAt = uint256(bytes32(report[start + 32:start + 65]));",
    why: "a word is the first 32 of the bytes, and every report has more after them",
  },
  {
    file: "Floor.sol",
    mutant: "return gets >= gives ? gets - gives : 0;",
    why: "equal numbers differ by 0",
  },
  {
    file: "AverageSource.sol",
    mutant: "if (moved <= 0 && moved % length != 0) --tick;",
    why: "nothing has no remainder",
  },
  {
    file: "Spread.sol",
    mutant: "uint256 up = high >= reported ? high - reported : 0;",
    why: "equal numbers differ by 0",
  },
  {
    file: "Legs.sol",
    mutant: "if (base >= 0) move.baseTaken += uint256(base);",
    why: "nothing is added where nothing is taken",
  },
  { file: "Legs.sol", mutant: "if (amount >= 0) {", why: "an amount of nothing was refused before" },
  {
    file: "Cover.sol",
    mutant: "return position <= 0 ? -position : int256(0);",
    why: "nothing has no sign",
  },
  {
    file: "Execution.sol",
    mutant: "bool isExit = leg.amount <= 0 && leg.position <= leg.amount;",
    why: "an amount of nothing is refused as too small, exit or not",
  },
  {
    file: "Revaluation.sol",
    mutant: "sums.convexity -= (short * int256(shaped.vegaSd)) / int256(shaped.sd);",
    why: "the band goes by its size alone, and every strike adds to it here",
  },
  {
    file: "Revaluation.sol",
    mutant: "if (ExpiryRisk.unwrap(own) == 1) continue;",
    why: "exposures of nothing have no potential, and no word is 1",
  },
  {
    file: "Limits.sol",
    mutant: "return baseFieldUp(SignedMath.abs(calls)) + (puts < 1 ? baseFieldUp(uint256(-puts)) : 0);",
    why: "nothing adds nothing",
  },
];
