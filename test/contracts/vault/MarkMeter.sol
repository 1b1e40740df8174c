// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "../../../contracts/interfaces/IBook.sol";
import { Report } from "../../../contracts/types/Report.sol";

/// Measures a mark as another contract pays for it.
contract MarkMeter {
    function mark(IBook book, Report calldata report) external view returns (uint256 gas) {
        gas = gasleft();
        book.mark(report);
        gas -= gasleft();
    }
}
