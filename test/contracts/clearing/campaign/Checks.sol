// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { OptionERC20 } from "../../../../contracts/clearing/OptionERC20.sol";
import { SeriesId } from "../../../../contracts/types/SeriesId.sol";
import { Calendar } from "./Calendar.sol";
import { VM } from "../../campaign/Vm.sol";

/// What must hold after every call, and what is left when everybody has gone.
abstract contract Checks is Calendar {
    function checkC1() external view {
        for (uint256 side = 0; side < 2; ++side) {
            bool isBase = side == 0;
            assert(HOUSE.held(_asset(isBase)) == held[isBase]);
            assert(WORLD.balanceOf(address(HOUSE), isBase) >= held[isBase]);
            uint256 owned;
            for (uint256 i = 0; i < 4; ++i) owned += balances[actors[i]][isBase];
            // What settled expiries have not moved yet between accounts and redemptions nets to zero but for dust.
            assert(int256(held[isBase]) >= int256(owned) + _pending(isBase));
        }
    }

    /// C2, and C8 for what is wrapped.
    function checkC2() external view {
        for (uint256 line = 0; line < lines.length; ++line) {
            for (uint256 k = 0; k < 2 * lines[line].strikes.length; ++k) {
                uint256 id = _id(line, k / 2, k % 2 == 1);
                assert(HOUSE.totalSupply(id) == supply[id]);
                int256 sum;
                uint256 inHands;
                for (uint256 i = 0; i < 4; ++i) {
                    int256 position = HOUSE.position(actors[i], SeriesId.wrap(id));
                    assert(position == positions[actors[i]][id]);
                    sum += position;
                    uint256 balance = HOUSE.balanceOf(actors[i], id);
                    assert(balance == tokens[actors[i]][id]);
                    inHands += balance;
                }
                address wrapper = WORLD.addressOfWrapper(id);
                assert(HOUSE.balanceOf(wrapper, id) == tokens[wrapper][id]);
                assert(wrapper.code.length == 0 || tokens[wrapper][id] >= OptionERC20(wrapper).totalSupply());
                assert(inHands + tokens[wrapper][id] == supply[id]);
                if (!lines[line].settled) assert(sum + int256(supply[id]) == 0);
            }
        }
    }

    /// C3 and C4: what is locked is coverage by definition, and is there.
    function checkC4() external view {
        for (uint256 i = 0; i < 4; ++i) {
            uint256[2] memory locked;
            for (uint256 line = 0; line < lines.length; ++line) {
                (uint256 base, uint256 quote, ) = HOUSE.coverage(actors[i], MARKET, lines[line].expiryAt);
                assert(base == _lockedAt(actors[i], line, false));
                assert(quote == _lockedAt(actors[i], line, true));
                locked[0] += base;
                locked[1] += quote;
            }
            for (uint256 side = 0; side < 2; ++side) {
                (uint256 balance, uint256 total) = HOUSE.collateral(actors[i], _asset(side == 0));
                assert(balance == balances[actors[i]][side == 0]);
                assert(total == locked[side]);
                assert(balance >= total);
            }
        }
    }

    /// C6: the Clearinghouse has what its books say and what was given, no unit more, and all else is in the hands of those who act.
    function checkC6() external view {
        for (uint256 side = 0; side < 2; ++side) {
            bool isBase = side == 0;
            uint256 inside = WORLD.balanceOf(address(HOUSE), isBase);
            assert(inside == held[isBase] + given[isBase]);
            uint256 sum = inside + WORLD.balanceOf(OUTSIDE, isBase);
            for (uint256 i = 0; i < 4; ++i) sum += WORLD.balanceOf(actors[i], isBase);
            assert(sum == WORLD.totalSupply(isBase));
        }
    }

    /// T1, K3: terms and settled prices never move, and every strike keeps its place for as long as it is listed.
    function checkK3() external view {
        assert(keccak256(abi.encode(HOUSE.marketOf(MARKET))) == keccak256(abi.encode(WORLD.terms())));
        uint256 alive;
        for (uint256 line = 0; line < lines.length; ++line) {
            uint32 expiryAt = lines[line].expiryAt;
            assert(HOUSE.settlementPrice(MARKET, expiryAt) == lines[line].price);
            if (lines[line].settled) continue;
            ++alive;
            uint128[] memory strikes = HOUSE.strikes(MARKET, expiryAt);
            for (uint256 place = 0; place < ALL_PLACES; ++place) {
                assert(strikes[place] == lines[line].places[place]);
            }
        }
        uint32[] memory live = HOUSE.expiries(MARKET);
        assert(live.length == alive);
        for (uint256 i = 1; i < live.length; ++i) assert(live[i - 1] < live[i]);
    }

    /// T2, T5: everything expires; everybody unwraps, redeems, realizes and withdraws; nothing is locked and only dust is left.
    function windDown(uint256 price) external {
        _pass(40 days, price);
        for (uint256 line = 0; line < lines.length; ++line) {
            for (uint256 i = 0; i < 4; ++i) {
                _realize(actors[i], line, false);
                for (uint256 k = 0; k < 2 * lines[line].strikes.length; ++k) {
                    _redeemAll(actors[i], line, _id(line, k / 2, k % 2 == 1));
                }
            }
        }
        for (uint256 side = 0; side < 2; ++side) {
            bool isBase = side == 0;
            for (uint256 i = 0; i < 4; ++i) {
                (uint256 balance, uint256 locked) = HOUSE.collateral(actors[i], _asset(isBase));
                assert(locked == 0 && balance == balances[actors[i]][isBase]);
                VM.prank(actors[i]);
                HOUSE.withdraw(_asset(isBase), balance, actors[i], actors[i]);
                held[isBase] -= balance;
            }
            uint256 dust = HOUSE.held(_asset(isBase));
            assert(dust == held[isBase]);
            assert(dust <= roundings);
        }
    }

    /// What settled, unrealized positions still bring accounts (negative: cost), and tokens still bring holders.
    function _pending(bool isBase) private view returns (int256 pending) {
        for (uint256 line = 0; line < lines.length; ++line) {
            if (!lines[line].settled) continue;
            for (uint256 i = 0; i < 4; ++i) {
                (int256 base, int256 quote) = _netOf(actors[i], line);
                pending += isBase ? base : quote;
            }
            for (uint256 k = 0; k < lines[line].strikes.length; ++k) {
                uint256 id = _id(line, k, !isBase);
                (, uint256 assets) = _payoff(line, id, supply[id]);
                pending += int256(assets);
            }
        }
    }
}
