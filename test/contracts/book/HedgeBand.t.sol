// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { HedgeBand } from "../../../contracts/book/HedgeBand.sol";
import { sizeBelow, within } from "../vault/Draw.sol";

/// The band of Whalley and Wilmott, clipped: H = (0.000135 E G^2 / S^3)^(1/3) within 0.5 % and 5 % of E/S.
contract HedgeBandTest {
    uint256 private constant WAD = 1e18;
    uint256 private constant GAMMA_MAX = 1 << 104;
    uint256 private constant EQUITY_MAX = 1e30;

    struct Drawn {
        uint256 size;
        uint256 spot;
        uint256 equity;
        uint256 floor;
        uint256 cap;
    }

    /// Equity of 1 to 900 million base, for past 974 million H^3 leaves its word below the cap; |G| from a ten thousandth of the equity to a
    /// hundred times it, so that floor, root and cap all decide.
    function _draw(uint256 seed) private pure returns (Drawn memory drawn) {
        drawn.spot = 1e12 + sizeBelow(seed, 1, 1e24);
        uint256 most = Math.min(900_000_000e18, (EQUITY_MAX * WAD) / drawn.spot - WAD);
        drawn.equity = ((WAD + sizeBelow(seed, 2, most)) * drawn.spot) / WAD;
        uint256 part = 1e14 * 10 ** within(seed, 3, 0, 5) * within(seed, 4, 1, 10);
        drawn.size = Math.min((drawn.equity * part) / WAD, GAMMA_MAX);
        uint256 unit = (drawn.equity * WAD) / drawn.spot;
        (drawn.floor, drawn.cap) = ((unit * 5) / 1000, (unit * 5) / 100);
    }

    function _widthOf(Drawn memory drawn, bool isShort) private pure returns (uint256) {
        int256 gamma = int256(drawn.size);
        if (isShort) gamma = -gamma;
        return HedgeBand.widthOf(gamma, gamma, drawn.spot, drawn.equity);
    }

    function _cubeOf(uint256 size) private pure returns (uint256) {
        return Math.mulDiv(Math.mulDiv(size, size, WAD), size, WAD);
    }

    /// root^3 <= x < (root + 1)^3.
    function testFuzz_TheCubeRootIsTheLargestWholeOne(uint256 x, uint8 shift) public pure {
        _requireRoot(x >> shift);
    }

    /// One below, at, and one above a cube, where a root that is off by one shows.
    function testFuzz_TheCubeRootOfACubeAndItsNeighbours(uint256 seed) public pure {
        // The largest root of a word is 48,740,834,812,604,276,470,692,694.
        uint256 root = 1 + sizeBelow(seed, 1, 48_740_834_812_604_276_470_692_694);
        uint256 cube = root * root * root;
        assert(HedgeBand.cubeRoot(cube - 1) == root - 1);
        assert(HedgeBand.cubeRoot(cube) == root);
        assert(HedgeBand.cubeRoot(cube + 1) == (root == 1 ? 1 : root));
    }

    function test_TheCubeRootAtBothEndsOfAWord() public pure {
        assert(HedgeBand.cubeRoot(0) == 0);
        assert(HedgeBand.cubeRoot(type(uint256).max) == 48_740_834_812_604_276_470_692_694);
        for (uint256 bit = 0; bit < 256; ++bit) {
            _requireRoot(1 << bit);
            _requireRoot((1 << bit) - 1);
        }
    }

    function _requireRoot(uint256 x) private pure {
        uint256 root = HedgeBand.cubeRoot(x);
        uint256 cube = root * root * root;
        // (root + 1)^3 itself may not fit.
        assert(cube <= x && x - cube <= 3 * root * root + 3 * root);
    }

    /// The floor where H lies below it, the cap where H lies above, else H to a millionth.
    function testFuzz_TheWidthIsTheClippedBand(uint256 seed, bool isShort) public pure {
        Drawn memory drawn = _draw(seed);
        uint256 width = _widthOf(drawn, isShort);
        uint256 perSpot = Math.mulDiv(drawn.size, WAD, drawn.spot);
        uint256 cube = Math.mulDiv(drawn.equity, 0.000135e18, drawn.spot);
        cube = Math.mulDiv(Math.mulDiv(cube, perSpot, WAD), perSpot, WAD);
        uint256 allowance = cube / 1e6 + 10;
        if (width != drawn.cap) assert(_cubeOf(width) + allowance >= cube);
        if (width != drawn.floor) assert(_cubeOf(width) <= cube + allowance);
    }

    /// Whatever book: at least 0.5 % and at most 5 % of E/S, no gamma giving the least.
    function testFuzz_TheWidthLiesWithinFloorAndCap(int256 gamma, int256 undamped, uint256 seed) public pure {
        (gamma, undamped) = (gamma % int256(GAMMA_MAX + 1), undamped % int256(1 << 200));
        // From the smallest strike to the largest price.
        uint256 spot = 1e9 + sizeBelow(seed, 1, (1 << 96) - 1e9);
        uint256 equity = sizeBelow(seed, 2, EQUITY_MAX + 1);
        uint256 unit = (equity * WAD) / spot;
        uint256 width = HedgeBand.widthOf(gamma >> within(seed, 3, 0, 104), undamped, spot, equity);
        assert(width >= (unit * 5) / 1000 && width <= (unit * 5) / 100);
        assert(HedgeBand.widthOf(0, undamped, spot, equity) == (unit * 5) / 1000);
    }

    /// Whatever gamma is without its damping, of either sign: no narrower than by damped gamma and at most twice as wide; between both
    /// as wide as by itself.
    function testFuzz_TheWidthIsBetweenOnceAndTwiceThatOfDampedGamma(uint256 seed, bool isShort) public pure {
        Drawn memory drawn = _draw(seed);
        uint256 least = _widthOf(drawn, false);
        uint256 times = within(seed, 11, 0, 4000);
        int256 damped = int256(drawn.size);
        int256 undamped = int256(Math.mulDiv(drawn.size, times, 1000));
        if (isShort) (damped, undamped) = (-damped, within(seed, 12, 0, 1) == 0 ? undamped : -undamped);
        uint256 width = HedgeBand.widthOf(damped, undamped, drawn.spot, drawn.equity);
        assert(width >= least && width <= 2 * least + least / 1e6 + 2);
        if (times < 1000 || times > 2828) return;
        drawn.size = Math.min(Math.mulDiv(drawn.size, times, 1000), GAMMA_MAX);
        assert(width == _widthOf(drawn, isShort));
    }

    /// Wider with gamma of either sign and with equity, no wider with spot.
    function testFuzz_TheWidthIsMonotone(uint256 seed, bool isShort) public pure {
        Drawn memory drawn = _draw(seed);
        uint256 width = _widthOf(drawn, isShort);
        assert(_widthOf(drawn, !isShort) == width);
        uint256 size = drawn.size;
        drawn.size += sizeBelow(seed, 11, GAMMA_MAX - size + 1);
        assert(_widthOf(drawn, isShort) >= width);
        drawn.size = size;
        uint256 equity = drawn.equity;
        drawn.equity -= sizeBelow(seed, 12, equity);
        assert(_widthOf(drawn, isShort) <= width);
        drawn.equity = equity;
        drawn.spot += sizeBelow(seed, 13, 1e25);
        assert(_widthOf(drawn, isShort) <= width);
    }
}
