// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { STRIKE_UNIT } from "../types/StrikePosition.sol";

/// @title Which expiries and strikes may be listed
///
/// CALENDAR  Every expiry is at 08:00 UTC and of one kind: quarterly (last Friday of March, June, September, December), monthly
///           (last Friday of another month), weekly (another Friday), daily (any other day). Four places a kind, sixteen in all.
/// HORIZON   How far ahead each kind may be listed. It is chosen so that never more than four expiries of a kind lie within it:
///           nobody can fill the places of a kind with expiries that keep a nearer one out. The longest is 52 weeks.
/// GRID      1-2-5: with D the greatest power of ten <= K, the step is D/50 below 2 D, D/20 below 5 D, else D/10, so neighbours
///           are 1 to 2.5 % apart. Strikes are whole multiples of 1e-9 quote.
/// BAND      spot / R <= K <= spot * R, wider for longer times.
library ListingRules {
    enum Kind {
        Daily,
        Weekly,
        Monthly,
        Quarterly
    }

    uint256 internal constant EXPIRIES_PER_KIND = 4;
    uint256 internal constant STRIKES = 32;
    /// Places that anybody may fill; the rest, a quarter, are the council's.
    uint256 internal constant OPEN_STRIKES = 24;
    uint256 internal constant IDLE_BEFORE_EVICTION = 1 days;
    /// The longest horizon, that of the quarterly expiries.
    uint256 internal constant HORIZON_MAX = 364 days;

    /// An expiry is not in the future, or too far ahead for its kind.
    error Listing_ExpiryOutsideHorizon(uint256 expiryAt, uint256 latestAt);

    /// A strike is not a multiple of the step at its level.
    error Listing_StrikeOffGrid(uint256 strike, uint256 step);

    /// A strike is too far from spot.
    error Listing_StrikeOutsideBand(uint256 strike, uint256 low, uint256 high);

    function requireExpiry(uint256 expiryAt, uint256 nowAt) internal pure {
        uint256 latestAt = nowAt + horizon(kindOf(expiryAt));
        if (expiryAt <= nowAt || expiryAt > latestAt) revert Listing_ExpiryOutsideHorizon(expiryAt, latestAt);
    }

    function requireOnGrid(uint256 strike) internal pure {
        uint256 step = stepAt(strike);
        if (strike % step != 0 || strike / STRIKE_UNIT > type(uint64).max)
            revert Listing_StrikeOffGrid(strike, step);
    }

    /// @param spotLow Lowest spot that the oracle allows, WAD; `spotHigh` the highest.
    function requireInBand(uint256 strike, uint256 spotLow, uint256 spotHigh, uint256 time) internal pure {
        uint256 ratio = bandPercent(time);
        uint256 low = (spotLow * 100) / ratio;
        uint256 high = (spotHigh * ratio) / 100;
        if (strike < low || strike > high) revert Listing_StrikeOutsideBand(strike, low, high);
    }

    /// The kind of an expiry, by its UTC day.
    function kindOf(uint256 expiryAt) internal pure returns (Kind) {
        uint256 day = expiryAt / 1 days;
        // 1 January 1970 was a Thursday.
        if (day % 7 != 1) return Kind.Daily;
        uint256 month = monthOf(day);
        if (monthOf(day + 7) == month) return Kind.Weekly;
        return month % 3 == 0 ? Kind.Quarterly : Kind.Monthly;
    }

    /// Seconds ahead within which a kind may be listed. Four days hold at most four days; 28 days hold four Fridays; five last
    /// Fridays, none of them a quarter's, span more than 120 days; five quarterly ones span 52 weeks, and the first of them would
    /// have to be in the past.
    function horizon(Kind kind) internal pure returns (uint256) {
        if (kind == Kind.Daily) return 4 days;
        if (kind == Kind.Weekly) return 28 days;
        if (kind == Kind.Monthly) return 120 days;
        return HORIZON_MAX;
    }

    /// Distance of neighbouring strikes at a level, WAD; never below the unit of strikes.
    function stepAt(uint256 strike) internal pure returns (uint256 step) {
        uint256 decade = 100 * STRIKE_UNIT;
        while (decade <= strike / 10) decade *= 10;
        if (strike < 2 * decade) return decade / 50;
        if (strike < 5 * decade) return decade / 20;
        return decade / 10;
    }

    /// R in percent for a time to expiry in seconds.
    function bandPercent(uint256 time) internal pure returns (uint256) {
        if (time <= 4 days) return 125;
        if (time <= 28 days) return 160;
        if (time <= 120 days) return 250;
        return 400;
    }

    function monthOf(uint256 day) internal pure returns (uint256 month) {
        (, month, ) = dateOf(day);
    }

    /// Date of a day number since 1970, in the proleptic Gregorian calendar, counting years from 1 March in eras of 400 years
    /// (H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days).
    function dateOf(uint256 dayNumber) internal pure returns (uint256 year, uint256 month, uint256 day) {
        uint256 shifted = dayNumber + 719_468;
        uint256 dayOfEra = shifted % 146_097;
        uint256 yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        uint256 dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        uint256 monthFromMarch = (5 * dayOfYear + 2) / 153;
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        year = yearOfEra + (shifted / 146_097) * 400 + (month <= 2 ? 1 : 0);
    }
}
