// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The arithmetic of the Clearinghouse's books, loop-free, so that a solver can prove it (`npm run prove`)
///
/// PROVED   {move} leaves position + supply as it was, so over any calls the sum of positions + supply stays 0 (C2).
///          {relock} changes what is locked by the difference of the two coverages and by nothing else (C4).
///          {debit} takes no more than what is free, so locked <= balance outlives every withdrawal (C3).
///          {settle} takes what is owed out of what it unlocks, so the balance never falls below the other locks.
/// CHECKS   are `require`s, because the solver does not follow a `revert` with an error of its own.
/// UNITS    Positions, supply, amounts: WAD. Balances and locks: the token's own decimals.
library Ledger {
    /// An amount of one series that no account's position and no supply may pass: 2^95 - 1, about 4e10 options. It keeps every
    /// product of {Coverage} and of the payoffs inside 256 bits.
    uint256 internal constant AMOUNT_LIMIT = 2 ** 95 - 1;

    /// A position or a supply would pass the limit.
    error Ledger_AmountAboveLimit(uint256 amount, uint256 limit);

    /// More was asked for than is free.
    error Ledger_NotEnoughFree(uint256 assets, uint256 free);

    /// The locks are above the balance.
    error Ledger_NotCovered(uint256 locked, uint256 balance);

    /// Writes (amount > 0: position down, supply up) or takes back (amount < 0) so that their sum stays as it was.
    /// @dev |amount| <= limit keeps the negation and the sums inside int256; supply <= limit is the caller's stored invariant.
    function move(
        int256 position,
        uint256 supply,
        int256 amount
    ) internal pure returns (int256 newPosition, uint256 newSupply) {
        newPosition = position - amount;
        int256 signedSupply = int256(supply) + amount;
        uint256 magnitude = newPosition < 0 ? uint256(-newPosition) : uint256(newPosition);
        require(magnitude <= AMOUNT_LIMIT, Ledger_AmountAboveLimit(magnitude, AMOUNT_LIMIT));
        // A supply below zero cannot be reached: tokens are burned before this is called. As a number it is above the limit.
        newSupply = uint256(signedSupply);
        require(newSupply <= AMOUNT_LIMIT, Ledger_AmountAboveLimit(newSupply, AMOUNT_LIMIT));
    }

    /// Replaces one expiry's lock by another.
    function relock(uint256 locked, uint256 before, uint256 next) internal pure returns (uint256) {
        return locked - before + next;
    }

    /// Takes free assets.
    function debit(uint256 balance, uint256 locked, uint256 assets) internal pure returns (uint256) {
        uint256 free = balance > locked ? balance - locked : 0;
        require(assets <= free, Ledger_NotEnoughFree(assets, free));
        return balance - assets;
    }

    /// Holds after every call that lowers safety.
    function requireCovered(uint256 balance, uint256 locked) internal pure {
        require(locked <= balance, Ledger_NotCovered(locked, balance));
    }

    /// Ends one expiry: its lock goes, and `net` is paid (negative: out of what the lock held).
    /// @dev Reverts if more is owed than was locked. Coverage makes that impossible; a proof is no reason not to look.
    function settle(
        uint256 balance,
        uint256 locked,
        uint256 wasLocked,
        int256 net
    ) internal pure returns (uint256 newBalance, uint256 newLocked) {
        newLocked = locked - wasLocked;
        if (net >= 0) {
            newBalance = balance + uint256(net);
        } else {
            uint256 owed = uint256(-net);
            require(owed <= wasLocked, Ledger_NotCovered(owed, wasLocked));
            newBalance = balance - owed;
        }
    }
}
