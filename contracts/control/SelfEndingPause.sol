// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { ISelfEndingPause } from "../interfaces/ISelfEndingPause.sol";

/// WHAT     A pause that ends by itself after three days and that the guardian can start once; the governor's {unpause} gives the
///          next one. What it covers is said where `whenNotPaused` stands.
/// ROLES    guardian: {pause}. governor: {unpause}.
abstract contract SelfEndingPause is AccessManaged, ISelfEndingPause {
    /// Long enough for the governor's timelock to act on what the guardian saw.
    uint256 public constant PAUSE_DURATION = 3 days;

    uint40 private _pausedUntilAt;
    bool private _spent;

    /// Risk-increasing calls rest until `untilAt`.
    error Pause_Active(uint256 untilAt);

    /// The guardian has had its pause; the governor gives the next one.
    error Pause_Spent(uint256 lastEndedAt);

    modifier whenNotPaused() {
        _requireNotPaused();
        _;
    }

    /// @inheritdoc ISelfEndingPause
    function pause() external restricted {
        if (_spent) revert Pause_Spent(_pausedUntilAt);
        _spent = true;
        _pausedUntilAt = uint40(block.timestamp + PAUSE_DURATION);
        emit Paused(msg.sender, _pausedUntilAt);
    }

    /// @inheritdoc ISelfEndingPause
    function unpause() external restricted {
        _spent = false;
        _pausedUntilAt = 0;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc ISelfEndingPause
    function pausedUntil() external view returns (uint256) {
        return _pausedUntilAt;
    }

    function _requireNotPaused() internal view {
        if (_isPaused()) revert Pause_Active(_pausedUntilAt);
    }

    function _isPaused() internal view returns (bool) {
        return block.timestamp < _pausedUntilAt;
    }
}
