// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Why a slice cannot enter a surface, in the order in which it is told.
enum SliceRefusal {
    None,
    /// Its time is not the report's, or a flag is set.
    Stamp,
    /// w(0) < U^2: the word is not in normal form, so the same smile would have two words.
    NotNormal,
    /// sqrt(w(0)) outside [1e-3, 6], where nothing could be priced.
    Level,
    /// rho = -1.
    Correlation,
    /// sigma = 0, or above 16 sqrt(w(0)).
    Curvature,
    /// b (1 + |rho|) >= 2: beyond Lee's bound on the wings.
    WingSlope,
    /// The smile's minimum is not above w(0) / 2^16.
    Minimum,
    /// w(0) below the one of the expiry before it.
    CalendarLevel,
    /// A wing less steep than the one of the expiry before it.
    CalendarWing
}
