// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { BookClaims } from "../types/BookClaims.sol";
import { BookFunds } from "../types/BookFunds.sol";
import { BookMargins } from "../types/BookMargins.sol";
import { BookRisk } from "../types/BookRisk.sol";
import { ExpiryMark } from "../types/ExpiryMark.sol";
import { ExpiryRisk } from "../types/ExpiryRisk.sol";
import { BookTerms } from "../types/BookTerms.sol";
import { Report } from "../types/Report.sol";

/// WHAT     The one market's book that pool, vault and hedger share and through which alone they meet: exposures per
///          expiry, equity, impact reserve, claims of the tranches, outflow. It also is the vault's account in the
///          Clearinghouse, under plain sums.
///
///            B, Q   base and quote of the account            b, q   claims: what the tranches are owed
///            V      worth of the options written, net        E = B S + Q - V
///            X = sum w_e vega_e,  G = sum vega / (sigma tau) min(1, (s / 3 %)^2),  w_e = sqrt(30 d / tau_e) within coded bounds
///            U = sum of written amounts + long calls,  M = sum of written n K + long puts n K
///
/// UNITS    WAD. Vega, vegaSkew: quote per 1.00 of vol. Gamma (G): quote. Delta: base units. Equity, reserve,
///          impact: quote. Claims: units of the own asset. Inside the packed words: see {BookFields}.
/// SIGNS    Vega, vegaSkew, gamma: what the vault is short (sold is positive). Delta: the vault's own (short call:
///          negative).
/// BLOCKS   A refresh reverts in a block in which a trade has already happened, so no refresh stands between two
///          trades of one block. An epoch's end does not, for dust in every block could hold it up: between a cut-off
///          and its {assign} nothing opens, so before it in its block there are exits at most.
/// RULES    No loop over strikes in a trade: {move} adds what the pool worked out, {refresh} recomputes expiries.
///          Sum of rewards paid <= sum of impact received, at all times (P9); the reserve is no part of equity.
/// ROLES    Pool: {move}. Vault: {assign}, {lowerClaim}, {windDown}. Hedger: {noteHedge}. A tranche: {setPending}. Anyone: {refresh}, {realize}. The
///          deployer, once: {initialize}. Governor: {setTerms}. Council: {tightenTerms}.
/// CALLS    IClearinghouse, IVolSurface, ISpotOracle, from an open settlement window on the market's ISettlementOracle; nothing above it.
interface IBook {
    /// The two tranches, by the asset that they take and owe.
    enum Side {
        Base,
        Quote
    }

    /// Which limit an opening would break; `None` when it may. `EpochDue`: a cut-off is past, or an epoch ends in this very transaction.
    /// `ExposuresOld`: an expiry of the trade was refreshed too long ago, at another spot, or before it had a slice.
    enum Limit {
        None,
        WindDown,
        EpochDue,
        NoEquity,
        ExposuresOld,
        VegaLow,
        VegaHigh,
        Gamma,
        BaseCapacity,
        QuoteCapacity,
        OutflowOfBlock,
        OutflowOfEpoch,
        Rent
    }

    /// Why nobody can say what the delta is; `None` where it is known.
    ///   ExposuresOld   a live expiry was refreshed too long ago or at another spot than openings may rest on, inside the settlement window,
    ///                  where anything is written there, over a minute ago; or there is no band yet
    ///   NotRealized    a settled expiry's delta is still in the sum
    ///   TradedInBlock  what a trade reads changes within its block by trades alone; or an epoch ends in this very transaction
    enum Doubt {
        None,
        ExposuresOld,
        NotRealized,
        TradedInBlock
    }

    /// The contracts that may change the book, fixed once. `vault` may withdraw from and deposit into the account,
    /// `hedger` too; `pool` may trade on it and never withdraw.
    struct Modules {
        address pool;
        address vault;
        address hedger;
        address baseTranche;
        address quoteTranche;
    }

