// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// When things happen, in seconds.

// From midnight UTC to the time at which options expire.
uint256 constant EXPIRY_OF_DAY = 8 hours;

// From midnight UTC to the time at which an epoch begins, an hour after the expiry of the day.
uint256 constant CUTOFF_OF_DAY = 9 hours;

// The cut-off of a day, at which an epoch begins.
function cutOffOf(uint256 day) pure returns (uint256) {
    // A day number, below 2^16 until the year 2149.
    unchecked {
        return day * 1 days + CUTOFF_OF_DAY;
    }
}

// The day whose cut-off is the last at or before `time`; 0 where there was none.
function epochDayOf(uint256 time) pure returns (uint256) {
    return time < CUTOFF_OF_DAY ? 0 : (time - CUTOFF_OF_DAY) / 1 days;
}

// How long after a cut-off its first report may come and still be one to settle by. It counts once its day is over: until
// then its signers can be revoked.
uint256 constant EPOCH_REPORT_TIMELY = 12 hours;

// The longest that providers are held where no epoch ends: after it the floor exit is open, and a waiting deposit can be
// cancelled.
uint256 constant HELD_AT_MOST = 3 days;

// Openings stop this long before expiry.
uint256 constant CLOSING_BEFORE_EXPIRY = 60 minutes;

// The settlement price is the average of spot over this long before expiry: in that window there is no trade and no slice.
uint256 constant SETTLEMENT_WINDOW = 30 minutes;

// The variance clock stops this long before expiry: of the variance of the settlement window, the average keeps a third.
uint256 constant CLOCK_STOPS_BEFORE_EXPIRY = 20 minutes;

// A refresh of a book uses the last report's spot up to this age, then the oracle's.
uint256 constant REPORT_SPOT_MAX_AGE = 120;

// The oldest report that can be posted: with more time a poster would choose among more reports with hindsight.
uint256 constant REPORT_MAX_AGE = 60;

// How long the spot of a report counts in a price, by the age of what is stored, whoever posted it: after that it no longer
// beats a feed's threshold (docs/QUANT.md).
uint256 constant SIGNED_SPOT_MAX_AGE = 30;

// The year of `tau`, of annualised vols and of fees a year.
uint256 constant YEAR = 365 days;
