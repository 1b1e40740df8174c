// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Potential } from "../pricing/Potential.sol";
import { BookClaims, BookMargins, BookRisk, ExpiryRisk } from "../types/BookWords.sol";
import { BookTerms } from "../types/BookTerms.sol";

/// The book's words as axes of the potential: X, G and the delta first, then weighted vega and vegaSkew of each expiry, as at docs/decisions/0007.
///
/// Unchecked: words below 2^104, parameters below 2^62, spot below 2^128; there are few expiries.
///
///     axis        curvature   over    slopes
///     X           lambda      E       [slopeLow, slopeHigh]
///     G           theta       E       [-theta gammaLimit / 5, theta gammaLimit]
///     delta       kappa S     H       -+ kappa S             a Huber function: quadratic within the band H
///     vega_e      mu          E       [-mu vegaHigh / 5, mu vegaHigh]
///     vegaSkew_e  mu          E       [-mu vegaHigh / 5, mu vegaHigh]
///
/// A slope below 0 is what an ask falls by while the vault holds more than it has written. The lower ones are a fifth of the upper, because
/// an ask near or below 0 could be bought for nothing and sold back (docs/POOL.md has the least asks).
library Axes {
    int256 private constant WAD = 1e18;
    /// By how much the lower slopes of G, vega_e and vegaSkew_e are flatter than the upper ones.
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
            axes = Potential.roomFor(3 + 2 * risks.length);
            axes[0] = Potential.Axis(risk.vega(), 0, terms.lambda(), 0, terms.slopeLow(), terms.slopeHigh());

            int256 steepest = (terms.theta() * int256(terms.gammaLimit())) / WAD;
            axes[1] = Potential.Axis(risk.gamma(), 0, terms.theta(), 0, -steepest / LOWER, steepest);

            int256 delta = risk.delta() + int256(baseBalance) - int256(claims.claimBase());
            steepest = (terms.kappa() * int256(spot)) / WAD;
            // A band of zero is that of a book never refreshed as a whole: then all of it is beyond.
            int256 band = int256(margins.band());
            axes[2] = Potential.Axis(delta, 0, steepest, band == 0 ? int256(1) : band, -steepest, steepest);

            int256 mu = terms.mu();
            steepest = (mu * int256(terms.vegaHigh())) / WAD;
            int256 flattest = -steepest / LOWER;
            for (uint256 i = 0; i < risks.length; ++i) {
                axes[3 + 2 * i] = Potential.Axis(risks[i].expiryVega(), 0, mu, 0, flattest, steepest);
                axes[4 + 2 * i] = Potential.Axis(risks[i].expirySkew(), 0, mu, 0, flattest, steepest);
            }
        }
    }
}
