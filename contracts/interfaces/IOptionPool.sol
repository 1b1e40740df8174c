// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SeriesId } from "../types/SeriesId.sol";
import { IBook } from "./IBook.sol";
import { IClearinghouse } from "./IClearinghouse.sol";
import { ISelfEndingPause } from "./ISelfEndingPause.sol";
import { ISpotOracle } from "./ISpotOracle.sol";
import { SliceStatus } from "./IVolSurface.sol";

/// WHAT     Buys and sells options of one market against the book, any set of legs at one net price:
///
///            cost = sum q_i V_i + [Phi(x + dx) - Phi(x)] + age spread + fee + rent          q > 0: the taker buys
///
///          as docs/decisions/0007 has it in full. Quantities are given, the cost is the answer.
/// UNITS    WAD of quote, unless it says assets (the token's own decimals). Amounts of options: WAD. Every rounding
///          is against the taker.
/// OPENING  A leg opens unless it sells back what the book's account has itself written. A trade with an opening leg
///          can be refused for any {Refusal}.
/// EXITS    Selling back up to the written amount is refused only in the settlement window, when no spot lives at all,
///          and by the taker's own limit and deadline; past any other limit it is paid {floorBid} (promise 5).
/// HOLDS    P3-P10: splits, round trips and combinations win nothing; quote and execution agree to the unit.
/// ROLES    Anyone: {trade}. Governor: {setParameters}. Council: {tightenParameters}. Guardian: pause of openings.
/// CALLS    VolSurface, ISpotOracle, IBook, IClearinghouse (TRADE scope on the book's account), the two tokens. Knows
///          neither vault nor hedger.
interface IOptionPool is ISelfEndingPause {
    /// Why a trade would be refused; `None` when it would pass. The first that applies, in this order. Those from
    /// `Paused` on never refuse what only sells back.
    enum Refusal {
        None,
        NoLegs,
        MarketOther,
        SeriesRepeated,
        SeriesNotListed,
        AmountTooSmall,
        AmountTooLarge,
        SettlementWindow,
        SpotNotAlive,
        Paused,
        ClosingTime,
        SpotRefused,
        ReportOld,
        SpotMoved,
        SliceClosed,
        PriceOutOfDomain,
        SaleBeyondValue,
        BookLimit
    }

    /// One leg of a quote, per option.
    /// @param value V at the lowest spot and the current slice.
    /// @param vol Implied vol of the slice at the strike, on the variance clock.
    /// @param delta dV/dS, skew-aware.
    /// @param vega dV/dvol, quote per 1.00.
    struct LegQuote {
        uint256 value;
        uint256 vol;
        int256 delta;
        uint256 vega;
    }

    /// What a price is made of, and the spots behind it: the sum of the first six is the cost before its conversion, unless it would be
    /// below the intrinsic value of what is bought less the most that what is sold can pay, which is then the cost (P6).
    /// @param value sum q_i V_i at the worst spot and slices.
    /// @param impact Difference of the potential; negative: a reward out of the reserve.
    /// @param spread Age and displacement spread.
    /// @param fee Fee; per unit it does not depend on size.
    /// @param rentBase Rent for the capacity used of the base tranche.
    /// @param rentQuote The same, quote tranche.
    /// @param spotLow Lowest spot used.
    /// @param spotHigh Highest spot used.
    struct Parts {
        int256 value;
        int256 impact;
        uint256 spread;
        uint256 fee;
        uint256 rentBase;
        uint256 rentQuote;
        uint256 spotLow;
        uint256 spotHigh;
    }

    /// A price, the risk that comes with it, and whether a trade would pass.
    /// @param cost Quote assets: the taker pays (positive, rounded up) or gets (negative, rounded towards zero).
    /// @param baseProceeds Base assets that the taker gets besides, where free quote does not last; rounded down.
    /// @param notional sum |q_i| S.
    /// @param parts What `cost` is made of. Of a sale whose price is not that of all of it, those of the part that is
    /// paid.
    /// @param delta Of the whole, for the taker: base units.
    /// @param gamma Of the whole: d delta / dS.
    /// @param vega Of the whole: quote per 1.00 of vol.
    /// @param theta Of the whole: quote per year on the variance clock.
    /// @param isFloor Whether the signer-free bound decided the price.
    /// @param refusal `None`, or why {trade} would revert; then the prices hold as far as they could be worked out.
    /// @param spotReason What the spot oracle said, for `SpotNotAlive` and `SpotRefused`.
    /// @param sliceStatus What VolSurface said of the first slice that may not be opened, for `SliceClosed`.
    /// @param limit Which limit, for `BookLimit`.
    /// @param legs In the order asked.
    struct Quote {
        int256 cost;
        uint256 baseProceeds;
        uint256 notional;
        Parts parts;
        int256 delta;
        int256 gamma;
        int256 vega;
        int256 theta;
        bool isFloor;
        Refusal refusal;
        ISpotOracle.Reason spotReason;
        SliceStatus sliceStatus;
        IBook.Limit limit;
        LegQuote[] legs;
    }

