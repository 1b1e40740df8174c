// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// WHAT     Sells or buys the vault's delta by a Dutch auction; it knows no venue. When |delta| leaves the band H,
///          anyone may trade it to the band's edge, at
///
///            price(c) = S (1 -/+ h_0 +/- c (h_0 + h)),   c in [0, 1] the auction's clock
///
///          with S the report's spot, at most 30 s old: from h_0 on the vault's side of spot to the hard bound h
///          against it (upper signs: the vault buys base).
///          The bound is <= what trades pay for their delta, h <= kappa + minimum fee / |delta|, so nobody wins by
///          trading, filling and trading back (P11).
/// CLOCK    c grows with time since the auction opened, weighted by what is still to be hedged: a fill takes its
///          share of the excess with it and never restarts it; new excess enters at c = 0 (H6). It ends when delta is
///          seen inside the band, by {fill} or {open}.
/// UNITS    Base amounts, delta, band: WAD of base units. Prices: WAD of quote per base. Rounding in favour of the
///          vault.
/// HOLDS    H1-H8: within the bound; never beyond the band's edge on the other side; assets move only between the
///          account and the fill; never sells base that is locked, nor spends quote that is locked or is reserve or
///          unreleased rent.
/// LOSS CAP Past an epoch's largest hedging loss only the wider band hedges, and the price goes around the proven spot; hedging never stops. An
///          epoch is a day from 09:00 UTC; its loss is the sum of what fills owed beyond the proven spot, but for what a filler delivers
///          beyond what it owes. The proven spot is, of the feed's and the report's, the lower where the vault buys and the higher where it
///          sells. The average never counts.
/// ROLES    Anyone: {open}, {fill}. Governor: {setParameters}. Council: {tightenParameters}. Never paused.
/// CALLS    IBook, IClearinghouse (WITHDRAW scope on the book's account), VolSurface, ISpotOracle, the filler's
///          callback. Knows neither pool nor vault.
interface IDeltaHedger {
    /// Why there is nothing to fill; `None` when there is. Up to `SpotsDisagree` nobody can say what the delta or its
    /// price is, so the clock is not touched either.
    ///   ExposuresOld   refresh the book: a live expiry is older, or was seen at another spot, than openings may rest
    ///                  on; inside the settlement window, where anything is written, than a minute; or there is no band yet
    ///   NotRealized    realize the settled expiry: its delta is still in the book's sum
    ///   TradedInBlock  a trade moved the book in this block, or an epoch ends in this very transaction
    ///   SpotOld        post a report
    ///   SpotSilent     the oracle gives no answer to open by: nothing to hold the signers' spot against
    ///   SpotsDisagree  the report's spot and the other sources are too far apart, or the oracle does not count it, as after a revocation; a
    ///                  market whose oracle never counts it is hedged only while spot is within the other sources
    enum Obstacle {
        None,
        ExposuresOld,
        NotRealized,
        TradedInBlock,
        SpotOld,
        SpotSilent,
        SpotsDisagree,
        InsideBand,
        NoFreeBase,
        NoFreeQuote
    }

    /// The auction as of now; {fill} carries it out (H4).
    /// @param obstacle `None`, or why {fill} would revert.
    /// @param delta Delta now: the book's as of its refresh and the trades since.
    /// @param band H; the wider one when past the loss cap.
    /// @param amount Largest fill: base that the vault buys (positive) or sells (negative), down to the band's edge,
    /// cover and reserves kept.
    /// @param minimum Smallest fill, base; at most the excess, so that what is left can always be filled.
    /// @param spot The report's spot.
    /// @param price Price of now: around the report's spot, past the loss cap around the proven one; `bound` at the end of the clock.
    /// @param openedAt When the clock began, weighted, unix seconds; now where {open} or {fill} would begin it, 0 inside the band.
    /// @param isPastLossCap Whether this epoch's hedging loss is past its cap.
    struct Plan {
        Obstacle obstacle;
        int256 delta;
        uint256 band;
        int256 amount;
        uint256 minimum;
        uint256 spot;
        uint256 price;
        uint256 bound;
        uint40 openedAt;
        bool isPastLossCap;
    }

    /// `docs/PARAMETERS.md` gives ranges and reasons.
    /// @param startPpm h_0 of spot, on the vault's side.
    /// @param boundPpm h of spot, the hard bound.
    /// @param duration Seconds from c = 0 to c = 1.
    /// @param minimumFillBps Smallest fill, share of the band.
    /// @param lossCapPpm Largest hedging loss an epoch, share of equityLow, before the wider band.
    /// @param wideningBps How many times wider that band is, > 1.
    struct Parameters {
        uint16 startPpm;
        uint16 boundPpm;
        uint16 duration;
        uint16 minimumFillBps;
        uint16 lossCapPpm;
        uint24 wideningBps;
    }

    /// |delta| was found outside the band; the clock runs.
    event AuctionOpened(int256 delta, uint256 band, uint256 spot, address caller);

    /// A fill. `base`: bought (positive) or sold by the vault; `quote`: received (positive) or paid, both in WAD;
    /// cost against the report's spot: cost = -(base spot + quote), rounded up.
    event Hedged(
        address indexed filler,
        address indexed receiver,
        int256 base,
        int256 quote,
        uint256 price,
        uint256 spot,
        int256 cost,
        int256 deltaBefore,
        int256 deltaAfter
    );

    /// The governor set, or the council (`tightened`) narrowed, the parameters.
    event ParametersSet(Parameters parameters, bool tightened);

    /// Looks at the delta: starts the clock when it is outside the band, lets new excess in, ends the clock inside the band. Reverts where
    /// nobody can say what the delta is. Anyone; {fill} does it too.
    function open() external;

    /// What can be filled now, at which price, and why not. Reverts inside {fill}, where balances are between two states (K5).
    function plan() external view returns (Plan memory plan_);

    /// Trades `amount` of the plan: the vault's side goes to `receiver`, the caller is called back ({IHedgeFiller})
    /// and delivers the other side here, which goes into the book's account as measured. The callback cannot
    /// trade, refresh, mark or move the account's money: book and account must be as they were, but for the fill.
    /// @param amount Base that the vault buys (positive) or sells (negative); the plan's sign, at least its minimum;
    /// cut to its amount.
    /// @param limitPrice The caller's own limit: the vault buying, least price; the vault selling, highest price.
    /// @param receiver Gets the vault's side.
    /// @param data Handed to the callback.
    /// @return base Base delivered (positive) or sent out, assets.
    /// @return quote Quote sent out (negative) or delivered, assets; rounded in favour of the vault.
    function fill(
        int256 amount,
        uint256 limitPrice,
        address receiver,
        bytes calldata data
    ) external returns (int256 base, int256 quote);

    /// Sets the parameters within bounds in code. Governor.
    function setParameters(Parameters calldata parameters_) external;

    /// As {setParameters}, but only bound and loss cap may change, and only fall. Council. Their coded minima keep hedging alive.
    function tightenParameters(Parameters calldata parameters_) external;

    /// The parameters.
    function parameters() external view returns (Parameters memory parameters_);

    /// Hedging loss of the epoch so far, WAD of quote; negative: a gain. By the report's spot or the feed's, whichever makes it larger: so no less than the
    /// sum of `cost` over the epoch's `Hedged`.
    function epochLoss() external view returns (int256 loss);

    /// The book that is hedged.
    function book() external view returns (address book_);
}
