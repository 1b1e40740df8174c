// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "../../../../contracts/interfaces/IBook.sol";
import { ILiquidityVault } from "../../../../contracts/interfaces/ILiquidityVault.sol";

/// The arithmetic of an epoch's end, written anew from docs/decisions/0008: plain products and quotients, rounded only where the page says so.
library EpochShadow {
    uint256 private constant WAD = 1e18;
    uint256 private constant VIRTUAL = 1000;

    /// One tranche before the epoch's end: claim, free and used in WAD, the rest in the token's units.
    /// @param rent Due to it, WAD of quote. @param price Quote for one of its asset.
    struct Desk {
        uint256 claim;
        uint256 supply;
        uint256 depositAssets;
        uint256 redeemShares;
        uint256 high;
        uint256 free;
        uint256 used;
        uint256 scale;
        uint256 price;
        uint256 rent;
    }

    /// One tranche after it.
    struct Outcome {
        uint256 claim;
        uint256 feeShares;
        uint256 entry;
        uint256 mid;
        uint256 exit;
        uint256 minted;
        uint256 deposited;
        uint256 redeemed;
        uint256 paid;
        uint256 idle;
        uint256 high;
        bool depositsOpen;
    }

    /// Worth of both claims for who enters, who stays and who leaves.
    struct Worth {
        uint256 entry;
        uint256 mid;
        uint256 exit;
    }

    function close(
        IBook.Mark memory mark,
        Desk[2] memory desks,
        ILiquidityVault.Terms memory terms,
        uint256 elapsed
    ) internal pure returns (Outcome[2] memory outcomes) {
        uint256 owed = _up(desks[0].claim * mark.spot, WAD) + desks[1].claim;
        Worth memory worth;
        for (uint256 i = 0; i < 2; ++i) {
            Desk memory desk = desks[i];
            if (owed != 0) desk.claim = (desk.claim * mark.equity) / owed;
            desk.claim += (desk.rent * WAD) / desk.price;
            worth.mid += (desk.claim * desk.price) / WAD;
        }
        uint256 delta = uint256(mark.delta < 0 ? -mark.delta : mark.delta);
        uint256 moved = mark.grossAmount * terms.unwindNotionalBps + delta * terms.hedgeBps;
        uint256 cost =
            _up(mark.grossVega * terms.unwindVolBps, 10_000) + _up(mark.spot * moved, 10_000 * WAD);
        worth.entry = worth.mid + cost;
        worth.exit = _above(worth.mid, cost + mark.potential);
        for (uint256 i = 0; i < 2; ++i) outcomes[i] = _settle(desks[i], worth, terms, elapsed);
        for (uint256 i = 0; i < 2; ++i) {
            (Outcome memory own, Outcome memory other) = (outcomes[i], outcomes[1 - i]);
            own.depositsOpen =
                own.entry > 0 &&
                (own.idle * 3 <= own.claim * 2 || other.idle * 5 >= other.claim);
        }
    }

    function _settle(
        Desk memory desk,
        Worth memory worth,
        ILiquidityVault.Terms memory terms,
        uint256 elapsed
    ) private pure returns (Outcome memory outcome) {
        uint256 claim = desk.claim;
        outcome.feeShares = _feeShares(desk, terms, elapsed);
        uint256 shares = desk.supply + VIRTUAL + outcome.feeShares;
        uint256 entry = worth.mid == 0 ? 0 : _up(claim * worth.entry, worth.mid);
        uint256 exit = worth.mid == 0 ? 0 : (claim * worth.exit) / worth.mid;
        if (entry > 0) outcome.minted = (desk.depositAssets * desk.scale * shares) / entry;
        if (outcome.minted > 0) outcome.deposited = desk.depositAssets;
        uint256 room = _above(claim, desk.used);
        room = (desk.free < room ? desk.free : room) / desk.scale + outcome.deposited;
        uint256 leaving = desk.redeemShares;
        uint256 wanted = (leaving * exit) / shares / desk.scale;
        if (wanted > room) leaving = (leaving * room) / wanted;
        outcome.paid = (leaving * exit) / shares / desk.scale;
        if (outcome.paid > 0) outcome.redeemed = leaving;
        outcome.claim = claim + outcome.deposited * desk.scale - outcome.paid * desk.scale;
        outcome.entry = _up(entry * WAD, shares * desk.scale);
        outcome.mid = (claim * WAD) / (shares * desk.scale);
        outcome.exit = (exit * WAD) / (shares * desk.scale);
        outcome.idle = _above(outcome.claim, desk.used);
        outcome.high = outcome.mid > desk.high ? outcome.mid : desk.high;
    }

    /// Management for the time, performance on the rise over the high.
    function _feeShares(
        Desk memory desk,
        ILiquidityVault.Terms memory terms,
        uint256 elapsed
    ) private pure returns (uint256) {
        if (elapsed > 365 days) elapsed = 365 days;
        uint256 share = (((terms.managementBps * WAD) / 10_000) * elapsed) / 365 days;
        uint256 before = desk.supply + VIRTUAL;
        uint256 management = (before * share) / (WAD - share);
        uint256 all = before + management;
        uint256 gained = _above(desk.claim, _up(desk.high * all * desk.scale, WAD));
        uint256 taken = (gained * terms.performanceBps) / 10_000;
        return management + (taken == 0 ? 0 : (all * taken) / (desk.claim - taken));
    }

    function _up(uint256 over, uint256 under) private pure returns (uint256) {
        return (over + under - 1) / under;
    }

    function _above(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : 0;
    }
}