    /// Prices of age, fees and rent, each in its own unit; docs/PARAMETERS.md gives defaults, docs/POOL.md what each means.
    /// @param feeVolPpm Fee in vol, of vega (5,000 = 0.5 vp) ...
    /// @param feeNotionalPpm ... or of notional, the larger.
    /// @param feeOfValueBps On sells at most this share of V.
    /// @param ageSdsBps m: standard deviations in both age spreads (20,000 = 2).
    /// @param volOfVolBps nu of the vega spread, per sqrt(year).
    /// @param displacementBps beta: vol per relative move of spot since the report (15,000 = 1.5).
    /// @param reportMaxAge Oldest report behind an opening, seconds.
    /// @param spotMaxMoveBps Floor of the largest |S / S of the report - 1| behind an opening.
    /// @param rentBelowPpm Yearly rent at zero use, of capacity ...
    /// @param rentAtKinkPpm ... at 80 % use ...
    /// @param rentFullPpm ... at full use; linear between.
    struct Parameters {
        uint24 feeVolPpm;
        uint24 feeNotionalPpm;
        uint16 feeOfValueBps;
        uint24 ageSdsBps;
        uint16 volOfVolBps;
        uint24 displacementBps;
        uint16 reportMaxAge;
        uint16 spotMaxMoveBps;
        uint24 rentBelowPpm;
        uint24 rentAtKinkPpm;
        uint24 rentFullPpm;
    }

    /// A trade as a whole; its legs follow in {LegTraded}, in the next logs of the same contract.
    /// @param premium Quote assets paid (positive) or received by the trader.
    /// @param baseProceeds Base assets received besides.
    /// @param notional sum |q_i| S, WAD of quote: volume by notional.
    /// @param isFloor Whether the signer-free bound decided the price.
    event Traded(
        address indexed trader,
        address indexed receiver,
        int256 premium,
        uint256 baseProceeds,
        uint256 notional,
        Parts parts,
        bool isFloor
    );

    /// One leg of a trade; `series` spells market, expiry, strike and side. `amount` > 0: the trader bought.
    event LegTraded(address indexed trader, SeriesId indexed series, int256 amount, LegQuote leg);

    /// The governor set, or the council (`tightened`) raised, the parameters.
    event ParametersSet(Parameters parameters, bool tightened);

    /// Why a trade is refused, as {quote} would say it. Here rather than where they are thrown, because a library's errors are in no
    /// ABI. What is not listed, not covered, or beyond the book's limits, a trade hears of from the Clearinghouse and the book.
    error Pool_Refused(
        Refusal refusal,
        ISpotOracle.Reason spotReason,
        SliceStatus sliceStatus,
        IBook.Limit limit
    );

    /// The cost is above the taker's limit, or the proceeds, negative, below it.
    error Pool_CostAboveLimit(int256 cost, int256 limit);

    /// Trades all legs at one net price, or reverts as a whole.
    ///
    /// The caller pays: quote assets by ERC-20 allowance to this contract, tokens sold by ERC-6909 operator or
    /// allowance to it. A fresh report is posted first; one that is not newer than the stored, or second in a block,
    /// is skipped without an error, one that fails VolSurface's checks reverts.
    /// @param legs Of this market, each series at most once; positive: the caller buys.
    /// @param limit Largest cost in quote assets; negative: least proceeds. Proceeds in base count at the lowest live
    /// spot.
    /// @param deadline Last second at which the trade may happen.
    /// @param receiver Gets tokens bought and proceeds.
    /// @param report `abi.encode(Report, bytes signatures)` for {IVolSurface-postIfNewer}, at most 30 s old; empty
    /// for none.
    /// @return cost Quote assets that the caller paid (positive) or the receiver got (negative).
    /// @return baseProceeds Base assets that the receiver got besides.
    function trade(
        IClearinghouse.Leg[] calldata legs,
        int256 limit,
        uint256 deadline,
        address receiver,
        bytes calldata report
    ) external returns (int256 cost, uint256 baseProceeds);

    /// What {trade} would do now, to the unit (P8), without a new report. Never reverts for a reason that {Refusal}
    /// names.
    function quote(IClearinghouse.Leg[] calldata legs) external view returns (Quote memory quote_);

    /// What one option of `series`, written by the book's account, is bought back for at least, by what is alive (ISpotOracle):
    ///   call: max(0, S_lo - K D_hi), put: max(0, K D_lo - S_hi), with S_lo, S_hi its lowest and highest, less and plus
    ///   the feed's deviation and 2 %, and D_lo, D_hi the coded bounds of S/F.
    /// @return bid WAD of quote, rounded down; paid in quote while free quote lasts, else in the series' own asset (a
    /// call's bid over S_hi in base).
    /// @return reason `None`, `MarketUnknown` for a series of another market, or why no spot is alive: a sale goes through all the same while a signed spot is fresh, by the
    /// surface, up to the epoch's allowance and the free quote.
    function floorBid(SeriesId series) external view returns (uint256 bid, ISpotOracle.Reason reason);

    /// Sets the parameters within bounds in code. Governor.
    function setParameters(Parameters calldata parameters_) external;

    /// As {setParameters}, but reverts if any spread, fee or rent falls or a limit gets wider. Council.
    function tightenParameters(Parameters calldata parameters_) external;

    /// The parameters.
    function parameters() external view returns (Parameters memory parameters_);

    /// The book that this pool trades for.
    function book() external view returns (address book_);
}
