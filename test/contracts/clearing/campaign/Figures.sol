// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Handler } from "./Handler.sol";
import { VM } from "./Vm.sol";

/// The figures of a campaign over all of its runs. A run's state is gone when the next begins, so they are carried in the environment
/// of the process; after each run they are written to a file too.
library Figures {
    /// From this run on every kind of call must have had its effect somewhere, and few calls none.
    uint256 private constant ENOUGH_RUNS = 48;
    string private constant NAME = "MENISCUS_CLEARING_CAMPAIGN";

    function kinds() internal pure returns (bytes32[] memory) {
        bytes32[59] memory all = [
            bytes32("deposit"),
            "withdraw",
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

    /// Adds a run: its calls, those with an effect, those refused, and the effects by kind.
    function add(Handler handler) internal {
        bytes32[] memory names = kinds();
        bytes memory empty = abi.encode(new uint256[](4 + names.length));
        uint256[] memory sums = abi.decode(VM.envOr(NAME, empty), (uint256[]));
        ++sums[0];
        sums[1] += handler.calls();
        sums[2] += handler.effective();
        sums[3] += handler.refused();
        for (uint256 i = 0; i < names.length; ++i) sums[4 + i] += handler.effects(names[i]);
        VM.setEnv(NAME, VM.toString(abi.encode(sums)));
        _write(names, sums);
        if (sums[0] < ENOUGH_RUNS) return;
        require(sums[2] * 100 >= sums[1] * 95, "more than 5 % of the calls do nothing");
        for (uint256 i = 0; i < names.length; ++i) {
            require(sums[4 + i] > 0, string.concat("never happened: ", _text(names[i])));
        }
    }

    function _write(bytes32[] memory names, uint256[] memory sums) private {
        string memory text = string.concat(
            '{\n  "runs": ',
            VM.toString(sums[0]),
            ',\n  "calls": ',
            VM.toString(sums[1]),
            ',\n  "effective": ',
            VM.toString(sums[2]),
            ',\n  "refused": ',
            VM.toString(sums[3])
        );
        for (uint256 i = 0; i < names.length; ++i) {
            text = string.concat(text, ',\n  "', _text(names[i]), '": ', VM.toString(sums[4 + i]));
        }
        VM.createDir("out", true);
        VM.writeFile("out/campaign-clearing.json", string.concat(text, "\n}\n"));
    }

    function _text(bytes32 word) private pure returns (string memory) {
        uint256 length;
        while (length < 32 && word[length] != 0) ++length;
        bytes memory text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) text[i] = word[i];
        return string(text);
    }
}
