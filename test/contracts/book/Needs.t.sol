// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Revaluation } from "../../../contracts/book/Revaluation.sol";
import { StrikePosition } from "../../../contracts/types/StrikePosition.sol";
import { Legs } from "../../../contracts/pool/Legs.sol";
import { RandomMarket } from "../pool/RandomMarket.sol";

/// The need of options that a shock takes out of the domain of the pricing. It speaks as the Clearinghouse, of one strike.
contract NeedsTest {
    using RandomMarket for RandomMarket.Draw;

    uint256 private constant WAD = 1e18;
    StrikePosition private _own;

    function positions(address, uint32, uint32) external view returns (StrikePosition[] memory open) {
        open = new StrikePosition[](1);
        open[0] = _own;
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
