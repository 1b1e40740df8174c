// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { SeriesId } from "../types/SeriesId.sol";
import { OptionERC20 } from "./OptionERC20.sol";
import { SeriesSymbol } from "./SeriesSymbol.sol";

/// WHAT  Deploys the wrapper of a series, once, by CREATE2: its address is known before, and is the same whoever deploys it.
contract OptionERC20Factory {
    IClearinghouse public immutable CLEARINGHOUSE;

    event Deployed(SeriesId indexed series, address wrapper, string symbol);

    constructor(IClearinghouse clearinghouse) {
        CLEARINGHOUSE = clearinghouse;
    }

    /// Deploys the wrapper of `series`, or returns the one that is there. Anyone. Reverts for a word that is no series, and
    /// for an unknown market.
    function deploy(SeriesId series) external returns (OptionERC20 wrapper) {
        wrapper = OptionERC20(addressOf(series));
        if (address(wrapper).code.length != 0) return wrapper;
        string memory symbol = symbolOf(series);
        wrapper = new OptionERC20{ salt: bytes32(0) }(CLEARINGHOUSE, series, symbol);
        emit Deployed(series, address(wrapper), symbol);
    }

    /// Where the wrapper of `series` is, or will be.
    function addressOf(SeriesId series) public view returns (address) {
        bytes memory creation = abi.encodePacked(
            type(OptionERC20).creationCode,
            abi.encode(CLEARINGHOUSE, series, symbolOf(series))
        );
        bytes32 digest = keccak256(
            abi.encodePacked(bytes1(0xff), address(this), bytes32(0), keccak256(creation))
        );
        return address(uint160(uint256(digest)));
    }

    /// The symbol of `series`: ETH-27DEC26-4000-C.
    function symbolOf(SeriesId series) public view returns (string memory) {
        return SeriesSymbol.symbolOf(CLEARINGHOUSE.marketOf(series.check().market()).name, series);
    }
}
