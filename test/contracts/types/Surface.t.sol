// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Report, ReportData } from "../../../contracts/types/Report.sol";
import { PackedSurface, Surface } from "../../../contracts/types/Surface.sol";

contract SurfaceTest {
    function testFuzz_TheFieldsMakeUpTheWholeWord(uint256 word) public pure {
        assert(PackedSurface.unwrap(PackedSurface.wrap(word).unpack().pack()) == word);
    }

    function testFuzz_EveryFieldComesBack(Surface memory surface) public pure {
        assert(keccak256(abi.encode(surface.pack().unpack())) == keccak256(abi.encode(surface)));
    }
}

contract ReportTest {
    function testFuzz_TheStructHashIsThatOfTheEncoding(Report calldata report) public pure {
        bytes32 slices = keccak256(abi.encodePacked(report.slices));
        bytes32 expected = keccak256(
            abi.encode(
                ReportData.TYPEHASH,
                report.market,
                report.reportAt,
                report.spot,
                report.expiries,
                slices
            )
        );
        assert(ReportData.structHash(report) == expected);
    }

    function testFuzz_WordsAreTheSlices(Report calldata report) public pure {
        uint256[] calldata words = ReportData.words(report.slices);
        assert(keccak256(abi.encode(words)) == keccak256(abi.encode(report.slices)));
    }
}
