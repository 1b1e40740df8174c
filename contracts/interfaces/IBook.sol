// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Report } from "./IVolSurface.sol";

/// WHAT     The one market's book that pool, vault and hedger share and through which alone they meet: exposures per
///          expiry, equity, impact reserve, claims of the tranches, outflow. It also is the vault's account in the
///          Clearinghouse.
///
///            B, Q   base and quote of the account            b, q   claims: what the tranches are owed
///            V      worth of the options written, net        E = B S + Q - V,   g = E / (b S + q)
///            X = sum w_e vega_e,  G = sum vega / (sigma tau),  w_e = sqrt(30 d / tau_e) within coded bounds
///            Phi(x) = L(X)/E + mu/(2E) sum_e [(w_e vega_e)^2 + (w_e vegaSkew_e)^2]
///                     + theta/(2E) G^2 + kappa S huber_H(delta)
///
/// UNITS    WAD throughout. Vega, vegaSkew: quote per 1.00 of vol. Gamma (G): quote. Delta: base units. Equity,
///          reserve, impact, fees: quote. Claims: units of the own asset. Conversion to tokens' decimals happens at
///          the Clearinghouse.
/// SIGNS    Vega, vegaSkew, gamma: what the vault is short (sold is positive). Delta: the vault's own (short call:
///          negative).
/// BLOCKS   {state} and {exposure} answer with the values of the block's first touch, moved by the block's trades
///          alone (a second trade starts where the first one ended, or splitting would win). Refreshes, hedges,
///          epochs and income act on prices from the next block; of the reserve, the block's rewards come off at
///          once, the impact paid in counts from the next block. Capacity and outflow count at once.
/// RULES    No loop over strikes in a trade: {move} adds what the pool worked out, {refresh} recomputes one expiry.
///          Sum of rewards paid <= sum of impact received, at all times (P9); the reserve is no part of equity.
/// ROLES    Pool: {move}. Hedger: {hedged}. Vault: {assign}, {windDown}. A tranche: {setPending}. Anyone: {refresh},
///          {realize}. The deployer, once: {initialize}. Governor: {setParameters}, {setLimits}. Council:
///          {tightenLimits}.
/// CALLS    IClearinghouse, IVolSurface, the two oracles; nothing above it.
interface IBook {
    /// The two tranches, by the asset that they take and owe.
    enum Side {
        Base,
        Quote
    }

    /// Which limit an opening would break; `None` when it may.
    enum Limit {
        None,
        ExposuresOld,
        VegaLow,
        VegaHigh,
        Gamma,
        BaseCapacity,
        QuoteCapacity,
        OutflowOfBlock,
        OutflowOfEpoch,
        NoEquity,
        WindDown
    }

    /// The contracts that may change the book, fixed once; `vault` may withdraw from and deposit into the account,
    /// `hedger` too, `pool` may trade on it and never withdraw.
    struct Modules {
        address pool;
        address vault;
        address hedger;
        address baseTranche;
        address quoteTranche;
    }

    /// Exposure of one expiry, as of its last refresh, moved by the trades since.
    /// @param vega sum of n dV/dsigma over what is written less what is held.
    /// @param vegaSkew sum of vega z, z = k / (sigma sqrt(tau)).
    /// @param gamma sum of vega / (sigma tau).
    /// @param delta Skew-aware delta of the vault: delta_BS + (R - 1) vega skew / S; inside the settlement window the
    /// window's delta; after the price is fixed and until {realize}, the base that is owed.
    /// @param weight w_e as of the refresh.
    /// @param refreshedAt Unix seconds.
    /// @param refreshedSpot Spot of the refresh.
    struct Exposure {
        int128 vega;
        int128 vegaSkew;
        int128 gamma;
        int128 delta;
        uint128 weight;
        uint40 refreshedAt;
        uint128 refreshedSpot;
    }

    /// What a hedge with all cover kept would take, over all expiries, at 0.7 S, S and 1.3 S of the refresh: each
    /// written option adds Phi(-d1) to the base and K (S/F) Phi(d2) to the quote. Changes of these sums are signed,
    /// the sums never negative.
    struct Need {
        int128 baseDown;
        int128 baseHere;
        int128 baseUp;
        int128 quoteDown;
        int128 quoteHere;
        int128 quoteUp;
    }

    /// The book as a whole: the block's first touch, moved by the block's trades.
    /// @param vega X.
    /// @param gamma G.
    /// @param delta Options' delta + B - b.
    /// @param band H, within which nobody hedges, base units.
    /// @param reserve Impact paid in and not paid out.
    /// @param equityLow Smallest equity of now and the last three epochs; impact is taken at the dearer of the two.
    /// @param equityHigh Largest of the same.
    /// @param hedgeLoss Loss of this epoch's hedges against the report's spot.
    /// @param deltaRaisedIn Number of the last block in which a trade raised |delta|.
    struct State {
        int256 vega;
        int256 gamma;
        int256 delta;
        uint256 band;
        uint256 reserve;
        uint256 equityLow;
        uint256 equityHigh;
        uint256 hedgeLoss;
        uint64 deltaRaisedIn;
    }

