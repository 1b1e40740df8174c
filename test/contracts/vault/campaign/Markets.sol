// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "../../../../contracts/interfaces/IBook.sol";
import { IClearinghouse } from "../../../../contracts/interfaces/IClearinghouse.sol";
import { IDeltaHedger } from "../../../../contracts/interfaces/IDeltaHedger.sol";
import { IOptionPool } from "../../../../contracts/interfaces/IOptionPool.sol";
import { BookClaims } from "../../../../contracts/types/BookClaims.sol";
import { BookFunds } from "../../../../contracts/types/BookFunds.sol";
import { BookMargins } from "../../../../contracts/types/BookMargins.sol";
import { BookRisk } from "../../../../contracts/types/BookRisk.sol";
import { SeriesId, toSeriesId } from "../../../../contracts/types/SeriesId.sol";
import { VM } from "../../campaign/Vm.sol";
import { Stage } from "./Stage.sol";

/// Spot and vol move, a trader buys and sells back, a filler hedges.
abstract contract Markets is Stage {
    uint256 private constant PPM = 1e6;
    /// The hedger's bound, of spot.
    uint256 private constant BOUND = 1300;

    uint256[] private bought;

    /// Time goes on by minutes or hours, spot and vol move, and there is a report.
    function report(uint256 time, uint256 move) public counted {
        _tick(time % 2 == 0 ? time % 20 minutes : time % 7 hours);
        _move(move);
        _look();
        _done("report");
    }

    function buy(uint256 expiry, uint256 strike, bool isPut, uint256 amount) public counted {
        if (!_buy(expiry, strike, isPut, amount) && !_sellBack(expiry, amount)) report(amount, strike);
    }

    function sellBack(uint256 which, uint256 part) public counted {
        if (!_sellBack(which, part) && !_buy(which, part, which % 2 == 0, part)) report(which, part);
    }

    /// H1, H2, H3: a fill trades within its bound, moves base and quote alone, and brings the delta nearer to none.
    function hedge(uint256 wait, uint256 part) public counted {
        _tick(wait % 10 minutes);
        _lookIfOld();
        IDeltaHedger.Plan memory plan = HEDGER.plan();
        if (plan.obstacle != IDeltaHedger.Obstacle.None) {
            if (!_buy(wait, part, part % 2 == 0, part)) report(wait, part);
            return;
        }
        bool isBuy = plan.amount > 0;
        uint256 most = uint256(isBuy ? plan.amount : -plan.amount);
        uint256 size = part % 2 == 0 ? most : plan.minimum + (part % (most - plan.minimum + 1));
        IBook.Reading memory before = BOOK.read(new uint32[](0));
        (int256 base, int256 quote) = FILLER.fill(
            isBuy ? int256(size) : -int256(size),
            isBuy ? 0 : type(uint256).max,
            address(FILLER)
        );
        _moved(true, base);
        _moved(false, quote);
        // After a cut-off it is noted, and nothing else.
        if (before.margins.isEpochDue(block.timestamp)) before.margins = before.margins.withMoved();
        assert(_sameWords(before, BOOK.read(new uint32[](0))));
        IDeltaHedger.Plan memory next = HEDGER.plan();
        assert(
            isBuy ? next.delta >= plan.delta && next.delta <= 0 : next.delta <= plan.delta && next.delta >= 0
        );
        uint256 worth = (uint256(isBuy ? base : -base) * plan.spot) / WAD;
        uint256 paid = uint256(isBuy ? -quote : quote) * 1e12;
        if (isBuy) assert(paid <= (worth * (PPM + BOUND)) / PPM + 1e12);
        else assert(paid + 1e12 >= (worth * (PPM - BOUND)) / PPM);
        _done(isBuy ? bytes32("hedge that buys") : bytes32("hedge that sells"));
    }

    // ------------------------------------------------------------------------------------------------------------------ parts

    /// Spot by up to 4 % at once, vol by up to a point, both within a range.
    function _move(uint256 seed) internal {
        uint256 bps = seed % 801;
        spot = (spot * (9600 + bps)) / 10_000;
        if (spot < 2200e8) spot = 2288e8;
        if (spot > 4500e8) spot = 4300e8;
        vol = vol + ((seed >> 16) % 3) * 0.01e18 - 0.01e18;
        if (vol < 0.55e18) vol = 0.56e18;
        if (vol > 0.65e18) vol = 0.64e18;
    }

    function _buy(uint256 expiry, uint256 strike, bool isPut, uint256 amount) internal returns (bool) {
        _lookIfOld();
        if (listed.length == 0) return false;
        uint32 expiryAt = listed[expiry % listed.length];
        uint128 price = uint128(strikes[expiryAt][strike % 3]);
        uint256 id = SeriesId.unwrap(toSeriesId(MARKET, expiryAt, price, isPut));
        amount = 1e18 + (amount % 150e18);
        for (uint256 i = 0; i < 4; ++i) {
            if (_trade(id, int256(amount >> (2 * i)))) {
                bought.push(id);
                _done(isPut ? bytes32("purchase of puts") : bytes32("purchase of calls"));
                return true;
            }
        }
        return false;
    }

    function _sellBack(uint256 which, uint256 part) internal returns (bool) {
        _lookIfOld();
        for (uint256 i = 0; i < bought.length;) {
            uint256 place = ((which % bought.length) + i) % bought.length;
            uint256 id = bought[place];
            uint256 held = HOUSE.balanceOf(TRADER, id);
            if (held == 0 || SeriesId.wrap(id).expiryAt() <= currentAt) {
                bought[place] = bought[bought.length - 1];
                bought.pop();
                continue;
            }
            uint256 amount = part % 2 == 0 || held < 1e17 ? held : held / 10 + (part % (held / 2));
            if (_trade(id, -int256(amount))) {
                _done("sale back");
                return true;
            }
            ++i;
        }
        return false;
    }

    /// P8: quote and execution agree; V12: an opening leaves what a hedge with all cover kept can need.
    function _trade(uint256 id, int256 amount) private returns (bool) {
        IClearinghouse.Leg[] memory legs = new IClearinghouse.Leg[](1);
        legs[0] = IClearinghouse.Leg(SeriesId.wrap(id), amount);
        IOptionPool.Quote memory quoted = POOL.quote(legs);
        if (quoted.refusal != IOptionPool.Refusal.None) return false;
        IBook.Reading memory before = BOOK.read(new uint32[](0));
        VM.prank(TRADER);
        (int256 cost, uint256 proceeds) = POOL.trade(legs, type(int256).max, currentAt, TRADER, "");
        assert(cost == quoted.cost && proceeds == quoted.baseProceeds);
        _moved(false, cost);
        _moved(true, -int256(proceeds));
        if (amount > 0) {
            IBook.Reading memory next = BOOK.read(new uint32[](0));
            BookMargins margins = next.margins;
            if (next.claims.baseSum() > before.claims.baseSum())
                assert(_used(true, spot * 1e10) + margins.pendingBase() <= next.claims.claimBase());
            if (next.claims.quoteSum() > before.claims.quoteSum())
                assert(_used(false, spot * 1e10) + margins.pendingQuote() <= next.claims.claimQuote());
        }
        _tick(1);
        return true;
    }

    /// The book's account of a side takes or gives.
    function _moved(bool isBase, int256 assets) internal {
        sides[isBase].funds = uint256(int256(sides[isBase].funds) + assets);
    }

    /// What of a side's claim the book can need: its sum, or the need where that is less, seen lately, and at nearly this spot.
    function _used(bool isBase, uint256 price) internal view returns (uint256) {
        BookClaims claims = BOOK.claims();
        IBook.Need memory need = BOOK.need();
        uint256 sum = isBase ? claims.baseSum() : claims.quoteSum();
        (uint256 low, uint256 high) = need.refreshedSpot < price
            ? (need.refreshedSpot, price)
            : (price, need.refreshedSpot);
        if (currentAt - need.refreshedAt > 600 || high * 10_000 > low * 10_100) return sum;
        uint256 most;
        for (uint256 i = 0; i < 3; ++i) {
            uint256 one = isBase ? need.base[i] : need.quote[i];
            if (one > most) most = one;
        }
        most = most + sum - (isBase ? need.baseSum : need.quoteSum);
        return most < sum ? most : sum;
    }

    function _sameWords(IBook.Reading memory a, IBook.Reading memory b) private pure returns (bool) {
        return
            BookRisk.unwrap(a.risk) == BookRisk.unwrap(b.risk) &&
            BookFunds.unwrap(a.funds) == BookFunds.unwrap(b.funds) &&
            BookClaims.unwrap(a.claims) == BookClaims.unwrap(b.claims) &&
            BookMargins.unwrap(a.margins) == BookMargins.unwrap(b.margins);
    }
}
