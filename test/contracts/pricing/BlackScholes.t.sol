// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { BlackScholes } from "../../../contracts/pricing/BlackScholes.sol";

/// P1 and P2 as properties. Prices carry 1e-17 of spot and two units of error, so an inequality between prices is claimed up to
/// `tolerance`; identities are claimed to the unit.
contract BlackScholesTest {
    struct Point {
        uint256 spot;
        uint256 strike;
        uint256 variance;
    }

    struct Quote {
        uint256 call;
        uint256 put;
        uint256 delta;
        uint256 vegaSd;
    }

    function testFuzz_P2_ParityHoldsToTheUnit(Point memory seed, uint256 forward) public pure {
        Point memory p = inside(seed);
        // The discounted strike of any forward between S and 2 S, rounded down as the library does.
        forward = within(forward, p.spot, 2 * p.spot);
        uint256 discounted = (p.strike * p.spot) / forward;
        if (16 * discounted < p.spot) return;
        (uint256 call, uint256 put, , ) = BlackScholes.quoteFromForward(
            p.spot,
            forward,
            p.strike,
            p.variance
        );
        assert(call + discounted == put + p.spot);
    }

    function testFuzz_P2_PricesStayWithinTheirBounds(Point memory seed) public pure {
        Point memory p = inside(seed);
        Quote memory q = quote(p);
        assert(q.call <= p.spot && q.put <= p.strike);
        assert(q.call + p.strike >= p.spot && q.put + p.spot >= p.strike);
        assert(q.delta <= 1e18 && q.vegaSd <= (p.spot * 4) / 10);
    }

    function testFuzz_P2_CallFallsAndPutRisesWithTheStrike(Point memory seed, uint256 step) public pure {
        (Point memory low, Point memory high) = apart(seed, step);
        (Quote memory a, Quote memory b) = (quote(low), quote(high));
        uint256 tolerance = toleranceOf(low.spot);
        assert(b.call <= a.call + tolerance && a.put <= b.put + tolerance);
        // Slopes are at most one.
        assert(a.call <= b.call + (high.strike - low.strike) + tolerance);
        assert(b.delta <= a.delta + deltaTolerance(low));
    }

    function testFuzz_P2_CallIsConvexInTheStrike(Point memory seed, uint256 step) public pure {
        (Point memory low, Point memory high) = apart(seed, step);
        high.strike -= (high.strike - low.strike) & 1;
        Point memory middle = Point(low.spot, (low.strike + high.strike) / 2, low.variance);
        assert(2 * quote(middle).call <= quote(low).call + quote(high).call + 2 * toleranceOf(low.spot));
    }

    function testFuzz_P2_PricesRiseWithTotalVariance(Point memory seed, uint256 more) public pure {
        Point memory p = inside(seed);
        Quote memory a = quote(p);
        p.variance = within(more, p.variance, 36e18);
        Quote memory b = quote(p);
        assert(a.call <= b.call + toleranceOf(p.spot) && a.put <= b.put + toleranceOf(p.spot));
    }

    function testFuzz_P2_CallRisesWithTheForwardByItsDelta(Point memory seed, uint256 step) public pure {
        Point memory p = inside(seed);
        Point memory up = Point(within(step, p.spot, 16 * p.strike), p.strike, p.variance);
        (Quote memory a, Quote memory b) = (quote(p), quote(up));
        uint256 gain = b.call + toleranceOf(up.spot);
        uint256 rise = up.spot - p.spot;
        uint256 blur = deltaTolerance(p);
        // delta(S) dS <= dC <= delta(S + dS) dS, for a call is convex in S.
        assert(gain >= a.call + ((a.delta < blur ? 0 : a.delta - blur) * rise) / 1e18);
        assert(b.call <= a.call + ((b.delta + blur) * rise) / 1e18 + toleranceOf(up.spot));
    }

    function testFuzz_PutAndCallAreMirrorImages(Point memory seed) public pure {
        Point memory p = inside(seed);
        Quote memory q = quote(p);
        Quote memory mirror = quote(Point(p.strike, p.spot, p.variance));
        // Black-76 is symmetric: the put at (S, K) is the call at (K, S), and vega the same.
        assert(q.put == mirror.call && q.call == mirror.put && q.vegaSd == mirror.vegaSd);
    }

    function testFuzz_DoublingAllPricesDoublesTheQuote(Point memory seed) public pure {
        Point memory p = inside(seed);
        Quote memory q = quote(p);
        Quote memory twice = quote(Point(2 * p.spot, 2 * p.strike, p.variance));
        // The same kernel on the same ratios: only the unit in which results are rounded differs.
        assert(
            twice.call - 2 * q.call <= 1 && twice.put - 2 * q.put <= 1 && twice.vegaSd - 2 * q.vegaSd <= 1
        );
    }

    function testFuzz_VegaIsTheSlopeInTheStandardDeviation(Point memory seed, uint256 step) public pure {
        Point memory p = inside(seed);
        // Vega in s rises until s^2 = 2 |ln(S/K)| and falls after: here it is claimed on the rising side, up to 1/4 of the peak.
        uint256 sd = within(p.variance, 1e15, 5e17);
        uint256 sdUp = within(step, sd, sd + 5e16);
        p.strike = within(p.strike, 3 * p.spot, 16 * p.spot);
        p.variance = (sd * sd) / 1e18;
        Quote memory a = quote(p);
        p.variance = (sdUp * sdUp) / 1e18;
        Quote memory b = quote(p);
        // The rounding of w to 1e-18 moves s by at most 1e-18 / (2 s), so prices by at most 5e-16 vega / 1e18.
        uint256 tolerance = toleranceOf(p.spot) + p.spot / 1e15;
        assert(b.call <= a.call + (b.vegaSd * (sdUp - sd)) / 1e18 + tolerance);
        assert(b.call + tolerance >= a.call + (a.vegaSd * (sdUp - sd)) / 1e18);
    }

    function testFuzz_SpotWithoutCarryEqualsForward(Point memory seed, uint256 tau) public pure {
        Point memory p = inside(seed);
        tau = within(tau, 1.91e12, 4e18);
        uint256 vol = (root(p.variance) * 1e18) / root(tau);
        p.variance = (((vol * vol) / 1e18) * tau) / 1e18;
        if (p.variance < 1.0001e12) return;
        (uint256 call, uint256 put, uint256 delta, ) = BlackScholes.quoteFromSpot(
            p.spot,
            p.strike,
            tau,
            vol,
            0
        );
        Quote memory q = quote(p);
        // w is rounded here by up to 1 + vol^2/1e18 units of 1e-18, relative 1e-5 of the least; prices move by vega times that.
        uint256 tolerance = p.spot / 1e9 + toleranceOf(p.spot);
        assert(near(call, q.call, tolerance) && near(put, q.put, tolerance) && near(delta, q.delta, 1e13));
    }

    function testFuzz_DiscountingMatchesAShiftedForward(
        Point memory seed,
        uint256 tau,
        uint256 rate
    ) public pure {
        Point memory p = inside(seed);
        p.strike = within(p.strike, p.spot / 4, 4 * p.spot);
        tau = within(tau, 0.01e18, 2e18);
        rate = within(rate, 0, 0.3e18);
        uint256 vol = within(p.variance, 0.1e18, 2e18);
        (uint256 call, uint256 put, , ) = BlackScholes.quoteFromSpot(
            p.spot,
            p.strike,
            tau,
            vol,
            int256(rate)
        );
        // exp(-x) between 1 - x and 1 - x + x^2 / 2, so the discounted strike is known from both sides.
        uint256 x = (rate * tau) / 1e18;
        uint256 upper = (p.strike * (1e18 - x + (x * x) / 2e18 + 2)) / 1e18;
        uint256 lower = (p.strike * (1e18 - x - 1)) / 1e18;
        uint256 sum = p.spot + put;
        assert(sum >= call + lower - 2 && sum <= call + upper + 2);
    }

    function testFuzz_P1_RevertsExactlyOutsideTheDomain(
        uint256 spot,
        uint256 forward,
        uint256 strike,
        uint256 variance,
        uint8 shifts
    ) public view {
        // Shrink some arguments, so that the inside is hit often enough.
        if (shifts & 1 == 0) spot >>= 150;
        if (shifts & 2 == 0) forward = spot;
        if (shifts & 4 == 0 && spot < 1 << 200) strike = within(strike, spot >> 5, (spot >> 2) << 7);
        if (shifts & 8 == 0) variance = within(variance, 0, 40e18);
        bool expected = spot < 1 << 128 && strike < 1 << 128 && forward != 0;
        if (expected) {
            uint256 discounted = (strike * spot) / forward;
            expected =
                spot > 0 &&
                discounted > 0 &&
                discounted < 1 << 128 &&
                discounted <= 16 * spot &&
                spot <= 16 * discounted &&
                variance >= 1e12 &&
                variance <= 36e18;
        }
        try this.priced(spot, forward, strike, variance) {
            assert(expected);
        } catch {
            assert(!expected);
        }
    }

    function test_P1_TheEndsOfTheDomainAreInside() public pure {
        uint256[3] memory spots = [uint256(1), 3000e18, 1 << 123];
        for (uint256 i = 0; i < 3; ++i) {
            BlackScholes.quoteFromForward(spots[i], spots[i], 16 * spots[i], 1e12);
            BlackScholes.quoteFromForward(spots[i], spots[i], 16 * spots[i], 36e18);
            BlackScholes.quoteFromForward(16 * spots[i], 16 * spots[i], spots[i], 1e12);
            BlackScholes.quoteFromForward(16 * spots[i], 16 * spots[i], spots[i], 36e18);
        }
        uint256 last = (1 << 128) - 1;
        BlackScholes.quoteFromForward(last, last, last, 1e18);
        // One minute; and |rate tau| = 1 at the greatest rate.
        BlackScholes.quoteFromSpot(3000e18, 3000e18, uint256(1e18) / 525600, 1e18, 0.1e18);
        BlackScholes.quoteFromSpot(3000e18, 3000e18, 0.01e18, 1e18, 100e18);
        BlackScholes.quoteFromSpot(3000e18, 3000e18, 0.01e18, 1e18, -100e18);
        BlackScholes.quoteFromSpot(3000e18, 3000e18, 100e18, 0.5e18, 0.01e18);
    }

    function testFuzz_P1_RefusesTauVolAndRateOutsideTheirDomain(
        uint256 tau,
        uint256 vol,
        int256 rate,
        uint8 which
    ) public view {
        // Two of the three are plain; the third is anything outside.
        if (which % 3 != 0) tau = 1e18;
        if (which % 3 != 1) vol = 0.5e18;
        if (which % 3 != 2) rate = 0.05e18;
        bool outside =
            tau < 1.9e12 ||
                tau > 100e18 ||
                vol >> 128 != 0 ||
                rate > 100e18 ||
                rate < -100e18 ||
                (rate * int256(tau) > 1e36 || rate * int256(tau) < -1e36);
        if (!outside) return;
        try this.pricedFromSpot(3000e18, 3000e18, tau, vol, rate) {
            assert(false);
        } catch {}
    }

    function priced(uint256 spot, uint256 forward, uint256 strike, uint256 variance) external pure {
        BlackScholes.quoteFromForward(spot, forward, strike, variance);
    }

    function pricedFromSpot(
        uint256 spot,
        uint256 strike,
        uint256 tau,
        uint256 vol,
        int256 rate
    ) external pure {
        BlackScholes.quoteFromSpot(spot, strike, tau, vol, rate);
    }

    /// A point inside the domain: spot 1e-3 to 1e9 on a logarithmic scale, strike and variance likewise.
    function inside(Point memory seed) private pure returns (Point memory p) {
        p.spot = within(seed.spot, 1e15, 1e15 << within(seed.spot >> 128, 0, 40));
        uint256 ratio = within(seed.strike, 1e18, 16e18);
        p.strike = seed.strike >> 255 == 0 ? (p.spot * ratio) / 1e18 : (p.spot * 1e18 + ratio - 1) / ratio;
        // Half the strikes are close to the money, where the greeks are.
        if ((seed.strike >> 254) & 1 == 0)
            p.strike = p.spot + (p.strike > p.spot ? (p.strike - p.spot) / 64 : 0);
        p.variance = within(seed.variance, 1e12, within(seed.variance >> 128, 1e12, 36e18));
    }

    /// Two points that differ in strike only.
    function apart(
        Point memory seed,
        uint256 step
    ) private pure returns (Point memory low, Point memory high) {
        low = inside(seed);
        uint256 most = 16 * low.spot;
        high = Point(low.spot, within(step, low.strike, most), low.variance);
        if (step & 1 == 0) high.strike = low.strike + (high.strike - low.strike) / 1e9;
    }

    function quote(Point memory p) private pure returns (Quote memory q) {
        (q.call, q.put, q.delta, q.vegaSd) = BlackScholes.quoteFromForward(
            p.spot,
            p.spot,
            p.strike,
            p.variance
        );
    }

    function toleranceOf(uint256 spot) private pure returns (uint256) {
        return (spot * 40) / 1e18 + 4;
    }

    /// 4e-17 / s, s >= 1e-3, in WAD, plus units.
    function deltaTolerance(Point memory p) private pure returns (uint256) {
        return 40e9 / root(p.variance) + 4;
    }

    /// sqrt of a WAD as a WAD / 1e9.
    function root(uint256 x) private pure returns (uint256 r) {
        r = x;
        for (uint256 i = 0; i < 100 && r * r > x; ++i) r = (r + x / r) / 2;
        r = r == 0 ? 1 : r;
    }

    function near(uint256 x, uint256 y, uint256 tolerance) private pure returns (bool) {
        return x > y ? x - y <= tolerance : y - x <= tolerance;
    }

    function within(uint256 x, uint256 low, uint256 high) private pure returns (uint256) {
        return low + (x % (high - low + 1));
    }
}
