// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SliceReading } from "../interfaces/IVolSurface.sol";
import { Slice } from "../types/Slice.sol";
import { Svi } from "./Svi.sol";

/// The values of one strike by every slice that counts now: sell at the high one, buy at the low one.
struct ValueRange {
    uint256 callLow;
    uint256 callHigh;
    uint256 putLow;
    uint256 putHigh;
}

/// In the block of a post two slices count, the new one and the one before it, so that nobody can trade at
/// the old one knowing the new, or post the one that suits a trade in the same block. In every other block
/// low and high are the same.
library WorseOf {
    /// Values at `strike` (WAD) and the report's spot. Reverts outside the pricing domain, and without a
    /// current slice.
    /// @param clockStopsAt 20 minutes before the expiry, unix seconds, later than `nowAt`
    function range(
        SliceReading memory reading,
        uint256 strike,
        uint256 clockStopsAt,
        uint256 nowAt
    ) internal pure returns (ValueRange memory values) {
        (values.callLow, values.putLow) = _value(reading.current, reading.spot, strike, clockStopsAt, nowAt);
        (values.callHigh, values.putHigh) = (values.callLow, values.putLow);
        if (Slice.unwrap(reading.previous) == 0) return values;

        (uint256 call, uint256 put) = _value(reading.previous, reading.spot, strike, clockStopsAt, nowAt);
        if (call < values.callLow) values.callLow = call;
        if (call > values.callHigh) values.callHigh = call;
        if (put < values.putLow) values.putLow = put;
        if (put > values.putHigh) values.putHigh = put;
    }

    /// @dev Aged from the slice's own report.
    function _value(
        Slice slice,
        uint256 spot,
        uint256 strike,
        uint256 clockStopsAt,
        uint256 nowAt
    ) private pure returns (uint256 call, uint256 put) {
        uint256 tauAtReport = clockStopsAt - slice.reportAt();
        (call, put, , ) = Svi.quoteFromSurface(slice, spot, strike, clockStopsAt - nowAt, tauAtReport);
    }
}