    /// What a price needs of the book, word by word.
    /// @param risks Of each expiry asked for; `marks` likewise.
    struct Reading {
        BookRisk risk;
        BookFunds funds;
        BookClaims claims;
        BookMargins margins;
        BookTerms terms;
        ExpiryRisk[] risks;
        ExpiryMark[] marks;
    }

    /// What a hedge rests on, WAD.
    /// @param delta The options', and B - b: as of the last refreshes and the trades since.
    /// @param band H of the last refresh of the whole book.
    /// @param equity equityLow.
    /// @param freeBase What is not locked of base.
    /// @param freeQuote What of quote is neither locked nor reserve nor unreleased rent; 0 where delta is not below 0: only what buys base spends it.
    /// Without meaning where there is a doubt.
    /// @param isEpochDue Whether a hedge has to be noted ({noteHedge}): the epoch's cut-off is past, and nothing has moved the account since.
    /// @param imprint {imprint} of now.
    struct Hedgeable {
        Doubt doubt;
        int256 delta;
        uint256 band;
        uint256 equity;
        uint256 freeBase;
        uint256 freeQuote;
        bool isEpochDue;
        bytes32 imprint;
    }

    /// What a trade changes, in units of the packed words (quote 1e-6, base 1e-9) but for spot and outflow.
    /// @param spot Spot of the exposures, WAD; how far it may be from the refreshes' is a limit.
    /// @param baseSum Change of U; `quoteSum` of M.
    /// @param baseTaken What the legs that take of U take, those that free some left out; `quoteTaken` of M. What one leg
    /// frees of the need is not known before a refresh, so it pays for no other.
    /// @param impact Positive: into the reserve. Negative: out of it, at most all of it.
    /// @param exits What a trade that only sells back is paid beyond the floor; negative: what one that only buys brings beyond intrinsic value.
    /// @param outflow What the trade counts against the outflow caps, WAD.
    /// @param isOpening Whether limits apply; they never do to selling back up to the vault's own written amount.
    /// @param expiries One entry an expiry touched.
    struct Move {
        uint256 spot;
        int256 baseSum;
        int256 quoteSum;
        uint256 baseTaken;
        uint256 quoteTaken;
        int256 impact;
        int256 exits;
        uint256 outflow;
        bool isOpening;
        ExpiryMove[] expiries;
    }

    /// @param vega Change of the weighted vega; `vegaSkew` likewise.
    /// @param delta Change of the options' delta.
    /// @param rentBase Rent due to the base tranche, released to it linearly until the expiry: on receipt it could
    /// be bought.
    /// @param rentQuote The same for the quote tranche.
    struct ExpiryMove {
        uint32 expiryAt;
        int256 vega;
        int256 vegaSkew;
        int256 gamma;
        int256 delta;
        uint256 rentBase;
        uint256 rentQuote;
    }

    /// What a hedge with all cover kept would take over all expiries, at 0.7 S, S and 1.3 S of the last refresh of
    /// the whole book, WAD, and U and M of then: what both have grown since comes on top.
    struct Need {
        uint256[3] base;
        uint256[3] quote;
        uint256 baseSum;
        uint256 quoteSum;
        uint256 refreshedAt;
        uint256 refreshedSpot;
    }

    /// The options at one report, each clamped to what cover can pay: short call <= S, short put <= K, longs >= 0.
    /// @param spot The report's.
    /// @param base B, quote Q of the account, WAD; expiries past but not settled count by what they would pay at `spot`.
    /// @param liability V at mid.
    /// @param reserve What the impact reserve keeps: at most Phi. What it holds beyond that is part of equity from this mark on.
    /// @param rent Rent of both tranches that is not due by the report; on receipt it could be bought.
    /// @param rentBase Rent due by the report to the base tranche and not released yet, WAD of quote; `rentQuote` to the
    /// quote tranche.
    /// @param equity B S + Q - V less reserve and all three rents, not below 0.
    /// @param grossVega sum |n| vega and `grossAmount` sum |n|: what closing every position would cross spreads on.
    /// @param delta Of the options; `gamma` what the vault is short, as G.
    /// @param potential Phi, as of the last refreshes.
    struct Mark {
        uint40 reportAt;
        uint256 spot;
        uint256 base;
        uint256 quote;
        int256 liability;
        uint256 reserve;
        uint256 rent;
        uint256 rentBase;
        uint256 rentQuote;
        uint256 equity;
        uint256 grossVega;
        uint256 grossAmount;
        int256 delta;
        int256 gamma;
        uint256 potential;
    }

