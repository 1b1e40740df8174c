// SPDX-License-Identifier: MIT
// A file for one library; `require` states what a proof assumes.
// solhint-disable one-contract-per-file, gas-custom-errors
pragma solidity 0.8.37;

import { Ledger } from "../contracts/clearing/Ledger.sol";

/// Proved by `npm run prove` over every sequence of calls, of any length, with any arguments. Nothing here is deployed.

/// C2: two accounts and the supply of one series, moved in any order: their sum stays 0, and no supply is negative.
contract Conservation {
    int256 private first;
    int256 private second;
    uint256 private supply;

    function moveFirst(int256 amount) external {
        (first, supply) = Ledger.move(first, supply, amount);
    }

    function moveSecond(int256 amount) external {
        (second, supply) = Ledger.move(second, supply, amount);
    }

    function check() external view {
        assert(first + second + int256(supply) == 0);
        assert(supply <= Ledger.AMOUNT_LIMIT);
        assert(first <= int256(Ledger.AMOUNT_LIMIT) && first >= -int256(Ledger.AMOUNT_LIMIT));
    }
}

/// C3, C4: one account's balance and locks at two expiries: what is locked is the sum of the two coverages, and the balance holds it.
contract Collateral {
    uint256 private balance;
    uint256 private locked;
    uint256 private first;
    uint256 private second;

    function credit(uint256 assets) external {
        balance += assets;
    }

    function debit(uint256 assets) external {
        balance = Ledger.debit(balance, locked, assets);
    }

    /// A mint: the coverage may rise, and is checked.
    function writeFirst(uint256 next) external {
        locked = Ledger.relock(locked, first, next);
        first = next;
        Ledger.requireCovered(balance, locked);
    }

    function writeSecond(uint256 next) external {
        locked = Ledger.relock(locked, second, next);
        second = next;
        Ledger.requireCovered(balance, locked);
    }

    /// A burn: the coverage falls, and is not checked.
    function takeBackFirst(uint256 next) external {
        require(next <= first);
        locked = Ledger.relock(locked, first, next);
        first = next;
    }

    function settleFirst(int256 net) external {
        (balance, locked) = Ledger.settle(balance, locked, first, net);
        first = 0;
    }

    function check() external view {
        assert(locked == first + second);
        assert(locked <= balance);
    }
}

/// Each step by itself, for every input: a withdrawal takes what was asked and leaves what is locked; a settled expiry takes its
/// own lock and nothing of the others.
contract Steps {
    function debit(uint256 balance, uint256 locked, uint256 assets) external pure {
        uint256 left = Ledger.debit(balance, locked, assets);
        assert(left == balance - assets);
        assert(assets == 0 || left >= locked);
    }

    function relock(uint256 locked, uint256 before, uint256 next) external pure {
        require(before <= locked);
        uint256 changed = Ledger.relock(locked, before, next);
        assert(changed >= next);
        assert(changed - next == locked - before);
    }

    function settle(uint256 balance, uint256 locked, uint256 wasLocked, int256 net) external pure {
        require(locked <= balance && wasLocked <= locked);
        (uint256 newBalance, uint256 newLocked) = Ledger.settle(balance, locked, wasLocked, net);
        assert(newLocked == locked - wasLocked);
        assert(newLocked <= newBalance);
        if (net >= 0) assert(newBalance - balance == uint256(net));
        else assert(balance - newBalance == uint256(-net));
    }
}
