// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SignedMath } from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { ISettlementOracle } from "../interfaces/ISettlementOracle.sol";
import { Exposure } from "../pricing/Exposure.sol";
import { IntegerSqrt } from "../pricing/IntegerSqrt.sol";
import { Potential } from "../pricing/Potential.sol";
import { Svi } from "../pricing/Svi.sol";
import { BASE_UNIT, packSigned, QUOTE_UNIT } from "../types/BookFields.sol";
import { ExpiryRisk } from "../types/ExpiryRisk.sol";
import { Expiries, expiryOfDay, LANES } from "../types/Expiries.sol";
import { Report } from "../types/Report.sol";
import { Slice } from "../types/Slice.sol";
import { StrikePosition } from "../types/StrikePosition.sol";
import { SETTLEMENT_WINDOW, YEAR } from "../types/Times.sol";
import { Axes } from "./Axes.sol";
import { Limits } from "./Limits.sol";

/// What the expiries of a book are worth and risk, position by position. It reads the account's positions where they are summed, so that
/// their words are handed over once; the rest is pure. With a deployment of its own, so that the Book stays within the size of a contract.
///
/// UNITS    WAD, amounts of options WAD. Positions as the Clearinghouse has them: negative is written.
/// RANGES   Proof of the unchecked blocks: spot, strike and D are below 2^128, so a value and a vegaSd are; a position is below 2^95 (the
///          Clearinghouse), rootTau below 2^61, k and the slope as in {Exposure}: no product leaves 2^250, and there are 32 strikes.
/// TOTAL    Nothing here reverts for a price: outside the domain of the pricing, without a slice and inside the settlement window an
///          option counts by its intrinsic value. Nor for what the settlement oracle answers, or does not.
/// WINDOW   What an option pays is its intrinsic value at the average over the window. A is what that average is expected to be: what is walked
///          of it as it is, the rest at spot S. With the share f of the window gone and P the chance that the average ends above K, a call's
///          delta is that of S (A - K)/A where it is paid, (1 - K/A)+ + P (1 - f) K S/A^2, and a put's -(1 - P)(1 - f). At f = 1 that is the
///          base that is owed, at f = 0 the intrinsic delta, and no book is hedged twice (H8).
///          P goes from 0 to 1 in a straight line as A crosses K, as steep as the normal distribution is in its middle: over 1.25 standard
///          deviations of what is not known of the average to each side. That is a walk of S over the time that is left, l, and one back
///          over the time that is gone and not walked, u: sigma S sqrt((l^3 + u^3) / 3 years) / 1800 s.
library Revaluation {
    using IntegerSqrt for uint256;

    int256 private constant WAD = 1e18;
    /// Spots at which the need is taken, of spot.
    uint256 internal constant SPOT_DOWN = 0.7e18;
    uint256 internal constant SPOT_UP = 1.3e18;

    /// Whose positions are looked at, and where they are kept.
    struct Holder {
        address clearinghouse;
        address account;
        uint32 market;
    }

    /// Where and when an expiry is looked at.
    /// @param spot Of a settled expiry its settlement price.
    /// @param stickiness R, WAD.
    struct Terms {
        Slice slice;
        uint256 spot;
        uint256 expiryAt;
        uint256 nowAt;
        uint256 stickiness;
    }

    /// What an expiry adds to the sums of the whole book.
    /// @param base Need of base at 0.7 S, S and 1.3 S; `quote` of quote.
    struct Needs {
        uint256[3] base;
        uint256[3] quote;
    }

    /// @param convexity gamma without its damping, for the band of the hedge.
    struct Sums {
        int256 vega;
        int256 vegaSkew;
        int256 gamma;
        int256 convexity;
        int256 delta;
    }

    /// Whether there is a smile to value options by: there is a slice, and the settlement window has not begun.
    function hasSmile(Terms memory terms) internal pure returns (bool) {
        return Slice.unwrap(terms.slice) != 0 && terms.nowAt + SETTLEMENT_WINDOW < terms.expiryAt;
    }

    /// By what options count that have no smile, as WINDOW has it; before the window at spot, with nothing gone.
    /// @param average A, WAD.
    /// @param reach How far from A the chance is 0 or 1, WAD.
    /// @param left 1 - f, WAD.
    /// @param moving (1 - f) S/A, WAD: by how much of itself A moves with spot.
    struct Averaged {
        uint256 average;
        uint256 reach;
        uint256 left;
        uint256 moving;
    }

    /// What a pass over an expiry's positions carries.
    struct Pass {
        Terms terms;
        bool smiled;
        Averaged averaged;
        Exposure.Clock clock;
        Sums sums;
        Needs needs;
    }

    /// What a book must know of an expiry.
    /// @param risk Its exposures in the units of their word, vegas weighted.
    /// @param weight w_e, WAD; 0 where there is no smile.
    /// @param atmVol At-the-money vol, WAD; 0 likewise.
    /// @param convexity S^2 Gamma that is short, WAD of quote; 0 likewise.
    struct Valued {
        ExpiryRisk risk;
        uint256 weight;
        uint256 atmVol;
        int256 convexity;
        Needs needs;
    }

    /// What positions are worth at a report.
    /// @param grossVega sum |n| vega, `grossAmount` sum |n|.
    /// @param delta Of the options; `gamma` what is short.
    /// @param baseSum What they add to U, in units of its field.
    struct Marked {
        int256 liability;
        uint256 grossVega;
        uint256 grossAmount;
        int256 delta;
        int256 gamma;
        uint256 baseSum;
    }

    /// What a book must know of one expiry.
    function riskOf(
        Holder calldata holder,
        Terms calldata looked
    ) external view returns (Valued memory valued) {
        Pass memory pass;
        Holder memory read = holder;
        Terms memory terms = looked;
        pass.terms = terms;
        if (hasSmile(terms)) {
            pass.smiled = true;
            pass.clock = Exposure.clockOf(terms.expiryAt, terms.nowAt);
            valued.weight = Exposure.weightOf(pass.clock, Exposure.WEIGHT_MAX);
            valued.atmVol = Exposure.atmVol(terms.slice, terms.expiryAt);
        }
        StrikePosition[] memory open = _openAt(read, terms.expiryAt);
        if (open.length != 0) pass.averaged = _averagedOf(read, terms);
        for (uint256 i = 0; i < open.length; ++i) _add(pass, open[i]);
        valued.needs = pass.needs;
        valued.convexity = pass.sums.convexity;
        valued.risk = _wordOf(pass.sums, int256(valued.weight));
    }

    /// @dev What WINDOW says of an expiry that has positions.
    function _averagedOf(
        Holder memory holder,
        Terms memory terms
    ) private view returns (Averaged memory averaged) {
        (averaged.average, averaged.left, averaged.moving) = (terms.spot, uint256(WAD), uint256(WAD));
        if (terms.nowAt + SETTLEMENT_WINDOW < terms.expiryAt) return averaged;
        // Unchecked: the window has begun, so `left` and `walked` are parts of it that do not meet, of 1800 s < 2^11 together; spot and
        // what is walked are below 2^128, so `whole`, which is 1800 A, is below 2^139.
        unchecked {
            uint256 left = terms.nowAt < terms.expiryAt ? terms.expiryAt - terms.nowAt : 0;
            (uint256 known, uint256 walked) = _walked(holder, terms.expiryAt, SETTLEMENT_WINDOW - left);
            uint256 whole = known * walked + terms.spot * (SETTLEMENT_WINDOW - walked);
            averaged.average = whole / SETTLEMENT_WINDOW;
            averaged.left = (left * uint256(WAD)) / SETTLEMENT_WINDOW;
            uint256 moved = left * terms.spot;
            // left <= 1800 - walked, so what moves is at most the whole; and where it is less the whole is not 0.
            averaged.moving = moved < whole ? (moved * uint256(WAD)) / whole : uint256(WAD);
            // At the end no delta asks for the chance.
            if (left != 0) averaged.reach = _reachOf(terms, left, SETTLEMENT_WINDOW - left - walked);
            // No vol that is believed comes near; so 2 reach stays below 2^129.
            if (averaged.reach > averaged.average) averaged.reach = averaged.average;
        }
    }

    /// @dev What is walked of the average, and how many seconds of it, at most the `gone` ones; zeros where nothing is. By hand, so that no
    /// answer, nor none, reverts. Who lets the call run out of gas has a 63rd of it left, too little to end a refresh with.
    function _walked(
        Holder memory holder,
        uint256 expiryAt,
        uint256 gone
    ) private view returns (uint256 known, uint256 walked) {
        address oracle = IClearinghouse(holder.clearinghouse).marketOf(holder.market).settlementOracle;
        (bool answered, bytes memory answer) = oracle.staticcall(
            abi.encodeCall(ISettlementOracle.average, (holder.market, uint32(expiryAt)))
        );
        if (!answered || answer.length < 64) return (0, 0);
        uint256 until;
        (known, until) = abi.decode(answer, (uint256, uint256));
        // Unchecked: an expiry is long after 1970, and `until` is seen to be after the window's start.
        unchecked {
            uint256 windowAt = expiryAt - SETTLEMENT_WINDOW;
            if (until <= windowAt || known == 0 || known > type(uint128).max) return (0, 0);
            walked = until - windowAt;
            if (walked > gone) walked = gone;
        }
    }

    /// @dev 1.25 standard deviations of what is not known of the average, WAD of quote; 0 without a slice.
    /// @param left Seconds of the window to come.
    /// @param unseen Seconds of it that are gone and not walked.
    function _reachOf(Terms memory terms, uint256 left, uint256 unseen) private pure returns (uint256) {
        if (Slice.unwrap(terms.slice) == 0) return 0;
        // Unchecked: the two are together at most 1800 s, so the root is below 2^63; a vol is below 2^90 ({Exposure.atmVol}), spot below
        // 2^128, so the product is below 2^225.
        unchecked {
            uint256 cubes = left * left * left + unseen * unseen * unseen;
            uint256 root = ((cubes * uint256(WAD) * uint256(WAD)) / (3 * YEAR)).sqrtDown();
            uint256 perRoot = (Exposure.atmVol(terms.slice, terms.expiryAt) * terms.spot) / uint256(WAD);
            return (5 * perRoot * root) / (4 * SETTLEMENT_WINDOW * uint256(WAD));
        }
    }

    function _wordOf(Sums memory sums, int256 weight) private pure returns (ExpiryRisk) {
        return
            ExpiryRisk.wrap(
                packSigned(
                    (sums.vega * weight) / WAD / int256(QUOTE_UNIT),
                    (sums.vegaSkew * weight) / WAD / int256(QUOTE_UNIT),
                    sums.gamma / int256(QUOTE_UNIT),
                    sums.delta / int256(BASE_UNIT)
                )
            );
    }

    function _add(Pass memory pass, StrikePosition own) private pure {
        if (!pass.smiled) return _addIntrinsic(pass, own);
        Terms memory terms = pass.terms;
        Svi.Shaped memory shaped = Svi.shapedFromSurface(
            terms.slice,
            terms.spot,
            own.strike(),
            pass.clock.tau,
            Exposure.tauAtReport(terms.slice, terms.expiryAt)
        );
        if (!shaped.isInside) return _addIntrinsic(pass, own);
        _addGreeks(pass, own, shaped);
        (uint256 base, uint256 quote) = Exposure.needOf(shaped, terms.spot);
        _addNeed(pass.needs, 1, own, shaped.discounted, true, base, quote);
        _addNeedAt(pass.needs, 0, own, shaped, (terms.spot * SPOT_DOWN) / uint256(WAD));
        _addNeedAt(pass.needs, 2, own, shaped, (terms.spot * SPOT_UP) / uint256(WAD));
    }

    function _addGreeks(Pass memory pass, StrikePosition own, Svi.Shaped memory shaped) private pure {
        (uint256 vega, int256 vegaSkew, uint256 gamma, int256 callDelta) = Exposure.fromShape(
            shaped,
            pass.terms.spot,
            pass.clock,
            pass.terms.stickiness
        );
        unchecked {
            Sums memory sums = pass.sums;
            (int256 calls, int256 puts) = (own.callAmount(), own.putAmount());
            int256 short = -(calls + puts);
            sums.vega += (short * int256(vega)) / WAD;
            sums.vegaSkew += (short * vegaSkew) / WAD;
            sums.gamma += (short * int256(gamma)) / WAD;
            sums.convexity += (short * int256(shaped.vegaSd)) / int256(shaped.sd);
            sums.delta += (calls * callDelta + puts * (callDelta - WAD)) / WAD;
        }
    }

    function _addNeedAt(
        Needs memory needs,
        uint256 index,
        StrikePosition own,
        Svi.Shaped memory shaped,
        uint256 spot
    ) private pure {
        (bool isInside, uint256 base, uint256 quote) = Exposure.needAt(shaped, spot);
        _addNeed(needs, index, own, shaped.discounted, isInside, base, quote);
    }

    /// @param base What a written option takes, `quote` likewise; a held one takes the rest of 1 and of D, and where they are not known, outside
    /// the domain of the pricing, as much.
    function _addNeed(
        Needs memory needs,
        uint256 index,
        StrikePosition own,
        uint256 discounted,
        bool isInside,
        uint256 base,
        uint256 quote
    ) private pure {
        unchecked {
            (int256 calls, int256 puts) = (own.callAmount(), own.putAmount());
            uint256 written = _negative(calls) + _negative(puts);
            (uint256 heldBase, uint256 heldQuote) = (base, quote);
            if (isInside) {
                heldBase = base > uint256(WAD) ? 0 : uint256(WAD) - base + 4;
                heldQuote = quote > discounted ? 0 : discounted - quote + 4;
            }
            needs.base[index] += (written * base + _positive(calls) * heldBase) / uint256(WAD) + 1;
            needs.quote[index] += (written * quote + _positive(puts) * heldQuote) / uint256(WAD) + 1;
        }
    }

    /// @dev P of WINDOW, WAD.
    function _chanceAbove(Averaged memory averaged, uint256 strike) private pure returns (uint256) {
        (uint256 average, uint256 reach) = (averaged.average, averaged.reach);
        // Unchecked: A is below 2^128, reach at most A, a strike below 2^94. Beyond the two returns A - reach < K < A + reach: so reach is not 0,
        // and the quotient is between 0 and 1.
        unchecked {
            if (strike >= average + reach) return 0;
            if (average >= strike + reach) return uint256(WAD);
            return ((average + reach - strike) * uint256(WAD)) / (2 * reach);
        }
    }

    /// @dev The delta of WINDOW; and the most that a hedge can take, the sums U and M.
    function _addIntrinsic(Pass memory pass, StrikePosition own) private pure {
        Averaged memory averaged = pass.averaged;
        uint256 strike = own.strike();
        // Unchecked: all but the amounts, below 2^95, are parts of 1, K/A too as it is cut to 1 where A is in reach of K from below; so a call's
        // delta is within 0 and 1, a put's within -1 and 0. A is not 0 where it divides.
        unchecked {
            int256 above = int256(_chanceAbove(averaged, strike));
            int256 kept =
                strike < averaged.average ? int256((strike * uint256(WAD)) / averaged.average) : WAD;
            int256 callDelta = WAD - kept + (((kept * int256(averaged.moving)) / WAD) * above) / WAD;
            int256 putDelta = (-int256(averaged.left) * (WAD - above)) / WAD;
            pass.sums.delta += (own.callAmount() * callDelta + own.putAmount() * putDelta) / WAD;
        }
        (uint256 base, uint256 quote) = sumsOf(own);
        for (uint256 index = 0; index < 3; ++index) {
            pass.needs.base[index] += base;
            pass.needs.quote[index] += quote;
        }
    }

    /// What the positions at one strike add to U and M.
    function sumsOf(StrikePosition own) internal pure returns (uint256 base, uint256 quoteUp) {
        uint256 written = _negative(own.callAmount()) + _negative(own.putAmount());
        base = written + _positive(own.callAmount());
        quoteUp = ((written + _positive(own.putAmount())) * own.strike() + uint256(WAD) - 1) / uint256(WAD);
    }

    function _openAt(Holder memory holder, uint256 expiryAt) private view returns (StrikePosition[] memory) {
        return
            IClearinghouse(holder.clearinghouse).positions(holder.account, holder.market, uint32(expiryAt));
    }

    /// What the positions of a book are worth at mid, each leg clamped to what cover can pay, and what unwinding them rests on.
    /// @param live Every live expiry.
    function marked(
        Holder calldata holder,
        Report calldata report,
        Expiries live,
        uint256 stickiness
    ) external view returns (Marked memory sum) {
        Holder memory read = holder;
        Terms memory terms;
        (terms.spot, terms.nowAt, terms.stickiness) = (report.spot, report.reportAt, stickiness);
        // The list ends with its first empty lane.
        for (uint256 lane = 0; live.day(lane) != 0; ++lane) {
            (terms.slice, terms.expiryAt) = (_sliceOf(report, live.day(lane)), expiryOfDay(live.day(lane)));
            _addExpiry(sum, read, terms);
        }
    }

    /// @dev The slice of a day in a report; zero where it is left out.
    function _sliceOf(Report calldata report, uint256 day) private pure returns (Slice slice) {
        uint256 lane = report.expiries.laneOf(day);
        if (lane != LANES && lane < report.slices.length) slice = report.slices[lane];
    }

    function _addExpiry(Marked memory sum, Holder memory holder, Terms memory terms) private view {
        StrikePosition[] memory open = _openAt(holder, terms.expiryAt);
        if (open.length == 0) return;
        Exposure.Clock memory clock;
        if (hasSmile(terms)) clock = Exposure.clockOf(terms.expiryAt, terms.nowAt);
        for (uint256 i = 0; i < open.length; ++i) _addMarked(sum, terms, clock, open[i]);
    }

    /// @dev Unchecked: amounts below 2^95; spot, strike and what an option is worth or has of vega below 2^128; at most 512 strikes.
    /// In a settlement window, which an epoch's report reaches only where the signers were silent for 22 hours, at its spot and not at A: what
    /// is walked depends on who walks when, and the mark of a report must not.
    /// @param clock Stands still, at 0, where there is no smile.
    function _addMarked(
        Marked memory sum,
        Terms memory terms,
        Exposure.Clock memory clock,
        StrikePosition own
    ) private pure {
        unchecked {
            (int256 calls, int256 puts) = (own.callAmount(), own.putAmount());
            (uint256 spot, uint256 strike) = (terms.spot, own.strike());
            uint256 gross = SignedMath.abs(calls) + SignedMath.abs(puts);
            sum.baseSum += Limits.baseSumAt(calls, puts);
            sum.grossAmount += gross;
            (uint256 call, uint256 put) = spot > strike
                ? (spot - strike, uint256(0))
                : (uint256(0), strike - spot);
            int256 callDelta = spot > strike ? WAD : int256(0);
            if (clock.tau != 0) {
                Svi.Shaped memory shaped = Svi.shapedFromSurface(
                    terms.slice,
                    spot,
                    strike,
                    clock.tau,
                    Exposure.tauAtReport(terms.slice, terms.expiryAt)
                );
                if (shaped.isInside) {
                    (call, put) = (shaped.call, shaped.put);
                    uint256 vega;
                    uint256 gamma;
                    (vega, , gamma, callDelta) = Exposure.fromShape(shaped, spot, clock, terms.stickiness);
                    sum.grossVega += (gross * vega) / uint256(WAD);
                    sum.gamma -= ((calls + puts) * int256(gamma)) / WAD;
                }
            }
            sum.delta += (calls * callDelta + puts * (callDelta - WAD)) / WAD;
            // A call is below spot by itself; a put may exceed its strike where F < S.
            if (put > strike) put = strike;
            sum.liability -= (calls * int256(call) + puts * int256(put)) / WAD;
        }
    }

    /// What the positions of an expiry add to U and M, in units of their fields.
    function summed(
        Holder calldata holder,
        uint256 expiryAt
    ) external view returns (uint256 base, uint256 quote) {
        StrikePosition[] memory open = _openAt(holder, expiryAt);
        for (uint256 i = 0; i < open.length; ++i) {
            (uint256 addedBase, uint256 addedQuote) = Limits.sumsAt(open[i]);
            (base, quote) = (base + addedBase, quote + addedQuote);
        }
    }

    /// Phi of the whole book at the smallest equity, WAD; 0 without equity.
    function potentialOf(
        Limits.Book calldata book,
        ExpiryRisk[] calldata risks,
        uint256 baseBalance,
        uint256 spot
    ) external pure returns (uint256 phi) {
        int256 equity = int256(book.funds.equityLow());
        if (equity == 0) return 0;
        // An expiry of nothing, whose axes have the shapes of every other's.
        Potential.Axis[] memory axes = Axes.atRest(
            book.risk,
            book.claims,
            book.margins,
            book.terms,
            new ExpiryRisk[](1),
            baseBalance,
            spot
        );
        int256 sum = Potential.valueAt(axes[0], axes[0].x, equity);
        sum += Potential.valueAt(axes[1], axes[1].x, equity);
        (Potential.Axis memory vega, Potential.Axis memory vegaSkew) = (axes[2], axes[3]);
        Potential.Axis memory gamma = axes[4];
        for (uint256 i = 0; i < risks.length; ++i) {
            ExpiryRisk own = risks[i];
            if (ExpiryRisk.unwrap(own) == 0) continue;
            sum += Potential.valueAt(vega, own.expiryVega(), equity);
            sum += Potential.valueAt(vegaSkew, own.expirySkew(), equity);
            sum += Potential.valueAt(gamma, own.expiryGamma(), equity);
        }
        return uint256(sum);
    }

    function _negative(int256 position) private pure returns (uint256) {
        unchecked {
            return position < 0 ? uint256(-position) : 0;
        }
    }

    function _positive(int256 position) private pure returns (uint256) {
        return position > 0 ? uint256(position) : 0;
    }
}
