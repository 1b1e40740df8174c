// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Expiries } from "./Expiries.sol";
import { Slice } from "./Slice.sol";

/// The surface of a market at one time: what signers sign, as the EIP-712 struct
/// `Report(uint32 market,uint32 reportAt,uint96 spot,uint256 expiries,uint256[] slices)`.
struct Report {
    uint32 market;
    /// Unix seconds; every slice carries the same.
    uint32 reportAt;
    /// Quote per base, WAD.
    uint96 spot;
    /// The days of the slices in strictly rising order from lane 0, the rest empty.
    Expiries expiries;
    /// One word for each day. None at all is a report that closes every expiry.
    Slice[] slices;
}

/// Reads a report where it lies in the call data.
library ReportData {
    bytes32 internal constant TYPEHASH = keccak256(
        "Report(uint32 market,uint32 reportAt,uint96 spot,uint256 expiries,uint256[] slices)"
    );

    /// keccak256(abi.encode(TYPEHASH, market, reportAt, spot, expiries,
    /// keccak256(abi.encodePacked(slices)))).
    ///
    /// The four fields lie in the call data as in that encoding, and so do the slices: both are copied as
    /// they are. A field that does not fit its type is not caught here but where it is read, which the
    /// compiler checks.
    function structHash(Report calldata report) internal pure returns (bytes32 hash) {
        Slice[] calldata slices = report.slices;
        bytes32 typehash = TYPEHASH;
        assembly ("memory-safe") {
            let free := mload(0x40)
            let length := shl(5, slices.length)
            calldatacopy(free, slices.offset, length)
            let slicesHash := keccak256(free, length)
            mstore(free, typehash)
            calldatacopy(add(free, 0x20), report, 0x80)
            mstore(add(free, 0xa0), slicesHash)
            hash := keccak256(free, 0xc0)
        }
    }

    /// The same slices as plain words: these the compiler copies in one piece.
    function words(Slice[] calldata slices) internal pure returns (uint256[] calldata plain) {
        assembly ("memory-safe") {
            plain.offset := slices.offset
            plain.length := slices.length
        }
    }

    /// slices[index] for an index < slices.length, without the check of that.
    function wordAt(Slice[] calldata slices, uint256 index) internal pure returns (Slice slice) {
        assembly ("memory-safe") {
            slice := calldataload(add(slices.offset, shl(5, index)))
        }
    }
}
