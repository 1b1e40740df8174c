// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Units } from "../../../contracts/clearing/Units.sol";
import { wadScale } from "../../../contracts/types/Decimals.sol";

/// Which way each conversion rounds, and that a payout never exceeds its cover.
contract UnitsTest {
    uint256 private constant WAD = 1e18;

    function _scale(uint256 drawn, bool isQuote) private pure returns (uint256) {
        return isQuote ? Units.quoteScale(drawn % 19) : wadScale(drawn % 19);
    }

    /// The least number of assets that is worth the amount.
    function testFuzz_AssetsUpAreTheLeastThatSuffice(
        uint248 amount,
        uint8 decimals,
        bool isQuote
    ) public pure {
        uint256 scale = _scale(decimals, isQuote);
        uint256 assets = Units.assetsUp(amount, scale);
        assert(assets * scale >= amount);
        assert(assets == 0 ? amount == 0 : (assets - 1) * scale < amount);
    }

    /// The largest number of assets that the amount is worth.
    function testFuzz_AssetsDownAreTheMostThatFit(uint248 amount, uint8 decimals, bool isQuote) public pure {
        uint256 scale = _scale(decimals, isQuote);
        uint256 assets = Units.assetsDown(amount, scale);
        assert(assets * scale <= amount && (assets + 1) * scale > amount);
    }

    /// Of either sign: no more than the amount, by less than one unit; and two at once are no worse than one by one.
    function testFuzz_AssetsAgainstAnAccountNeverFavourIt(
        int240 one,
        int240 two,
        uint8 decimals,
        bool isQuote
    ) public pure {
        uint256 scale = _scale(decimals, isQuote);
        int256 assets = Units.assetsAgainst(one, scale);
        assert(assets * int256(scale) <= one && (assets + 1) * int256(scale) > one);
        int256 parts = assets + Units.assetsAgainst(two, scale);
        assert(parts <= Units.assetsAgainst(int256(one) + two, scale));
    }

    /// Whole assets come back as they went, whichever way is rounded.
    function testFuzz_WholeAssetsComeBack(uint120 assets, uint8 decimals, bool isQuote) public pure {
        uint256 scale = _scale(decimals, isQuote);
        assert(Units.assetsUp(assets * scale, scale) == assets);
        assert(Units.assetsDown(assets * scale, scale) == assets);
        assert(Units.assetsAgainst(-int256(assets * scale), scale) == -int256(uint256(assets)));
    }

    /// What {Coverage} rounded to WAD and is rounded here again.
    function testFuzz_RoundedTwiceIsRoundedOnce(uint256 amount, uint96 strike, uint8 decimals) public pure {
        (uint256 first, uint256 second) = (uint256(strike) + 1, wadScale(decimals % 19));
        uint256 both = first * second;
        assert(Units.assetsUp(Units.assetsUp(amount, first), second) == Units.assetsUp(amount, both));
        assert(Units.assetsDown(Units.assetsDown(amount, first), second) == Units.assetsDown(amount, both));
    }

    function test_AScaleIsTheUnitsInOneOfTheToken() public pure {
        for (uint256 decimals = 0; decimals <= 18; ++decimals) {
            assert(Units.quoteScale(decimals) * 10 ** decimals == WAD * WAD);
            assert(wadScale(decimals) * 10 ** decimals == WAD);
            assert(Units.payoutScale(3_000e18, true, decimals) == Units.quoteScale(decimals));
            assert(Units.payoutScale(3_000e18, false, decimals) == 3_000e18 * wadScale(decimals));
        }
    }

    /// A call's less a put's is A - K, and one of both is nothing.
    function testFuzz_IntrinsicValuesDifferByPriceLessStrike(uint128 strike, uint128 price) public pure {
        uint256 call = Units.intrinsic(strike, price, false);
        uint256 put = Units.intrinsic(strike, price, true);
        assert(int256(call) - int256(put) == int256(uint256(price)) - int256(uint256(strike)));
        assert(call == 0 || put == 0);
    }

    /// Even rounded up a call pays no more than one of base, a put no more than its strike.
    function testFuzz_C3_NoPayoutExceedsItsCover(
        uint88 amount,
        uint96 strike,
        uint96 price_,
        uint8 decimals
    ) public pure {
        uint256 price = uint256(price_) + 1;
        uint256 places = decimals % 19;
        uint256 calls = amount * Units.intrinsic(strike, price, false);
        uint256 base = Units.assetsUp(calls, Units.payoutScale(price, false, places));
        assert(base <= Units.assetsUp(amount, wadScale(places)));
        uint256 puts = amount * Units.intrinsic(strike, price, true);
        uint256 quote = Units.assetsUp(puts, Units.payoutScale(price, true, places));
        assert(quote <= Units.assetsUp(uint256(amount) * strike, Units.quoteScale(places)));
    }

    /// (A - K)/A of base for a call, K - A of quote for a put, each within one unit of its token.
    function testFuzz_APayoutIsWorthTheIntrinsicValue(
        uint88 amount,
        uint96 strike,
        uint96 price_,
        uint8 decimals
    ) public pure {
        uint256 price = uint256(price_) + 1;
        uint256 places = decimals % 19;
        uint256 call = price > strike ? price - strike : 0;
        uint256 assets = Units.assetsDown(
            amount * Units.intrinsic(strike, price, false),
            Units.payoutScale(price, false, places)
        );
        uint256 perAsset = 10 ** (18 - places) * price;
        assert(assets * perAsset <= amount * call && (assets + 1) * perAsset > amount * call);
        uint256 put = strike > price ? strike - price : 0;
        assets = Units.assetsDown(
            amount * Units.intrinsic(strike, price, true),
            Units.payoutScale(price, true, places)
        );
        perAsset = 10 ** (36 - places);
        assert(assets * perAsset <= amount * put && (assets + 1) * perAsset > amount * put);
    }
}
