// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { IVolSurface } from "../../../../contracts/interfaces/IVolSurface.sol";
import { dayOfExpiry, Expiries, set } from "../../../../contracts/types/Expiries.sol";
import { Report } from "../../../../contracts/types/Report.sol";
import { Slice } from "../../../../contracts/types/Slice.sol";
import { VM } from "../../campaign/Vm.sol";

/// What the signers do: plain smiles of one vol, signed by two of them, whose keys are the test's.
library Reports {
    uint256 private constant WAD = 1e18;
    uint256 private constant CLOCK_STOPS = 1200;
    uint256 private constant SETTLEMENT_WINDOW = 1800;

    /// The signers by rising address.
    function signers() internal pure returns (uint256[2] memory keys, address[] memory accounts) {
        keys = [uint256(0x1235), 0x1236];
        accounts = new address[](2);
        if (VM.addr(keys[0]) > VM.addr(keys[1])) (keys[0], keys[1]) = (keys[1], keys[0]);
        (accounts[0], accounts[1]) = (VM.addr(keys[0]), VM.addr(keys[1]));
    }

    /// A report of every expiry that has half an hour left.
    function make(
        uint32 market,
        uint256 reportAt,
        uint256 spot,
        uint256 vol,
        uint32[] memory expiriesAt
    ) internal pure returns (Report memory report) {
        (report.market, report.reportAt, report.spot) = (market, uint32(reportAt), uint96(spot));
        Slice[] memory slices = new Slice[](expiriesAt.length);
        uint256 count;
        for (uint256 i = 0; i < expiriesAt.length; ++i) {
            if (expiriesAt[i] <= reportAt + SETTLEMENT_WINDOW) continue;
            report.expiries = set(report.expiries, count, dayOfExpiry(expiriesAt[i]));
            slices[count++] = smile(vol, expiriesAt[i] - CLOCK_STOPS - reportAt, reportAt);
        }
        report.slices = new Slice[](count);
        for (uint256 i = 0; i < count; ++i) report.slices[i] = slices[i];
    }

    /// At the money `vol` (WAD) with `time` seconds on the variance clock; tilt and wings of so many standard deviations.
    function smile(uint256 vol, uint256 time, uint256 reportAt) internal pure returns (Slice) {
        uint256 variance = (vol * vol * time) / (WAD * 365 days);
        // In units of 2^-64; the unit of lengths is the power of two at or below the standard deviation.
        uint256 deviation = Math.sqrt((variance << 128) / WAD);
        uint256 bits = Math.log2(deviation);
        uint256 sd = (deviation << 64) >> bits;
        uint256 word = ((sd * sd) >> 98) | (reportAt << 32);
        word |= ((((WAD * time) / (20 * 365 days)) << 31) / WAD) << 83;
        word |= (bits - 48) << 115;
        word |= uint256(uint32(uint256(-int256((2 << 31) / int256(10))))) << 120;
        word |= (((15 * sd) / 100) >> 35) << 152;
        word |= (sd >> 36) << 188;
        word |= ((sd / 10) >> 36) << 222;
        return Slice.wrap(word);
    }

    /// Both signatures as {IVolSurface-post} takes them.
    function sign(IVolSurface surface, Report memory report) internal view returns (bytes memory signatures) {
        bytes32 digest = surface.digest(report);
        (uint256[2] memory keys, ) = signers();
        for (uint256 i = 0; i < 2; ++i) {
            (uint8 v, bytes32 r, bytes32 s) = VM.sign(keys[i], digest);
            signatures = bytes.concat(signatures, r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
        }
    }
}
