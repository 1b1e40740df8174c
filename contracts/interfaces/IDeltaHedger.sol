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
///          inside the band.
/// UNITS    Base amounts, delta, band: WAD of base units. Prices: WAD of quote per base. Rounding in favour of the
///          vault.
/// HOLDS    H1-H8: within the bound; never beyond the band's edge on the other side; assets move only between the
///          account and the fill; never sells base below cover and what is reserved, nor spends quote below them.
/// LOSS CAP Past an epoch's largest hedging loss only the wider band hedges; hedging never stops.
/// ROLES    Anyone: {open}, {fill}. Governor: {setParameters}. Council: {tightenParameters}. Never paused.
/// CALLS    IBook, IClearinghouse (WITHDRAW scope on the book's account), VolSurface, ISpotOracle, the filler's
///          callback. Knows neither pool nor vault.
interface IDeltaHedger {
    /// Why there is nothing to fill; `None` when there is.
    enum Obstacle {
        None,
        InsideBand,
        ExposuresOld,
        SpotOld,
        SpotsDisagree,
        DeltaRaisedInBlock,
        NoFreeBase,
        NoFreeQuote,
        BelowMinimum
    }

    /// The auction as of now; {fill} carries it out (H4).
    /// @param obstacle `None`, or why {fill} would revert.
    /// @param delta Delta now: the book's, at the spot of now (inside the settlement window: the window's).
    /// @param band H; the wider one when past the loss cap.
    /// @param amount Largest fill: base that the vault buys (positive) or sells (negative), down to the band's edge,
    /// cover and reserves kept.
    /// @param minimum Smallest fill, base; at least what is left is always allowed.
    /// @param spot The report's spot.
    /// @param price Price of now.
    /// @param bound Price at the end of the clock.
    /// @param openedAt When the clock began, weighted; 0 while no auction runs.
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

    /// Shares of spot and E in WAD; `docs/PARAMETERS.md` gives the reasons.
    /// @param start h_0, on the vault's side.
    /// @param bound h, the hard bound.
    /// @param duration Seconds from c = 0 to c = 1.
    /// @param minimumFill Smallest fill, share of the excess when the auction opened.
    /// @param lossCap Largest hedging loss an epoch, share of E, before the wider band.
    /// @param widening How many times wider that band is, > 1.
    struct Parameters {
        uint64 start;
        uint64 bound;
        uint32 duration;
        uint64 minimumFill;
        uint64 lossCap;
        uint64 widening;
    }

    /// |delta| was found outside the band; the clock runs.
    event AuctionOpened(int256 delta, uint256 band, uint256 spot, address caller);

    /// A fill. `base`: bought (positive) or sold by the vault; `quote`: received (positive) or paid, both in WAD;
    /// cost against the report's spot: cost = -(base spot + quote).
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

    /// Starts the clock when |delta| is outside the band; does nothing when it runs. Anyone; {fill} does it too.
    function open() external;

    /// What can be filled now, at which price, and why not.
    function plan() external view returns (Plan memory plan_);

    /// Trades `amount` of the plan: the vault's side goes to `receiver`, the caller is called back ({IHedgeFiller})
    /// and delivers the other side here, which goes into the book's account as measured.
    /// @param amount Base that the vault buys (positive) or sells (negative); the plan's sign, at least its minimum,
    /// at most its amount.
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

    /// As {setParameters}, but reverts unless bound, loss cap and start fall or stay. Council.
    function tightenParameters(Parameters calldata parameters_) external;

    /// The parameters.
    function parameters() external view returns (Parameters memory parameters_);

    /// The book that is hedged.
    function book() external view returns (address book_);
}
