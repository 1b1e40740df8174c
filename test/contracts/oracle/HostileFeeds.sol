// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ISettlementOracle } from "../../../contracts/interfaces/ISettlementOracle.sol";
import { ScriptedFeed } from "./ScriptedFeed.sol";

/// A feed that, whenever its history is read, tries to walk and to fix by itself, and keeps nothing of what came of it but whether
/// it was let.
contract ReentrantFeed is ScriptedFeed {
    ISettlementOracle public oracle;
    bytes public call;

    error ReentrantFeed_WasLet();

    constructor(uint8 decimals_, int192 answer) ScriptedFeed(decimals_, answer) {}

    function attack(ISettlementOracle oracle_, bytes calldata call_) external {
        (oracle, call) = (oracle_, call_);
    }

    function getRoundData(uint80 id) public view override returns (uint80, int256, uint256, uint256, uint80) {
        // A view may call whatever it likes by hand: only the caller's STATICCALL stops a change.
        function(address, bytes memory) internal view returns (bool) callBack;
        function(address, bytes memory) internal returns (bool) changing = _call;
        assembly {
            callBack := changing
        }
        if (call.length != 0 && callBack(address(oracle), call)) revert ReentrantFeed_WasLet();
        return super.getRoundData(id);
    }

    function _call(address target, bytes memory input) private returns (bool done) {
        (done, ) = target.call{ gas: 500_000 }(input);
    }
}

/// A feed of its own making: no phases, and decimals that change under the same rounds.
contract PhaselessFeed {
    uint8 public decimals;
    int256 private immutable ANSWER;

    constructor(uint8 decimals_, int256 answer) {
        decimals = decimals_;
        ANSWER = answer;
    }

    function setDecimals(uint8 decimals_) external {
        decimals = decimals_;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (7, ANSWER, block.timestamp, block.timestamp, 7);
    }
}
