// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { BlackScholes } from "../../../contracts/pricing/BlackScholes.sol";
import { Svi } from "../../../contracts/pricing/Svi.sol";
import { Slice } from "../../../contracts/types/Slice.sol";

/// What must hold of prices from packed slices; the slices are smiles in terms of one standard deviation, or any word at all.
contract SviTest {
    uint256 private constant ONE = 1 << 96;

    struct Quote {
        uint256 call;
        uint256 put;
        uint256 delta;
        uint256 vegaSd;
    }

    /// Smile parameters in units of sd, of which U <= sd < 2 U.
    struct Smile {
        uint32 w0;
        uint8 exponent;
        uint32 wing;
        int32 rho;
        int32 m;
        uint32 sigma;
        int32 basis;
    }

    function testFuzz_AFlatSliceIsBlackScholes(
        Smile memory smile,
        uint256 strikeSeed,
        uint256 c
    ) public pure {
        smile.wing = 0;
        Slice slice = pack(smile);
        uint256 ageing = within(c, ONE / 2, ONE);
        // w(0) U^2 / 2^30 as WAD.
        uint256 variance = (((slice.atmVariance() * 1e18) << (2 * slice.exponent())) / (1 << 62)) * 1;
        variance = (variance * ageing) >> 96;
        if (variance < 1.001e12) return;
        uint256 forward = 3000e18;
        uint256 strike = within(strikeSeed, forward / 8, forward * 8);
        Quote memory q = quote(slice, forward, strike, ageing);
        (uint256 call, uint256 put, , ) = BlackScholes.quoteFromForward(forward, forward, strike, variance);
        // The variance above is rounded twice to 1e-18 of at least 1e-6.
        assert(near(q.call, call, forward / 1e14) && near(q.put, put, forward / 1e14));
    }

    function testFuzz_P2_ParityHoldsToTheUnitOnASlice(Smile memory smile, uint256 k, uint256 c) public pure {
        Slice slice = pack(smile);
        uint256 forward = 3000e18;
        uint256 strike = strikeNear(slice, forward, k);
        Quote memory q = quote(slice, forward, strike, within(c, ONE / 4, ONE));
        assert(q.call + strike == q.put + forward);
        assert(q.call <= forward && q.put <= strike && q.delta <= 1e18);
    }

    function testFuzz_S6_AgeingOnlyTakesValueAway(
        Smile memory smile,
        uint256 k,
        uint256 c,
        uint256 d
    ) public pure {
        Slice slice = pack(smile);
        uint256 forward = 3000e18;
        uint256 strike = strikeNear(slice, forward, k);
        uint256 older = within(c, ONE / 4, ONE);
        uint256 younger = within(d, older, ONE);
        Quote memory a = quote(slice, forward, strike, older);
        Quote memory b = quote(slice, forward, strike, younger);
        assert(a.call <= b.call + 200_000 && a.put <= b.put + 200_000);
    }

    function testFuzz_AFreshSurfaceIsItsSliceOnTheForward(
        Smile memory smile,
        uint256 k,
        uint256 tau
    ) public pure {
        smile.basis = 0;
        Slice slice = pack(smile);
        uint256 spot = 3000e18;
        uint256 strike = strikeNear(slice, spot, k);
        tau = within(tau, 1, 1 << 90);
        (uint256 call, uint256 put, uint256 delta, uint256 vegaSd) = Svi.quoteFromSurface(
            slice,
            spot,
            strike,
            tau,
            tau
        );
        Quote memory q = quote(slice, spot, strike, ONE);
        // Discounting by exp(0) may lose one unit of the strike.
        assert(near(call, q.call, 2) && near(put, q.put, 2));
        assert(near(delta, q.delta, 100) && near(vegaSd, q.vegaSd, 1_000_000));
    }

    function testFuzz_TheBasisMovesTheForward(Smile memory smile, uint256 k, uint256 c) public pure {
        smile.basis >>= 3;
        Slice slice = pack(smile);
        uint256 spot = 3000e18;
        uint256 strike = strikeNear(slice, spot, k);
        uint256 tauAtReport = 30 days;
        uint256 tau = within(c, 8 days, tauAtReport);
        (uint256 call, uint256 put, , ) = Svi.quoteFromSurface(slice, spot, strike, tau, tauAtReport);
        // S - D = call - put, and D = K exp(-x) with x = basis tau / tauAtReport; exp(-x) >= 1 - x, and exp(x) >= 1 + x.
        uint256 discounted = spot + put - call;
        int256 x = (slice.basis() * 1e18 * int256(tau)) / (int256(tauAtReport) << 31);
        assert(int256(discounted) >= (int256(strike) * (1e18 - x - 2)) / 1e18 - 2);
        assert(int256(strike) >= (int256(discounted) * (1e18 + x - 2)) / 1e18 - 2);
    }

    function testFuzz_AnyWordIsPricedWithinBoundsOrRefused(
        uint256 word,
        uint256 strike,
        uint256 ageing,
        bool plain
    ) public view {
        uint256 forward = 3000e18;
        strike = within(strike, forward / 20, forward * 20);
        if (plain) ageing = within(ageing, 0, ONE + ONE / 8);
        // Exponents near those of real slices, or nearly all words are refused.
        if (plain) word = (word & ~(uint256(0x1f) << 115)) | (within(word, 8, 17) << 115);
        try this.priced(Slice.wrap(word), forward, strike, ageing) returns (Quote memory q) {
            assert(ageing > 0 && ageing <= ONE && strike * 16 >= forward && strike <= 16 * forward);
            assert(q.call + strike == q.put + forward);
            assert(q.call <= forward && q.put <= strike && q.delta <= 1e18);
        } catch (bytes memory reason) {
            assert(bytes4(reason) == BlackScholes.BlackScholes_OutOfDomain.selector);
        }
    }

    function testFuzz_ANegativeVarianceIsRefused(uint256 k, uint256 c) public view {
        // U = 1, w(0) = 1, b = 10, rho = 0, m = -3/2, sigma = 2^-28: at the kink w = 1 - 15.
        uint256 word = (1 << 30) | (uint256(16) << 115) | ((uint256(10) << 29) << 152) | (uint256(1) << 188);
        word |= uint256(-3 * int256(1 << 27)) << 222;
        uint256 strike = within(k, 600e18, 740e18);
        try this.priced(Slice.wrap(word), 3000e18, strike, within(c, 0, ONE)) {
            assert(false);
        } catch (bytes memory reason) {
            assert(bytes4(reason) == BlackScholes.BlackScholes_OutOfDomain.selector);
        }
    }

    function priced(
        Slice slice,
        uint256 forward,
        uint256 strike,
        uint256 ageing
    ) external pure returns (Quote memory) {
        return quote(slice, forward, strike, ageing);
    }

    function quote(Slice slice, uint256 f, uint256 k, uint256 ageing) private pure returns (Quote memory q) {
        (q.call, q.put, q.delta, q.vegaSd) = Svi.quoteFromSlice(slice, f, k, ageing);
    }

    /// A smile with sd from 2^-8 to 1, wings up to 0.2 sd, |rho| < 0.9, |m| <= sd, sigma from 0.1 to 8 U: positive everywhere near.
    function pack(Smile memory s) private pure returns (Slice) {
        uint256 word = within(s.w0, 1 << 30, (1 << 32) - 1);
        word |= uint256(uint32(s.basis)) << 83;
        word |= within(s.exponent, 8, 15) << 115;
        word |= uint256(uint32(int32(int256(s.rho) % 1932735283))) << 120;
        word |= within(s.wing, 0, 53687091) << 152;
        word |= within(s.sigma, 1 << 25, 1 << 31) << 188;
        word |= uint256(int256(s.m) % (1 << 28)) << 222;
        return Slice.wrap(word);
    }

    /// A strike within about 4 sd of the forward and a factor of 8.
    function strikeNear(Slice slice, uint256 forward, uint256 seed) private pure returns (uint256) {
        uint256 width = (forward << slice.exponent()) >> 14;
        if (width > 7 * forward) width = 7 * forward;
        return
            seed & 1 == 0
                ? within(seed >> 1, forward, forward + width)
                : (forward * forward) / within(seed >> 1, forward, forward + width);
    }

    function near(uint256 x, uint256 y, uint256 tolerance) private pure returns (bool) {
        return x > y ? x - y <= tolerance : y - x <= tolerance;
    }

    function within(uint256 x, uint256 low, uint256 high) private pure returns (uint256) {
        return low + (x % (high - low + 1));
    }
}