    /// What openings and withdrawals may still use. An opening passes if, with pending withdrawals taken from the
    /// claims first, baseSum <= b and quoteSum <= q; else if the need, when fresh, is <= b and <= q at all three
    /// spots (V12).
    /// @param claimBase b.
    /// @param claimQuote q.
    /// @param pendingBase Withdrawals requested from the base tranche.
    /// @param pendingQuote The same, quote.
    /// @param baseSum U = written amounts + long calls.
    /// @param quoteSum M = written n K + long puts n K.
    /// @param need The six cached sums.
    /// @param needIsFresh Whether they count.
    struct Capacity {
        uint256 claimBase;
        uint256 claimQuote;
        uint256 pendingBase;
        uint256 pendingQuote;
        uint256 baseSum;
        uint256 quoteSum;
        Need need;
        bool needIsFresh;
    }

    /// What a trade changes in one expiry; every field but the first is a change.
    /// @param rentBase Rent due to the base tranche, WAD of quote, released linearly until the expiry; equity at
    /// once, the tranche's as released (on receipt it could be bought).
    /// @param rentQuote The same for the quote tranche.
    struct ExpiryMove {
        uint32 expiryAt;
        int128 vega;
        int128 vegaSkew;
        int128 gamma;
        int128 delta;
        int128 baseSum;
        int128 quoteSum;
        uint128 rentBase;
        uint128 rentQuote;
        Need need;
    }

    /// A trade as the book sees it; amounts in WAD of quote.
    /// @param expiries One entry an expiry touched, ascending.
    /// @param value sum q_i V_i: worth of the options sold less bought; for the attribution only.
    /// @param base Change of B in base units: negative where a buy-back is paid in base.
    /// @param impact Positive: into the reserve. Negative: out of it, at most all of it.
    /// @param income Age spread and fee: equity at once.
    /// @param outflow What the trade counts against the outflow caps.
    /// @param isOpening Whether limits apply; they never do to selling back up to the vault's own written amount.
    struct Trade {
        ExpiryMove[] expiries;
        int256 value;
        int256 base;
        int256 impact;
        uint256 income;
        uint256 outflow;
        bool isOpening;
    }

    /// The options at one report, legs clamped to what cover can pay: short call <= S, short put <= K, longs >= 0.
    /// @param reportAt Time of the report.
    /// @param spot Its spot.
    /// @param balanceBase B, what is owed for settled expiries taken off.
    /// @param balanceQuote Q, the same.
    /// @param liabilityBid V if all could be closed at its cheapest; the equity that entrants pay for rests on it.
    /// @param liabilityMid V; claims are marked by it.
    /// @param liabilityAsk V with the cost to unwind; leavers are paid by it. Bid <= mid <= ask.
    struct Mark {
        uint40 reportAt;
        uint256 spot;
        uint256 balanceBase;
        uint256 balanceQuote;
        int256 liabilityBid;
        int256 liabilityMid;
        int256 liabilityAsk;
    }

    /// What an epoch's end writes.
    /// @param claimBase b after result, deposits and withdrawals.
    /// @param claimQuote q after the same.
    /// @param equity E after the same; enters the history behind equityLow and equityHigh.
    /// @param spot Spot of the mark.
    struct Assignment {
        uint256 claimBase;
        uint256 claimQuote;
        uint256 equity;
        uint256 spot;
    }

    /// What came in and went out since the last epoch's end, for its attribution.
    /// @param premium sum of `value` of the trades.
    /// @param income Age spreads and fees.
    /// @param rentBase Rent released to the base tranche.
    /// @param rentQuote Rent released to the quote tranche.
    /// @param impactReleased What the reserve held beyond Phi(x): moved into equity by this call.
    /// @param hedgeCost Cost of hedges against the report's spot; may be negative.
    struct Flows {
        int256 premium;
        uint256 income;
        uint256 rentBase;
        uint256 rentQuote;
        uint256 impactReleased;
        int256 hedgeCost;
    }

    /// Potential and hedging band; `quant.md` gives units, defaults and what each means in vol points.
    /// @param lambda Curvature of L.
    /// @param slopeLow Lowest vol shift, <= 0; L is linear beyond.
    /// @param slopeHigh Highest vol shift.
    /// @param mu Curvature per expiry of vega and skew.
    /// @param theta Curvature in gamma.
    /// @param kappa Cost of delta beyond the band, of spot.
    /// @param stickiness R of the skew-aware delta.
    /// @param riskAversion gamma_R of the band H = (1.5 c S Gamma^2 E / gamma_R)^(1/3).
    /// @param hedgeCost c of the band, of spot.
    /// @param bandFloor Least H, as a share of E / S.
    /// @param bandCap Largest H, as a share of E / S.
    struct Parameters {
        uint64 lambda;
        int64 slopeLow;
        int64 slopeHigh;
        uint64 mu;
        uint64 theta;
        uint64 kappa;
        uint64 stickiness;
        uint64 riskAversion;
        uint64 hedgeCost;
        uint64 bandFloor;
        uint64 bandCap;
    }

