// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { DECIMALS_MAX } from "../types/Decimals.sol";

/// WHAT        The only code that touches collateral tokens, and the sum of what is owned of each here.
/// ASSUMPTIONS None about a token but that its balances answer. Every call to it is taken for hostile: it runs under the
///             Clearinghouse's lock, after all effects, and is believed only as far as the balance here moved.
///               fee on transfer   what arrives is credited; what leaves is what was asked, or the call reverts
///               false, nothing    SafeERC20
///               rebasing up       the surplus is nobody's
///               rebasing down     nothing more comes in while the token is short; exits go on, first come first served
///               other decimals    every call that moves the token reverts (S10)
/// INVARIANT   balance here >= held (C1), as long as the token itself takes nothing away.
abstract contract Custody {
    using SafeERC20 for IERC20;
    using SafeCast for uint256;

    /// @param held What accounts, unpaid redemptions and rounding dust own of the token, in its own decimals.
    /// @param decimals As pinned at registration.
    struct Asset {
        uint128 held;
        uint8 decimals;
        bool registered;
    }

    mapping(address asset => Asset) private _assets;

    /// No market has this token.
    error Custody_AssetUnknown(address asset);

    /// The token does not say how many decimals it has, or has more than 18, or others than were pinned.
    error Custody_DecimalsDiffer(address asset, uint256 found, uint256 expected);

    /// The token's balance here is below what is owned of it: it took something away.
    error Custody_AssetShort(address asset, uint256 balance, uint256 held);

    /// The token took another amount from here than was to be paid.
    error Custody_PaidOtherAmount(address asset, uint256 paid, uint256 assets);

    /// Less has been sent here than is to be credited.
    error Custody_SurplusTooSmall(address asset, uint256 surplus, uint256 assets);

    /// @dev A token may serve many markets; its decimals are pinned by the first.
    function _registerAsset(address asset, uint8 decimals) internal {
        Asset storage record = _assets[asset];
        if (decimals > DECIMALS_MAX) {
            revert Custody_DecimalsDiffer(asset, decimals, DECIMALS_MAX);
        }
        if (!record.registered) (record.registered, record.decimals) = (true, decimals);
        else if (record.decimals != decimals) revert Custody_DecimalsDiffer(asset, decimals, record.decimals);
        _recordOf(asset);
    }

    /// Pulls `assets` and counts what arrives.
    function _pull(address asset, address from, uint256 assets) internal returns (uint256 credited) {
        (Asset storage record, uint256 held) = _recordOf(asset);
        uint256 before = _balanceOf(asset);
        if (before < held) revert Custody_AssetShort(asset, before, held);
        IERC20(asset).safeTransferFrom(from, address(this), assets);
        credited = _balanceOf(asset) - before;
        // Under the lock nobody else has written it meanwhile.
        record.held = (held + credited).toUint128();
    }

    /// Counts `assets` that were sent here before; what lies here beyond them stays nobody's.
    function _takeSurplus(address asset, uint256 assets) internal {
        (Asset storage record, uint256 held) = _recordOf(asset);
        uint256 balance = _balanceOf(asset);
        uint256 surplus = balance > held ? balance - held : 0;
        if (assets > surplus) revert Custody_SurplusTooSmall(asset, surplus, assets);
        record.held = (held + assets).toUint128();
    }

    /// Pays exactly `assets`. Nothing is asked of the token when nothing is to be paid, so that a worthless option's token can be
    /// redeemed whatever the collateral does.
    function _push(address asset, address receiver, uint256 assets) internal {
        if (assets == 0) return;
        (Asset storage record, uint256 held) = _recordOf(asset);
        record.held = (held - assets).toUint128();
        uint256 before = _balanceOf(asset);
        IERC20(asset).safeTransfer(receiver, assets);
        uint256 left = _balanceOf(asset);
        uint256 paid = before > left ? before - left : 0;
        if (paid != assets) revert Custody_PaidOtherAmount(asset, paid, assets);
    }

    function _heldOf(address asset) internal view returns (uint256) {
        return _assets[asset].held;
    }

    /// @dev The record of a registered token whose decimals are still the pinned ones, and what is held of it.
    function _recordOf(address asset) private view returns (Asset storage record, uint256 held) {
        record = _assets[asset];
        if (!record.registered) revert Custody_AssetUnknown(asset);
        uint8 pinned = record.decimals;
        held = record.held;
        (bool answered, uint8 decimals) = IERC20(asset).tryGetDecimals();
        if (!answered || decimals != pinned) {
            revert Custody_DecimalsDiffer(asset, answered ? decimals : type(uint256).max, pinned);
        }
    }

    function _balanceOf(address asset) private view returns (uint256) {
        return IERC20(asset).balanceOf(address(this));
    }
}
