// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The potential of a book's risk, and what a move of the book costs by it.
///
///     Phi = sum over axes of f(x),      f(x) = (a/2) x^2 where low <= a x <= high, and on beyond by its tangent, of slope low or high
///
/// An axis is one exposure: X, the delta, and vega, vegaSkew and G of each expiry touched. f is convex with slopes in [low, high],
/// 0 among them, and f(0) = 0; so Phi is convex, its slopes are bounded, and a move is charged
///
///     impact(t) = max over E in {smallest, largest} of Phi_E(x + t dx) - Phi_E(x),        t in [0, 1]
///
/// which is convex in t. The difference telescopes: f is a function of x alone, rounded one way, so no order of moves between two
/// points costs less than another (P4), and a way round costs nothing (P3).
///
/// UNITS. WAD: x in quote per 1.00 of vol, quote or base; slopes in quote per unit of x. `scale` is what a is counted in: a = curvature
/// / scale, with E for `scale` where the axis says 0.
///
/// RANGES. Proof of the unchecked blocks: 0 < scale < 2^104. For the delta |x|, |dx| < 2^112 and curvature, slopes < 2^98 (kappa times a spot
/// below 2^96); for all other axes |x|, |dx| < 2^166 (fields of the book, or exposures of a trade) and curvature, slopes < 2^63. So no
/// product of two leaves 2^230, and slope^2 scale / curvature stays below 2^204: of the
/// delta slope and curvature are equal, and every other curvature is at least 2^39.
library Potential {
    int256 private constant WAD = 1e18;

    struct Axis {
        int256 x;
        int256 dx;
        int256 curvature;
        int256 scale;
        int256 low;
        int256 high;
    }

    /// Room for so many axes, of which each is to be set before it is read.
    function roomFor(uint256 count) internal pure returns (Axis[] memory axes) {
        uint256[] memory places = new uint256[](count);
        // `new Axis[](count)` would make every axis once more, to be thrown away. An array of structs is one of words that point.
        assembly ("memory-safe") {
            axes := places
        }
    }

    /// f(x) with E = `equity`, rounded towards zero at each of its steps.
    function valueAt(Axis memory axis, int256 x, int256 equity) internal pure returns (int256) {
        return _value(x, axis.curvature, axis.scale == 0 ? equity : axis.scale, axis.low, axis.high);
    }

    function _value(
        int256 x,
        int256 curvature,
        int256 scale,
        int256 low,
        int256 high
    ) private pure returns (int256) {
        unchecked {
            int256 slope = (curvature * x) / scale;
            if (slope > high) slope = high;
            else if (slope >= low) return (slope * x) / (2 * WAD);
            else slope = low;
            // The tangent from the knee at x = slope / a: slope x - slope^2 / (2 a).
            return (slope * x) / WAD - (((slope * slope) / curvature) * scale) / (2 * WAD);
        }
    }

    /// f'(x), WAD.
    function slopeAt(Axis memory axis, int256 x, int256 equity) internal pure returns (int256 slope) {
        unchecked {
            slope = (axis.curvature * x) / (axis.scale == 0 ? equity : axis.scale);
        }
        if (slope > axis.high) return axis.high;
        if (slope < axis.low) return axis.low;
    }

    /// Phi_E(x + t dx) - Phi_E(x), t WAD.
    function difference(Axis[] memory axes, int256 equity, int256 t) internal pure returns (int256 sum) {
        unchecked {
            for (uint256 i = 0; i < axes.length; ++i) {
                Axis memory axis = axes[i];
                if (axis.dx == 0) continue;
                (int256 x, int256 curvature, int256 scale) = (axis.x, axis.curvature, axis.scale);
                if (scale == 0) scale = equity;
                (int256 low, int256 high) = (axis.low, axis.high);
                sum += _value(x + (axis.dx * t) / WAD, curvature, scale, low, high);
                sum -= _value(x, curvature, scale, low, high);
            }
        }
    }

    /// d/dt of the same, WAD.
    function derivative(Axis[] memory axes, int256 equity, int256 t) internal pure returns (int256 sum) {
        unchecked {
            for (uint256 i = 0; i < axes.length; ++i) {
                Axis memory axis = axes[i];
                sum += (slopeAt(axis, axis.x + (axis.dx * t) / WAD, equity) * axis.dx) / WAD;
            }
        }
    }

    /// impact(t), and the E that gives it.
    function impact(
        Axis[] memory axes,
        int256 equityLow,
        int256 equityHigh,
        int256 t
    ) internal pure returns (int256 dearer, int256 equity) {
        (dearer, equity) = (difference(axes, equityLow, t), equityLow);
        if (equityHigh == equityLow) return (dearer, equity);
        int256 other = difference(axes, equityHigh, t);
        if (other > dearer) return (other, equityHigh);
    }
}