    /// Limits of openings. Shares are of E, in WAD.
    /// @param vegaLow Least X / E, <= 0.
    /// @param vegaHigh Largest X / E.
    /// @param gamma Largest |G| / E.
    /// @param exposureMaxAge Oldest refresh behind an opening, seconds.
    /// @param exposureMaxMove Largest |ln(S / S of the refresh)| behind an opening.
    /// @param outflowOfBlock Largest outflow a block, share of E.
    /// @param outflowOfEpoch Largest outflow an epoch, share of E.
    struct Limits {
        int64 vegaLow;
        uint64 vegaHigh;
        uint64 gamma;
        uint32 exposureMaxAge;
        uint64 exposureMaxMove;
        uint64 outflowOfBlock;
        uint64 outflowOfEpoch;
    }

    /// The modules are known, for good.
    event Initialized(Modules modules);

    /// An expiry was recomputed: what it was by trades, what it is.
    event Refreshed(uint32 indexed expiryAt, Exposure before, Exposure afterwards, uint256 band);

    /// A hedge changed the account: base bought (positive) or sold, quote received (positive) or paid, cost against
    /// spot.
    event HedgeBooked(int256 base, int256 quote, uint256 spot, int256 cost, int256 delta);

    /// An epoch's end.
    event Assigned(Assignment assignment, Flows flows, uint256 reserve);

    /// What waits to leave a tranche changed.
    event PendingChanged(Side indexed side, uint256 pending);

    /// No opening any more.
    event WoundDown();

    /// An expiry's positions became balances, its exposures ended.
    event ExpiryRealized(uint32 indexed expiryAt, int256 base, int256 quote);

    /// The governor set the potential and the band.
    event ParametersSet(Parameters parameters);

    /// The governor set, or the council (`tightened`) narrowed, the limits.
    event LimitsSet(Limits limits, bool tightened);

    // Trades are told by the pool's events, which carry all that the book learns from them.

    /// Names the modules and gives them their scopes on the account. Deployer, once; nobody can add a module later.
    function initialize(Modules calldata modules) external;

    /// Books a trade: exposures, sums, reserve, income, rent, outflow. Pool only.
    /// Reverts with the limit that {check} names when it is an opening.
    function move(Trade calldata trade) external;

    /// The limit that {move} would refuse `trade` by, in the state of now.
    function check(Trade calldata trade) external view returns (Limit limit);

    /// Recomputes one expiry from positions, slices (aged, whatever their state) and the live spot, and with it band
    /// and need. Anyone, never paused; O(strikes of the expiry); acts on prices from the next block.
    function refresh(uint32 expiryAt) external;

    /// Books a hedge after the assets have moved. Hedger only.
    /// @param base Base bought (positive) or sold.
    /// @param quote Quote received (positive) or paid.
    /// @param spot The report's spot, against which the cost is measured: cost = -(base * spot + quote).
    function hedged(int256 base, int256 quote, uint256 spot) external;

    /// Ends an epoch: new claims, the equity's history, the reserve's excess over Phi(x) into equity. Vault only.
    function assign(Assignment calldata assignment) external returns (Flows memory flows);

    /// Refuses every opening from now on, for good. Vault only.
    function windDown() external;

    /// What waits to leave the calling tranche, in units of its asset at the NAV of the last mark; openings come
    /// behind it (P12). Tranches only.
    function setPending(uint256 pending) external;

    /// Realizes a settled expiry at the Clearinghouse and ends its exposures. Anyone, never paused.
    function realize(uint32 expiryAt) external;

    /// Sets potential and band within bounds in code. Governor.
    function setParameters(Parameters calldata parameters_) external;

    /// Sets the limits within bounds in code. Governor.
    function setLimits(Limits calldata limits_) external;

    /// As {setLimits}, but reverts if any limit gets wider. Council.
    function tightenLimits(Limits calldata limits_) external;

    /// The market, as the Clearinghouse numbers it.
    function market() external view returns (uint32 market_);

    /// The book as a whole: the block's first touch, moved by the block's trades.
    function state() external view returns (State memory state_);

    /// One expiry: the block's first touch, moved by the block's trades.
    function exposure(uint32 expiryAt) external view returns (Exposure memory exposure_);

    /// Claims, pending withdrawals, sums and need, as of now.
    function capacity() external view returns (Capacity memory capacity_);

    /// The options of the account at `report`, unsigned: who relies on it compares its digest first. Total: outside
    /// the domain of the pricing, and for an expiry that the report leaves out, the clamped bounds of the price.
    /// O(strikes).
    function mark(Report calldata report) external view returns (Mark memory mark_);

    /// The modules.
    function modules() external view returns (Modules memory modules_);

    /// Potential and band.
    function parameters() external view returns (Parameters memory parameters_);

    /// The limits of openings.
    function limits() external view returns (Limits memory limits_);
}
