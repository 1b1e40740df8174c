// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SeriesId, toSeriesId } from "../../../contracts/types/SeriesId.sol";

contract SeriesIdTest {
    function testFuzz_PartsComeBackFromTheId(
        uint32 market,
        uint16 day,
        uint128 strike,
        bool isPut
    ) public pure {
        uint32 expiryAt = uint32(day % 49_710) * 1 days + 8 hours;
        if (strike == 0) strike = 1;
        SeriesId id = toSeriesId(market, expiryAt, strike, isPut).check();
        assert(id.market() == market);
        assert(id.expiryAt() == expiryAt);
        assert(id.strike() == strike);
        assert(id.isPut() == isPut);
    }

    /// One series has one id: a word is canonical only if its parts make it again.
    function testFuzz_CanonicalWordsAreTheIdsOfTheirParts(
        uint256 word,
        uint16 day,
        bool plausible
    ) public view {
        if (plausible)
            word =
                ((word >> 63) & ~(uint256(type(uint32).max) << 129)) |
                (uint256(uint32(day % 49_710) * 1 days + 8 hours) << 129);
        SeriesId id = SeriesId.wrap(word);
        if (id.isCanonical()) {
            assert(toSeriesId(id.market(), id.expiryAt(), id.strike(), id.isPut()) == id);
        } else {
            try this.checked(id) {
                assert(false);
            } catch {}
        }
    }

    /// The same word is asserted in test/sdk/series.test.ts.
    function test_BitsAreDrawnAsTheSdkDoes() public pure {
        SeriesId id = toSeriesId(7, 1_798_358_400, 4000e18, true);
        assert(SeriesId.unwrap(id) == GOLDEN);
        assert(id != SeriesId.wrap(GOLDEN - 1));
    }

    uint256 private constant GOLDEN = 0x000ed6618b0000000000000001b1ae4d6e2ef5000001;

    function checked(SeriesId id) external pure returns (SeriesId) {
        return id.check();
    }
}
