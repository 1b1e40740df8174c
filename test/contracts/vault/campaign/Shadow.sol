// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { ILiquidityVault } from "../../../../contracts/interfaces/ILiquidityVault.sol";
import { ITranche } from "../../../../contracts/interfaces/ITranche.sol";

/// A second set of books of both tranches: every request on its own, every fill over all of them, and what each side owns and owes, from what
/// the calls should do and never from what the tranches say.
abstract contract Shadow {
    /// Fixed point of requests: so far behind the point its own error is nothing beside a unit.
    uint256 internal constant POINT = 128;
    /// More than any payout of a unit is.
    uint256 private constant PRICE_MAX = 8;

    /// @param pending Waits, `paid` is paid for what was filled and not claimed: fixed point.
    /// @param open All that was ever asked, less what was cancelled, burned or claimed. Whole units.
    /// @param changes How often the tranche may have rounded.
    struct Request {
        uint256 pending;
        uint256 paid;
        uint256 open;
        uint256 changes;
        uint256 cancelled;
    }

    /// One side.
    /// @param claim What the book owes it, WAD. @param funds Its asset in the book's account.
    /// @param waiting Deposits that wait; `leaving` shares that wait.
    /// @param given What was given to its tranche for nothing.
    struct Side {
        uint256 claim;
        uint256 supply;
        uint256 high;
        uint256 waiting;
        uint256 leaving;
        uint256 claimableAssets;
        uint256 claimableShares;
        uint256 given;
        uint256 funds;
    }

    address[4] internal actors;
    mapping(bool isBase => Side) internal sides;
    mapping(bool isBase => mapping(bool isDeposit => mapping(address => Request))) internal requests;
    mapping(bool isBase => mapping(address owner => uint256)) internal shares;
    ILiquidityVault.Terms internal terms;
    ILiquidityVault.Terms internal nextTerms;
    uint256 internal markedAt;
    uint256 internal epochs;

    function _scale(bool isBase) internal pure returns (uint256) {
        return isBase ? 1 : 1e12;
    }

    /// What the book's word keeps of a claim.
    function _kept(bool isBase, uint256 claim) internal pure returns (uint256) {
        return claim - (claim % (isBase ? 1e9 : 1e12));
    }

    // --------------------------------------------------------------------------------------------------------------- requests

    function _added(bool isBase, bool isDeposit, address who, uint256 amount) internal {
        Request storage request = requests[isBase][isDeposit][who];
        request.pending += amount << POINT;
        request.open += amount;
        ++request.changes;
        if (isDeposit) sides[isBase].waiting += amount;
        else sides[isBase].leaving += amount;
    }

    /// Taken out of what waits: all of it, or a part.
    function _removed(bool isBase, bool isDeposit, address who, uint256 amount, bool isAll) internal {
        Request storage request = requests[isBase][isDeposit][who];
        // The crumbs by which exact arithmetic has more are left to nobody.
        request.pending = isAll ? 0 : request.pending - (amount << POINT);
        request.open -= amount;
        ++request.changes;
        if (isDeposit) sides[isBase].waiting -= amount;
        else sides[isBase].leaving -= amount;
    }

    function _claimed(
        bool isBase,
        bool isDeposit,
        address who,
        uint256 amountIn,
        uint256 amountOut
    ) internal {
        Request storage request = requests[isBase][isDeposit][who];
        request.paid -= amountOut << POINT;
        request.open -= amountIn;
        ++request.changes;
        if (isDeposit) sides[isBase].claimableShares -= amountOut;
        else sides[isBase].claimableAssets -= amountOut;
    }

    function _filled(bool isBase, bool isDeposit, uint256 taken, uint256 paid) internal {
        Side storage side = sides[isBase];
        uint256 total = isDeposit ? side.waiting : side.leaving;
        if (isDeposit) (side.waiting, side.claimableShares) = (total - taken, side.claimableShares + paid);
        else (side.leaving, side.claimableAssets) = (total - taken, side.claimableAssets + paid);
        if (taken == 0) return;
        for (uint256 i = 0; i < 4; ++i) {
            Request storage request = requests[isBase][isDeposit][actors[i]];
            request.paid += Math.mulDiv(request.pending, paid, total);
            request.pending -= Math.mulDiv(request.pending, taken, total);
        }
    }

    // ----------------------------------------------------------------------------------------------------------------- checks

    /// V5: a request as the tranche tells it has what brute force gives it, but for its rounding down.
    function _checkRequest(ITranche tranche, bool isBase, bool isDeposit, address who) internal view {
        (uint256 pending, uint256 filled, uint256 paid) = _standing(tranche, isDeposit, who);
        Request storage request = requests[isBase][isDeposit][who];
        uint256 slack = request.changes + 2;
        uint256 exact = request.pending >> POINT;
        assert(pending <= exact && exact - pending <= slack);
        exact = request.paid >> POINT;
        assert(paid <= exact);
        if (filled == 0) return;
        // No part of a request is both pending and claimable, and none is lost.
        assert(pending + filled == request.open);
        assert(exact - paid <= slack * (1 + PRICE_MAX));
    }

    function _standing(
        ITranche tranche,
        bool isDeposit,
        address who
    ) internal view returns (uint256 pending, uint256 filled, uint256 paid) {
        if (isDeposit)
            return (tranche.pendingDepositRequest(0, who), tranche.maxDeposit(who), tranche.maxMint(who));
        return (tranche.pendingRedeemRequest(0, who), tranche.maxRedeem(who), tranche.maxWithdraw(who));
    }
}
