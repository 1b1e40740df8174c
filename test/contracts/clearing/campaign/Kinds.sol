// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// What must have happened in the campaign, by name.
library Kinds {
    function names() internal pure returns (bytes32[] memory) {
        bytes32[60] memory all = [
            bytes32("deposit"),
            "withdraw",
            "withdraw to another",
            "write",
            "write by delegate",
            "buy-back",
            "deposit of a long",
            "exchange",
            "choice of plain sums",
            "transfer of tokens",
            "wrap and unwrap",
            "expiry opened",
            "listing",
            "reserved listing",
            "eviction",
            "eviction refused",
            "squat",
            "listing refused for want of room",
            "listing beside squatters",
            "time passes",
            "settlement",
            "redemption",
            "redemption of nothing",
            "redemption by operator",
            "redemption through wrapper",
            "pushed redemption",
            "realization",
            "pushed realization",
            "theft by withdraw",
            "theft by mint",
            "theft by exchange",
            "theft by redeem",
            "theft of tokens",
            "meddling by deposit",
            "meddling by burn",
            "meddling by redeem",
            "meddling by realize",
            "re-entry by withdraw",
            "re-entry by mint",
            "re-entry by burn",
            "re-entry by redeem",
            "re-entry by exchange",
            "re-entry by realize",
            "re-entry by transfer",
            "re-entry by wrapper",
            "reading in the middle",
            "donation",
            "gift taken",
            "broken token",
            "changed decimals",
            "token with a fee",
            "payout that waits for its token",
            "payout beside trouble",
            "blocked account",
            "pause",
            "pause that ended by itself",
            "buy-back in a pause",
            "transfer in a pause",
            "second settlement refused",
            "tampering refused"
        ];
        bytes32[] memory list = new bytes32[](all.length);
        for (uint256 i = 0; i < list.length; ++i) list[i] = all[i];
        return list;
    }
}
