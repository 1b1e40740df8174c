// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "./IBook.sol";
import { Report } from "./IVolSurface.sol";

/// WHAT     The epochs of two tranches over one book. Base providers bring and earn the base asset, quote providers
///          the quote asset; the vault never borrows: it holds B and Q, owes b and q, and swaps to hedge.
///
///            E = B S + Q - V,   g = E / (b S + q),   b <- g b,   q <- g q,   before flows and the tranche's own rent
///
///          One number is the whole split: results go by value, and a hedged move of the base moves neither tranche
///          in its asset.
/// EPOCH    Cut-offs are daily at 09:00 UTC. The mark is the first report at or after the cut-off, whoever closes and
///          whenever (VolSurface kept its digest; the closer hands the report in). Then, in this order: the result;
///          deposits fund withdrawals; deposits enter at NAV(ask side), withdrawals leave at NAV(bid side, cost to
///          unwind included), each in the own asset, up to min(free, idle) of that asset, the rest rolling over pro
///          rata.
/// NAV      per share of a side, n = units of its asset: NAV = g n / (shares + virtual shares); ask >= mid >= bid
///          (V4).
/// UNITS    WAD, unless it says assets or shares (the tokens' own decimals). Rounding in favour of who stays.
/// HOLDS    b S + q = E at every mark; both claims move by one g >= 0 (V9). Equity counts no pending deposit, no
///          claim of a leaver (V8). No stayer's NAV falls through flows (V3, V9); what an epoch pays raises no |unhedged delta|
///          (V13; the floor exit takes off the claim what it pays divided by g_f, so |unhedged delta| moves by what g_f is off 1, and it pays
///          the other asset only where that hedges nothing); after every withdrawal of an epoch the need limit or the sums hold (V12).
/// TRUST    A mark is what a quorum of signers says. Where that is in {Doubt} the epoch ends without one: claims stay, nobody enters or leaves,
///          no fee is taken. The next sound mark has the result of both epochs; rent of expiries settled between goes to both tranches, by value.
/// GAS      The same whatever the number of users (V6); bench/gas.snapshot.json.
/// ROLES    Anyone: {closeEpoch}. Owner of shares or its operator: {exitAtFloor}. Governor: {seed} once, {windDown},
///          {setTerms}. No role can stop closing, claims or the floor exit; nothing here is pausable.
/// CALLS    IBook, its two tranches, Clearinghouse (WITHDRAW scope on the book's account), ISpotOracle, VolSurface. Knows
///          neither pool nor hedger.
interface ILiquidityVault {
    /// `Seeding`: before the first mark; no requests. `Running`. `WindingDown`: for good; no openings, no deposits
    /// that enter (one asked for before the next cut-off is cancelled by who asked);
    /// providers are paid as expiries settle.
    enum Phase {
        Seeding,
        Running,
        WindingDown
    }

    /// Why an epoch cannot be closed now; `None` when it can. `SpotUnconfirmed`: {Doubt-Spot} in the first hour after the report, in which a poke or a
    /// round of a feed may settle it. `ExpiryNotRealized` is
    /// returned by {plan} only: a settled expiry still holds positions or rent. {closeEpoch} realizes it and continues.
    enum Obstacle {
        None,
        NotSeeded,
        BeforeCutOff,
        NoReportYet,
        WrongReport,
        ExpiryNotSettled,
        ExpiryNotRealized,
        SpotUnconfirmed
    }

    /// Why an epoch ends without a mark. `Slices`: the book has a position at an expiry for which the report had no slice, or one that was
    /// not proven (outside its bound an hour, or new) or has a butterfly. `Spot`: the oracle has no answer to open by, the sequencer's grace apart,
    /// or it is farther from the report's spot than 5 %, or than 1 % where anything was sold back or hedged since the cut-off, or since that of an
    /// epoch before which was not ended either.
    enum Doubt {
        None,
        Slices,
        Spot
    }

    /// What an epoch's end does to one tranche.
    /// @param claimBefore b or q before.
    /// @param claimAfter b or q after result, rent and flows.
    /// @param rent Rent released to it over the epoch.
    /// @param fees Fees taken from it, as new shares to the receiver of fees.
    /// @param navEntry Assets per share (WAD) for who enters.
    /// @param navMid Of who stays.
    /// @param navExit For who leaves. navEntry >= navMid >= navExit.
    /// @param depositAssets Deposits that enter, assets.
    /// @param mintedShares Shares for them.
    /// @param redeemShares Shares that leave.
    /// @param paidAssets Assets for them.
    /// @param idle Claim less need, after all: what openings and the next withdrawals may use.
    /// @param feeShares Shares for the fees.
    /// @param high Highest NAV (mid) at an epoch's end, the one of this one included.
    /// @param depositsOpen Whether deposit requests are taken until the next cut-off.
    struct TrancheResult {
        uint256 claimBefore;
        uint256 claimAfter;
        uint256 rent;
        uint256 fees;
        uint256 navEntry;
        uint256 navMid;
        uint256 navExit;
        uint256 depositAssets;
        uint256 mintedShares;
        uint256 redeemShares;
        uint256 paidAssets;
        uint256 idle;
        uint256 feeShares;
        uint256 high;
        bool depositsOpen;
    }