    /// What an epoch's end writes, WAD.
    /// @param claimBase b.
    /// @param claimQuote q.
    /// @param equity E; enters the history behind equityLow and equityHigh. At most 1e12 of quote.
    /// @param reserve What the impact reserve keeps, the mark's; without a mark more than it holds, so that nothing is released.
    /// @param markedAt Rent is released up to here: the time of the mark's report.
    /// @param cutOffDay The day whose 09:00 UTC ends the epoch that begins; from then on nothing opens. 0: none.
    struct Assignment {
        uint256 claimBase;
        uint256 claimQuote;
        uint256 equity;
        uint256 reserve;
        uint40 markedAt;
        uint16 cutOffDay;
    }

    /// Potential, band and limits, as they are set; packed they are {BookTerms}, which tells what each means.
    struct Terms {
        uint16 lambdaBps;
        uint24 slopeLowPpm;
        uint24 slopeHighPpm;
        uint16 muBps;
        uint16 thetaPpm;
        uint16 kappaPpm;
        uint16 stickinessBps;
        uint16 vegaLowBps;
        uint16 vegaHighBps;
        uint16 gammaBps;
        uint16 exposureMaxAge;
        uint16 exposureMaxMoveBps;
        uint16 blockOutflowBps;
        uint16 epochOutflowBps;
        uint16 epochExitsBps;
    }

    /// The modules are known, for good.
    event Initialized(Modules modules);

    /// An expiry was recomputed: what it was by trades, what it is.
    event Refreshed(uint32 indexed expiryAt, ExpiryRisk before, ExpiryRisk afterwards, uint256 spot);

    /// All live expiries were refreshed together.
    event NeedRefreshed(Need need, uint256 band);

    /// An epoch's end. `released`: what the reserve held beyond Phi at the mark, which is part of the equity assigned.
    event Assigned(Assignment assignment, uint256 released, uint256 reserve);

    /// Rent of an expiry became the tranches' own; expiry 0: of those realized since the last epoch's end.
    event RentReleased(uint32 indexed expiryAt, uint256 rentBase, uint256 rentQuote);

    /// A claim fell outside of an epoch's end.
    event ClaimLowered(Side indexed side, uint256 by);

    /// No opening any more.
    event WoundDown();

    /// An expiry's positions became balances, its exposures ended.
    event ExpiryRealized(uint32 indexed expiryAt, int256 baseAssets, int256 quoteAssets);

    /// The governor set, or the council (`tightened`) narrowed, the terms.
    event TermsSet(Terms terms, bool tightened);

    // Trades are told by the pool's events, which carry all that the book learns from them.

    /// Names the modules and gives them their scopes on the account. Deployer, once; nobody can add a module later.
    function initialize(Modules calldata modules_) external;

    /// Books a trade. Pool only. An opening reverts with the limit that {check} names.
    function move(Move calldata trade) external;

    /// The limit that {move} would refuse `trade` by, in the state of now; `None` for what only sells back.
    function check(Move calldata trade) external view returns (Limit limit);

    /// Recomputes expiries from positions, slices (aged, whatever their state) and spot: the report's while it is
    /// young, else the oracle's lowest live one. With all live expiries named, in rising order, also the need and the band; a part of them
    /// only while the last such refresh is one that openings may rest on. Anyone, never paused; O(strikes of the expiries).
    function refresh(uint32[] calldata expiriesAt) external;

