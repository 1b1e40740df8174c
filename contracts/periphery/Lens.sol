// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "../interfaces/IBook.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { ILens, Quote, Smile, TwoSided } from "../interfaces/ILens.sol";
import { IOptionPool } from "../interfaces/IOptionPool.sol";
import { IVolSurface, SliceReading } from "../interfaces/IVolSurface.sol";
import { BlackScholes } from "../pricing/BlackScholes.sol";
import { IntegerSqrt } from "../pricing/IntegerSqrt.sol";
import { Numerics } from "../pricing/Numerics.sol";
import { Svi } from "../pricing/Svi.sol";
import { ValueRange, WorseOf } from "../pricing/WorseOf.sol";
import { SeriesId, toSeriesId } from "../types/SeriesId.sol";
import { Slice } from "../types/Slice.sol";
import { CLOCK_STOPS_BEFORE_EXPIRY, YEAR } from "../types/Times.sol";

/// WHAT
///     Reads: the option chain of an expiry in one call, at mid from its slice, and both sides as a pool trades them.
///     Holds nothing and moves nothing.
///
/// UNITS
///     WAD; vega per 1.00 of vol; times in unix seconds, tau in years of 365 days on the variance clock.
contract Lens is ILens {
    using IntegerSqrt for uint256;

    uint256 private constant WAD = 1e18;
    uint256 private constant STRIKES_PER_EXPIRY = 32;

    IVolSurface public immutable VOL_SURFACE;

    constructor(IVolSurface volSurface) {
        VOL_SURFACE = volSurface;
    }

    /// @inheritdoc ILens
    function quotes(
        uint32 market,
        uint32 expiryAt,
        uint256[] calldata strikes
    ) external view returns (Smile memory smile) {
        SliceReading memory reading = VOL_SURFACE.read(market, expiryAt);
        (smile.status, smile.isLive) = (reading.status, reading.isLive);
        (smile.reportAt, smile.spot) = (reading.reportAt, reading.spot);
        if (Slice.unwrap(reading.current) == 0) return smile;
        if (block.timestamp + CLOCK_STOPS_BEFORE_EXPIRY >= expiryAt) return smile;

        uint256 tau = expiryAt - CLOCK_STOPS_BEFORE_EXPIRY - block.timestamp;
        // Of the slice's own report, which is an older one where the last left the expiry out.
        uint256 tauAtReport = expiryAt - CLOCK_STOPS_BEFORE_EXPIRY - reading.current.reportAt();
        uint256 ageingX96 = (tau << 96) / tauAtReport;
        smile.tau = (tau * WAD) / YEAR;
        smile.forward = Numerics.discount(smile.spot, -_basisX96(reading.current, ageingX96));
        smile.quotes = new Quote[](strikes.length);
        for (uint256 i = 0; i < strikes.length; ++i) {
            // A strike outside the pricing domain must not take the rest of the chain with it.
            try this.quote(reading.current, smile.spot, strikes[i], tau, tauAtReport) returns (
                Quote memory priced
            ) {
                smile.quotes[i] = priced;
            } catch {}
        }
    }

    /// @inheritdoc ILens
    function chain(
        IClearinghouse clearinghouse,
        IOptionPool pool,
        uint32 expiryAt,
        uint128 amount
    ) external view returns (TwoSided[] memory series) {
        uint32 market = IBook(pool.book()).market();
        uint32[] memory expiriesAt = clearinghouse.expiries(market);
        series = new TwoSided[](expiriesAt.length * 2 * STRIKES_PER_EXPIRY);
        uint256 count = 0;
        for (uint256 i = 0; i < expiriesAt.length; ++i) {
            if (expiryAt != 0 && expiriesAt[i] != expiryAt) continue;
            uint128[] memory strikes = _rising(clearinghouse.strikes(market, expiriesAt[i]));
            for (uint256 j = 0; j < 2 * strikes.length; ++j) {
                SeriesId id = toSeriesId(market, expiriesAt[i], strikes[j / 2], j % 2 == 1);
                series[count] = _twoSided(pool, id, amount);
                ++count;
            }
        }
        // The array only gets shorter: no expiry has more strikes.
        assembly ("memory-safe") {
            mstore(series, count)
        }
    }

    function _twoSided(
        IOptionPool pool,
        SeriesId id,
        uint128 amount
    ) private view returns (TwoSided memory sides) {
        IClearinghouse.Leg[] memory legs = new IClearinghouse.Leg[](1);
        legs[0] = IClearinghouse.Leg(id, int256(uint256(amount)));
        sides.series = id;
        sides.buy = pool.quote(legs);
        legs[0].amount = -legs[0].amount;
        sides.sell = pool.quote(legs);
    }

    /// @dev The strikes of an expiry without its free places, in rising order.
    function _rising(uint128[] memory strikeAtPlace) private pure returns (uint128[] memory strikes) {
        strikes = strikeAtPlace;
        uint256 count = 0;
        for (uint256 i = 0; i < strikes.length; ++i) {
            uint128 strike = strikes[i];
            if (strike == 0) continue;
            uint256 place = count;
            ++count;
            for (; place > 0 && strikes[place - 1] > strike; --place) strikes[place] = strikes[place - 1];
            strikes[place] = strike;
        }
        // The array only gets shorter.
        assembly ("memory-safe") {
            mstore(strikes, count)
        }
    }

    /// @inheritdoc ILens
    function range(
        uint32 market,
        uint32 expiryAt,
        uint256 strike
    ) external view returns (uint256, uint256, uint256, uint256) {
        SliceReading memory reading = VOL_SURFACE.read(market, expiryAt);
        uint256 clockStopsAt = expiryAt - CLOCK_STOPS_BEFORE_EXPIRY;
        ValueRange memory values = WorseOf.range(reading, strike, clockStopsAt, block.timestamp);
        return (values.callLow, values.callHigh, values.putLow, values.putHigh);
    }

    /// @inheritdoc ILens
    function quote(
        Slice slice,
        uint256 spot,
        uint256 strike,
        uint256 tau,
        uint256 tauAtReport
    ) external pure returns (Quote memory priced) {
        uint256 vegaSd;
        (priced.call, priced.put, priced.delta, vegaSd) = Svi.quoteFromSurface(
            slice,
            spot,
            strike,
            tau,
            tauAtReport
        );
        // sqrt(tau) in WAD; V moves by vegaSd per unit of sd = vol sqrt(tau).
        uint256 rootTau = ((tau * WAD * WAD) / YEAR).sqrtDown();
        uint256 ageingX96 = (tau << 96) / tauAtReport;
        uint256 discounted = Numerics.discount(strike, _basisX96(slice, ageingX96));
        (, int256 halfLogX192, ) = BlackScholes.moneyness(spot, discounted, 0);
        uint256 halfSdX96 = Svi.halfSd(slice, discounted < spot ? -halfLogX192 : halfLogX192, ageingX96);
        priced.vega = (vegaSd * rootTau) / WAD;
        priced.vol = ((halfSdX96 * 2 * WAD * WAD) / rootTau) >> 96;
    }

    /// @dev ln(F/S) now: the basis shrinks with time as the variance does. |basis| < 2^31 and ageing <= 2^96.
    function _basisX96(Slice slice, uint256 ageingX96) private pure returns (int256) {
        return (slice.basis() * int256(ageingX96)) >> 31;
    }
}
