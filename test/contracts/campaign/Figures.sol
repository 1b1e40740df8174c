// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Counts } from "./Counts.sol";
import { VM } from "./Vm.sol";

/// The figures of a campaign over all of its runs. A run's state is gone when the next begins, so they are carried in the environment
/// of the process; after each run they are written to a file too.
library Figures {
    /// From this run on every kind of call must have had its effect somewhere, and few calls none.
    uint256 private constant ENOUGH_RUNS = 48;

    /// Adds a run to those of `campaign`: its calls, those with an effect, those refused, and the effects by kind.
    function add(Counts handler, string memory campaign, bytes32[] memory names) internal {
        string memory variable = string.concat("MENISCUS_CAMPAIGN_", campaign);
        bytes memory empty = abi.encode(new uint256[](4 + names.length));
        uint256[] memory sums = abi.decode(VM.envOr(variable, empty), (uint256[]));
        ++sums[0];
        sums[1] += handler.calls();
        sums[2] += handler.effective();
        sums[3] += handler.refused();
        for (uint256 i = 0; i < names.length; ++i) sums[4 + i] += handler.effects(names[i]);
        VM.setEnv(variable, VM.toString(abi.encode(sums)));
        _write(campaign, names, sums);
        if (sums[0] < ENOUGH_RUNS) return;
        require(sums[2] * 100 >= sums[1] * 95, "more than 5 % of the calls do nothing");
        for (uint256 i = 0; i < names.length; ++i) {
            require(sums[4 + i] > 0, string.concat("never happened: ", _text(names[i])));
        }
    }

    function _write(string memory campaign, bytes32[] memory names, uint256[] memory sums) private {
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
        VM.writeFile(string.concat("out/campaign-", campaign, ".json"), string.concat(text, "\n}\n"));
    }

    function _text(bytes32 word) private pure returns (string memory) {
        uint256 length;
        while (length < 32 && word[length] != 0) ++length;
        bytes memory text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) text[i] = word[i];
        return string(text);
    }
}
