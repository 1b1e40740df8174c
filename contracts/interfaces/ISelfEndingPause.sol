// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// A pause of risk-increasing calls that ends by itself. Which calls those are, each contract says; exits never are
/// (promise 5: redemption, settlement, claims and selling back to the vault go on).
///
/// ROLES: guardian: pause, once until a governor's act lets it again (a guardian alone cannot renew it). Governor:
/// unpause.
interface ISelfEndingPause {
    /// Risk-increasing calls revert until `untilAt` (unix seconds).
    event Paused(address indexed guardian, uint256 untilAt);

    /// The governor ended the pause early, or gave the guardian its next one.
    event Unpaused(address indexed governor);

    /// Starts the pause, for a time fixed in code. Guardian only; reverts if the last pause was not followed by
    /// {unpause}.
    function pause() external;

    /// Ends a pause and lets the guardian pause once more. Governor only.
    function unpause() external;

    /// Unix seconds until which risk-increasing calls revert; in the past when nothing is paused.
    function pausedUntil() external view returns (uint256 untilAt);
}
