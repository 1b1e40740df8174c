// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ISpotOracle } from "../../../contracts/interfaces/ISpotOracle.sol";
import { IVolSurface } from "../../../contracts/interfaces/IVolSurface.sol";
import { SpotAnswers } from "../../../contracts/oracle/SpotAnswers.sol";

/// WHAT  Gas of a spot read as a trade meets it, the surface's word warm, and cold; and of the feed alone.
contract OracleMeter {
    using SpotAnswers for ISpotOracle;

    function read(ISpotOracle oracle, uint32 market) external view returns (uint256 gas) {
        uint256 before = gasleft();
        oracle.ask(market);
        return before - gasleft();
    }

    function readInTrade(
        ISpotOracle oracle,
        IVolSurface surface,
        uint32 market
    ) external view returns (uint256 gas) {
        surface.surface(market);
        uint256 before = gasleft();
        oracle.ask(market);
        return before - gasleft();
    }

    function readProxy(address proxy) external view returns (uint256 gas) {
        uint256 before = gasleft();
        (bool done, ) = proxy.staticcall(abi.encodeWithSignature("latestRoundData()"));
        require(done);
        return before - gasleft();
    }
}
