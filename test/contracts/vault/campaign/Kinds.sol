// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// What must have happened in the campaign, by name.
library Kinds {
    function names() internal pure returns (bytes32[] memory) {
        bytes32[48] memory all = [
            bytes32("deposit request"),
            "deposit for another",
            "withdrawal request",
            "withdrawal of all",
            "exodus",
            "cancelled deposit",
            "cancelled withdrawal",
            "claim of what was cancelled",
            "claim of shares",
            "claim of assets",
            "call by operator",
            "transfer of shares",
            "report",
            "expiry opened",
            "settlement",
            "realization",
            "purchase of calls",
            "purchase of puts",
            "sale back",
            "hedge that buys",
            "hedge that sells",
            "epoch",
            "epoch without a mark",
            "end refused",
            "deposits enter",
            "full fill",
            "partial fill",
            "terms",
            "fees",
            "exit at the floor",
            "gift to the tranche",
            "gift to the other tranche",
            "gift to the vault",
            "gift to the Clearinghouse",
            "gift to the hedger",
            "gift to the book",
            "gift to the pool",
            "theft by deposit request",
            "theft by withdrawal request",
            "theft of claimable shares",
            "theft of claimable assets",
            "meddling by cancelation",
            "theft of what was cancelled",
            "theft at the floor",
            "meddling refused",
            "re-entry of the vault",
            "re-entry of the tranche",
            "blocked provider"
        ];
        bytes32[] memory list = new bytes32[](all.length);
        for (uint256 i = 0; i < list.length; ++i) list[i] = all[i];
        return list;
    }
}
