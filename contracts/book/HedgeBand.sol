// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SignedMath } from "@openzeppelin/contracts/utils/math/SignedMath.sol";

/// Within how much delta nobody hedges, after Whalley and Wilmott (1997), in base:
///
///     H = (3/2 c S Gamma^2 E / gamma_R)^(1/3)     Gamma S^2 = G undamped, but at least |G| and at most 2^(3/2) |G|
///
/// with c = 9 bp the cost of a hedge, gamma_R = 10 the relative risk aversion, and 0.5 % E/S <= H <= 5 % E/S (docs/QUANT.md, The hedge).
/// sigma cancels. WAD.
///
/// So H is between once and twice what it is by G. Undamped gamma alone could be had for next to nothing: hours before an expiry six options
/// have as much of it as two hundred of a month, and whoever sold or bought them would make the band a tenth or ten times as wide,
/// and so have the vault hedge what it need not, or leave what it should (P11, docs/decisions/0010).
library HedgeBand {
    uint256 private constant WAD = 1e18;
    /// 3/2 c / gamma_R.
    uint256 private constant FACTOR = 0.000135e18;
    uint256 private constant GAMMA_MAX = 2 ** 104;
    /// 2^(3/2): with so many times the gamma H is twice as wide.
    uint256 private constant TWICE_AS_WIDE = 2.828427124746190097e18;
    uint256 private constant FLOOR = 0.005e18;
    uint256 private constant CAP = 0.05e18;

    /// @param gamma G, quote; beyond 2^104, as much as a field of a book's words holds, it is that.
    /// @param undamped The same sum without the damping.
    function widthOf(
        int256 gamma,
        int256 undamped,
        uint256 spot,
        uint256 equity
    ) internal pure returns (uint256 width) {
        uint256 size = Math.min(SignedMath.abs(gamma), GAMMA_MAX);
        size = Math.max(size, Math.min(SignedMath.abs(undamped), (size * TWICE_AS_WIDE) / WAD));
        // c S Gamma^2 E = c (G / S)^2 E / S: in units of base^3.
        uint256 perSpot = (size * WAD) / spot;
        uint256 cube = (((FACTOR * equity) / spot) * perSpot) / WAD;
        uint256 unit = (equity * WAD) / spot;
        uint256 floor = (unit * FLOOR) / WAD;
        uint256 cap = (unit * CAP) / WAD;
        // What does not fit is above the cap, for E/S below 9e8 base; beyond that, of a base worth next to nothing, the cap is wide.
        if (cube != 0 && perSpot > type(uint256).max / WAD / cube) return cap;
        // H^3 in WAD^3: `cube` and `perSpot` have two of the three.
        width = cubeRoot(cube * perSpot * WAD);
        if (width < floor) return floor;
        if (width > cap) return cap;
    }

    /// The cube root by Newton's steps from above, within one.
    function cubeRoot(uint256 x) internal pure returns (uint256 root) {
        if (x == 0) return 0;
        uint256 bits;
        assembly ("memory-safe") {
            bits := sub(256, clz(x))
        }
        // 2^(bits / 3 up) >= the root. From above the steps fall until they end. root^2 < 2^174, and root > 0.
        unchecked {
            root = 1 << ((bits + 2) / 3);
            while (true) {
                uint256 next = (2 * root + x / (root * root)) / 3;
                if (next >= root) return root;
                root = next;
            }
        }
    }
}
