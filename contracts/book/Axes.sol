// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Potential } from "../pricing/Potential.sol";
import { BookClaims } from "../types/BookClaims.sol";
import { BookMargins } from "../types/BookMargins.sol";
import { BookRisk } from "../types/BookRisk.sol";
import { ExpiryRisk } from "../types/ExpiryRisk.sol";
import { BookTerms } from "../types/BookTerms.sol";

/// The book's words as axes of the potential: X and the delta first, then weighted vega, weighted vegaSkew and G of each expiry, as at docs/decisions/0007.
///
/// Unchecked: words below 2^104, parameters below 2^62, spot below 2^128; there are few expiries.
///
///     axis        curvature   over    slopes
///     X           lambda      E       [slopeLow, slopeHigh]
///     delta       kappa S     H       -+ kappa S             a Huber function: quadratic within the band H
///     vega_e      mu          E       [-mu vegaHigh / 5, mu vegaHigh]
///     vegaSkew_e  mu          E       [-mu vegaHigh / 5, mu vegaHigh]
///     G_e         theta       E       [-theta gammaLimit / 5, theta gammaLimit]
///
/// G is kept by expiry because it drops to zero when that expiry's window opens. With one sum, a trader could sell another
/// expiry before the drop, buy it back after, and be rewarded twice (P3).
///
/// A slope below 0 is what an ask falls by while the vault holds more than it has written. The lower ones are a fifth of the upper, because
/// an ask near or below 0 could be bought for nothing and sold back (docs/POOL.md has the least asks).
library Axes {
    int256 private constant WAD = 1e18;
    /// How many axes an expiry has, after the two of the whole book.
    uint256 internal constant OF_EXPIRY = 3;
    uint256 internal constant OF_BOOK = 2;
    /// By how much the lower slopes of vega_e, vegaSkew_e and G_e are flatter than the upper ones.
    int256 private constant LOWER = 5;

    /// The axes at rest: every `dx` is 0.
    /// @param baseBalance B, WAD: the delta is the options', and B less what the base tranche is owed.
    /// @param spot WAD.
    function atRest(
        BookRisk risk,
        BookClaims claims,
        BookMargins margins,
        BookTerms terms,
        ExpiryRisk[] memory risks,
        uint256 baseBalance,
        uint256 spot
    ) internal pure returns (Potential.Axis[] memory axes) {
        unchecked {
            axes = Potential.roomFor(OF_BOOK + OF_EXPIRY * risks.length);
            axes[0] = Potential.Axis(risk.vega(), 0, terms.lambda(), 0, terms.slopeLow(), terms.slopeHigh());

            int256 delta = risk.delta() + int256(baseBalance) - int256(claims.claimBase());
            int256 steepest = (terms.kappa() * int256(spot)) / WAD;
            // A band of zero is that of a book never refreshed as a whole: then all of it is beyond.
            int256 band = int256(margins.band());
            axes[1] = Potential.Axis(delta, 0, steepest, band == 0 ? int256(1) : band, -steepest, steepest);

            (int256 mu, int256 theta) = (terms.mu(), terms.theta());
            steepest = (mu * int256(terms.vegaHigh())) / WAD;
            int256 steepestGamma = (theta * int256(terms.gammaLimit())) / WAD;
            for (uint256 i = 0; i < risks.length; ++i) {
                ExpiryRisk own = risks[i];
                uint256 axis = OF_BOOK + OF_EXPIRY * i;
                axes[axis] = Potential.Axis(own.expiryVega(), 0, mu, 0, -steepest / LOWER, steepest);
                axes[axis + 1] = Potential.Axis(own.expirySkew(), 0, mu, 0, -steepest / LOWER, steepest);
                axes[axis + 2] = Potential.Axis(
                    own.expiryGamma(),
                    0,
                    theta,
                    0,
                    -steepestGamma / LOWER,
                    steepestGamma
                );
            }
        }
    }
}