    /// Ends an epoch: new claims (which hold the rent that is due), the equity's history, rent that is due released, what the reserve
    /// keeps, the next cut-off. Vault only.
    function assign(Assignment calldata assignment) external;

    /// Lowers the claim of a side by what leaves outside of an epoch's end, WAD, rounded against it, and the lower equity, from which the
    /// limits follow (S7), in the proportion in which both claims together fall at `spot`. Vault only.
    /// @param spot WAD, below 2^96, of those that no signer sets alone: the highest for base, the lowest, which may be 0, for quote.
    function lowerClaim(Side side, uint256 by, uint256 spot) external;

    /// Refuses every opening from now on, for good. Vault only.
    function windDown() external;

    /// What waits to leave the tranche of a side: `shares` of the `supply`, kept in units of its asset at the NAV of the last mark, up;
    /// openings come behind it (P12). That tranche only, whose events tell what changed it.
    function setPending(Side side, uint256 shares, uint256 supply) external;

    /// Realizes a settled expiry at the Clearinghouse and ends its exposures. Anyone, never paused.
    function realize(uint32 expiryAt) external;

    /// Sets potential and limits within bounds in code. Governor.
    function setTerms(Terms calldata terms_) external;

    /// As {setTerms}, but only limits may change, and none may get wider. Council.
    function tightenTerms(Terms calldata terms_) external;

    /// The market, as the Clearinghouse numbers it.
    function market() external view returns (uint32 market_);

    /// The whole book with some of its expiries.
    function read(uint32[] calldata expiriesAt) external view returns (Reading memory reading);

    /// What can be hedged of the book at `spot`, WAD. Inside a hedge's callback the account lacks one side of it (K5).
    function hedgeable(uint256 spot) external view returns (Hedgeable memory seen);

    /// Notes that a hedge has moved one asset into the other after the epoch's cut-off, at the spot of its time: the mark that is due counts with a
    /// narrower band of spot, as after a sale back. Hedger only.
    function noteHedge() external;

    /// A digest of exposures, funds, claims and the account, its balances less `base` and `quote` (assets, with a sign): the same as before
    /// where these came in and nothing else has happened.
    function imprint(int256 base, int256 quote) external view returns (bytes32);

    /// What the tranches are owed, and the plain sums: one word of {read}.
    function claims() external view returns (BookClaims claims_);

    /// The spot that a refresh of now takes, WAD: the last report's while it is at most 120 s old, else the lowest that the oracle's `alive`
    /// allows, or `Book_SpotSilent`.
    function refreshSpot() external view returns (uint256 spot);

    /// The sums of the last refresh of the whole book.
    function need() external view returns (Need memory need_);

    /// Phi over all live expiries, at equityLow. WAD of quote.
    function potential() external view returns (uint256 phi);

    /// The account at `report` and its time, whenever asked, unsigned: who relies on it compares its digest first.
    /// Outside the domain of the pricing, and for an expiry that the report leaves out, the clamped intrinsic value; `Book_NotRealized` for
    /// an expiry that is settled and not realized. O(strikes).
    function mark(Report calldata report) external view returns (Mark memory mark_);

    /// Whether the book has anything at an expiry: exposures, rent, or positions in its account. {realize} ends all three.
    function isOpen(uint32 expiryAt) external view returns (bool);

    /// Rent of an expiry that is not released yet, WAD of quote; of expiry 0: of those realized.
    function rent(uint32 expiryAt) external view returns (uint256 rentBase, uint256 rentQuote);

    /// The same of all live expiries and of those realized, both tranches together; not of one that is settled and not realized.
    function unreleasedRent() external view returns (uint256 rent_);

    /// The modules.
    function modules() external view returns (Modules memory modules_);

    /// Potential, band and limits.
    function terms() external view returns (Terms memory terms_);
}