    /// What an epoch's end does.
    /// @param epoch Its number, counted from 1; 0 is the seed.
    /// @param cutOffAt Its cut-off.
    /// @param mark The book at the first report at or after it.
    /// @param equity E after rent and flows: b S + q of both claims as they stand then.
    /// @param factor g = E / (b S + q) at the mark, before rent and flows.
    /// @param base The base tranche.
    /// @param quote The quote tranche.
    /// @param doubt Why there was no mark: then mark, NAVs, flows and fees are 0, factor is 1, equity the lowest of the last four marks', claims and
    /// highs are as before, and no deposit is taken before the next one.
    struct EpochResult {
        uint256 epoch;
        uint40 cutOffAt;
        IBook.Mark mark;
        uint256 equity;
        uint256 factor;
        TrancheResult base;
        TrancheResult quote;
        Doubt doubt;
    }

    /// What unwinding costs, and explicit fees; bounded in code.
    /// @param unwindVolBps Crossing a spread in vol, of 1.00, on every position.
    /// @param unwindNotionalBps The same as a share of notional.
    /// @param hedgeBps Trading the delta away, of spot.
    /// @param managementBps Share of a tranche's claim a year.
    /// @param performanceBps Share of a rise of NAV above its high.
    /// @param feeReceiver Who gets the fees, as shares.
    struct Terms {
        uint16 unwindVolBps;
        uint16 unwindNotionalBps;
        uint16 hedgeBps;
        uint16 managementBps;
        uint16 performanceBps;
        address feeReceiver;
    }

    /// The first assets and shares of both tranches; the shares belong to nobody.
    event Seeded(uint256 baseAssets, uint256 quoteAssets, IBook.Mark mark);

    /// An epoch ended.
    event EpochClosed(uint256 indexed epoch, address indexed caller, EpochResult result);

    /// Shares left at the floor: for `assets` of the side's own asset and `other` of the other one.
    event ExitedAtFloor(
        address indexed owner,
        IBook.Side indexed side,
        address indexed receiver,
        uint256 shares,
        uint256 assets,
        uint256 other,
        uint256 floorFactor
    );

    /// The phase changed.
    event PhaseChanged(Phase phase);

    /// The governor set the terms; they hold from the next epoch on.
    event TermsSet(Terms terms);

    /// Ends the epoch: marks, assigns the result, fills requests, moves assets, opens the next. Anyone, never paused;
    /// reverts with the {Obstacle} that {plan} names. Realizes expiries that are settled; while
    /// an expiry before the report at which the book has something is not settled it waits (at most until the settlement oracle's
    /// fallback), for else the closer would choose between two marks. Cut-offs missed are ended one by one, each at
    /// its own report; those that found no report before the next cut-off are ended together by the first one after
    /// them.
    /// @param report The first report at or after the cut-off: its digest is the one that VolSurface kept.
    function closeEpoch(Report calldata report) external returns (EpochResult memory result);

    /// What {closeEpoch} would do now, and whether it can: plan in a view, execute what was planned.
    function plan(
        Report calldata report
    ) external view returns (Obstacle obstacle, EpochResult memory result);

    /// Leaves at a value that needs no signer, once no report has been accepted for three days, or once a cut-off is three days past and there
    /// has been no mark since, whatever keeps it away (a token that cannot be sent, an expiry whose settlement waits, reports in doubt):
    ///
    ///   g_f = min over S in {S_lo, S_hi} of (f_b S + f_q) / (b S + q),    f = balance - cover - reserved, per asset
    ///
    /// paid at once in the own asset. Where less of it is free, and a spot is alive, the rest is paid in the other asset, for r base r S_lo of quote, for r quote
    /// r / S_hi of base, as far as that is spare ({FloorExit}): free beyond the other side's claim, of quote no more than base is missing, and once nothing is locked in the book's
    /// account all beyond what that side is due. Where that does not suffice either, so many shares leave as are paid.
    /// Shares that wait in a request count too. With no spot alive the minimum is over every S: min(f_b / b, f_q / q).
    /// @param minimumAssets Reverts if fewer come out of the own asset; opting in to the floor is the holder's own choice, never
    /// automatic. Who would rather wait for the own asset than take the other asks for as many shares as it pays, and for all of their worth here.
    /// @param minimumOther The same of the other asset.
    /// @param owner The caller, or one that made the caller its operator at the tranche.
    /// @return assets Of the own asset, rounded down.
    /// @return other Of the other asset, rounded down.
    function exitAtFloor(
        IBook.Side side,
        uint256 shares,
        uint256 minimumAssets,
        uint256 minimumOther,
        address receiver,
        address owner
    ) external returns (uint256 assets, uint256 other);

    /// Whether the floor exit is open, since or from when (should no report come, or no mark), and g_f as of now. An exit first realizes what
    /// is settled, and pokes the oracle, so that what it pays is told by a static call of {exitAtFloor}.
    function floor() external view returns (bool isOpen, uint256 opensAt, uint256 factor);

    /// Puts in the first assets of both tranches (at least the coded floor of equity) and takes the first mark.
    /// Governor, once; the shares go to nobody, so that no first depositor can move the price of a share.
    function seed(uint256 baseAssets, uint256 quoteAssets) external;

    /// Begins to wind down, for good. Governor.
    function windDown() external;

    /// Sets the terms within bounds in code; the epoch that runs ends by those that it began with. Governor.
    function setTerms(Terms calldata terms_) external;

    /// The phase.
    function phase() external view returns (Phase phase_);

    /// Number of the running epoch, and its cut-off.
    function epoch() external view returns (uint256 number, uint256 cutOffAt);

    /// The tranche of a side.
    function tranche(IBook.Side side) external view returns (address tranche_);

    /// The book that the tranches stand over.
    function book() external view returns (address book_);

    /// The terms of the running epoch, and those from the next one on.
    function terms() external view returns (Terms memory running, Terms memory next);
}
