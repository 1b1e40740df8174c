// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Revaluation } from "../../../contracts/book/Revaluation.sol";
import { IClearinghouse } from "../../../contracts/interfaces/IClearinghouse.sol";
import { signedField } from "../../../contracts/types/BookFields.sol";
import { ExpiryRisk } from "../../../contracts/types/ExpiryRisk.sol";
import { Slice } from "../../../contracts/types/Slice.sol";
import { StrikePosition } from "../../../contracts/types/StrikePosition.sol";
import { Legs } from "../../../contracts/pool/Legs.sol";
import { RandomMarket } from "../pool/RandomMarket.sol";

/// What the pricing cannot tell: the need of options that a shock takes out of its domain, and the delta inside the settlement window. It speaks
/// as the Clearinghouse, of one strike, and as the settlement oracle.
contract NeedsTest {
    using RandomMarket for RandomMarket.Draw;

    uint256 private constant WAD = 1e18;
    uint256 private constant EXPIRY = 1_800_000_000;
    StrikePosition private _own;
    uint256 private _known;
    uint256 private _until;

    function positions(address, uint32, uint32) external view returns (StrikePosition[] memory open) {
        open = new StrikePosition[](1);
        open[0] = _own;
    }

    function marketOf(uint32) external view returns (IClearinghouse.Market memory market) {
        market.settlementOracle = address(this);
    }

    function average(uint32, uint32) external view returns (uint256, uint256) {
        return (_known, _until);
    }

    /// From the window's start on a held call's delta is within 0 and 1, a held put's within -1 and 0, whatever spot, strike, slice and the oracle
    /// say; and nothing reverts.
    function testFuzz_H8_DeltasInsideTheWindowArePartsOfOne(
        uint256 slice,
        uint128 spot,
        uint64 strike,
        uint256 known,
        uint256 until,
        uint16 time,
        bool isPut
    ) public {
        (_known, _until) = (known, until);
        // Half of all answers are sound.
        if (until % 2 == 0) (_known, _until) = (uint128(known), EXPIRY - 1800 + (until % 1802));
        _own = StrikePosition.wrap((uint256(strike) << 192) | (isPut ? 1e18 << 96 : 1e18));
        // VolSurface takes no slice from the window on.
        Slice word =
            slice % 16 == 0
                ? Slice.wrap(0)
                : Slice.wrap((slice & ~(uint256(0xffffffff) << 32)) | ((EXPIRY - 1801) << 32));
        uint256 nowAt = EXPIRY - 1800 + (time % 2000);
        Revaluation.Valued memory valued = Revaluation.riskOf(
            Revaluation.Holder(address(this), address(this), 1),
            Revaluation.Terms(word, spot, EXPIRY, nowAt, 0)
        );
        int256 delta = signedField(ExpiryRisk.unwrap(valued.risk), 3);
        assert(isPut ? delta <= 0 && delta >= -1e9 : delta >= 0 && delta <= 1e9);
    }

    /// A held option counts by the most that it can be where a written one does: 1 of base for a call, K S/F of quote for a put.
    function test_V12_HeldOptionsBeyondTheDomainCountByTheMost() public {
        Legs.State memory state = RandomMarket.Draw(1).state(RandomMarket.Choice(false, 1));
        Legs.Expiry memory expiry = state.expiries[0];
        uint256 spot = 3000e18;
        // At 0.7 S the put's strike is 21 times spot, at 1.3 S the call's a 20th: the domain ends at 16 times.
        _own = _word(15 * spot, 0, 1e18);
        assert(_needs(state, expiry, spot).quote[0] > (15 * spot * 9) / 10);
        _own = _word(spot / 15, 1e18, 0);
        assert(_needs(state, expiry, spot).base[2] >= WAD);
    }

    function _needs(
        Legs.State memory state,
        Legs.Expiry memory expiry,
        uint256 spot
    ) private view returns (Revaluation.Needs memory) {
        return
            Revaluation
                .riskOf(
                    Revaluation.Holder(address(this), address(this), 1),
                    Revaluation.Terms(
                        expiry.reading.current,
                        spot,
                        expiry.expiryAt,
                        state.nowAt,
                        state.book.terms.stickiness()
                    )
                )
                .needs;
    }

    function _word(uint256 strike, int96 calls, int96 puts) private pure returns (StrikePosition) {
        uint256 amounts = uint96(calls) | (uint256(uint96(puts)) << 96);
        return StrikePosition.wrap(((strike / 1e9) << 192) | amounts);
    }
}
