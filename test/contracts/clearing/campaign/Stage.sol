// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IClearinghouse } from "../../../../contracts/interfaces/IClearinghouse.sol";
import { SeriesId } from "../../../../contracts/types/SeriesId.sol";
import { Receiver } from "../../campaign/Receiver.sol";
import { Shadow } from "./Shadow.sol";
import { Counts } from "../../campaign/Counts.sol";
import { World } from "./World.sol";

/// What all that act share: who there is, what there is to act on, what must be refused, and a count of everything that had an effect.
abstract contract Stage is Shadow, Counts {
    uint256 internal constant MINIMUM = 0.01e18;
    uint8 internal constant TRADE = 1;
    uint8 internal constant REALIZE = 4;
    uint8 internal constant REDEEM = 8;
    uint256 internal constant NONE = type(uint256).max;
    /// Has no account, and does what anybody may.
    address internal constant STRANGER = address(0x57A);
    /// Is paid for an account that the token refuses to pay.
    address internal constant OUTSIDE = address(0xE5C);

    World internal immutable WORLD;
    // Read once: a prank holds for the next call, so no view may come between.
    IClearinghouse internal immutable HOUSE;
    address internal immutable BASE;
    address internal immutable QUOTE;
    /// The last of the four accounts: a contract, which re-enters.
    Receiver internal immutable RECEIVER;

    uint256 internal currentAt;
    /// Roundings of payoffs: each leaves less than a unit inside.
    uint256 internal roundings;
    /// What was sent to the Clearinghouse for nothing, and nobody has asked for yet.
    mapping(bool isBase => uint256) internal given;

    constructor(World world, uint256 startAt) {
        WORLD = world;
        HOUSE = world.clearinghouse();
        (BASE, QUOTE) = (address(world.base()), address(world.quote()));
        RECEIVER = new Receiver();
        currentAt = startAt;
        for (uint256 i = 0; i < 4; ++i) {
            actors[i] = i == 3 ? address(RECEIVER) : address(uint160(0xA11CE + i));
            world.enrich(actors[i]);
        }
    }

    // ---------------------------------------------------------------------------------------------------------------- refusals

    function _mustRevert(address caller, bytes memory data) internal {
        _refuse(caller, address(HOUSE), data);
    }

    function _mustRevertWith(address caller, bytes memory data, bytes4 reason) internal {
        assert(bytes4(_refuse(caller, address(HOUSE), data)) == reason);
    }

    // ----------------------------------------------------------------------------------------------------------------- amounts

    function _asset(bool isBase) internal view returns (address) {
        return isBase ? BASE : QUOTE;
    }

    function _free(address actor, bool isBase) internal view returns (uint256 free) {
        free = balances[actor][isBase];
        for (uint256 line = 0; line < lines.length; ++line) free -= _lockedAt(actor, line, !isBase);
    }

    /// An amount that the actor's free collateral surely covers; 0 for none.
    function _writable(address actor, uint256 id, bool isPut, uint256 seed) internal view returns (uint256) {
        if (id == 0) return 0;
        uint256 free = _free(actor, !isPut);
        if (free == 0) return 0;
        uint256 most =
            isPut ? ((free - 1) * QUOTE_SCALE) / SeriesId.wrap(id).strike() : (free - 1) * BASE_SCALE;
        return most < MINIMUM ? 0 : MINIMUM + (seed % (most - MINIMUM + 1));
    }

    // ---------------------------------------------------------------------------------------------------------------- searches

    /// A line before its expiry, looked for from `seed` on; {NONE}.
    function _liveLine(uint256 seed) internal view returns (uint256) {
        for (uint256 i = 0; i < lines.length; ++i) {
            uint256 line = ((seed % lines.length) + i) % lines.length;
            if (lines[line].expiryAt > currentAt) return line;
        }
        return NONE;
    }

    function _tradable(
        uint256 seed
    ) internal view returns (bool found, uint256 line, uint256 id, bool isPut) {
        line = _liveLine(seed);
        isPut = (seed >> 64) % 2 == 1;
        if (line == NONE || lines[line].strikes.length == 0) return (false, 0, 0, isPut);
        found = true;
        id = _id(line, (seed >> 32) % lines[line].strikes.length, isPut);
    }

    enum Life {
        Live,
        Settled,
        Any
    }

    /// A token that somebody holds, looked for from `who` and `seed` on.
    function _heldToken(
        uint256 who,
        uint256 seed,
        Life life
    ) internal view returns (bool, address, uint256, uint256) {
        for (uint256 i = 0; i < 4 * lines.length; ++i) {
            address owner = actors[((who % 4) + i) % 4];
            uint256 line = ((seed % lines.length) + i / 4) % lines.length;
            uint256 id = _isOf(line, life) ? _someToken(owner, line, seed) : 0;
            if (id != 0) return (true, owner, line, id);
        }
        return (false, actors[who % 4], 0, 0);
    }

    function _isOf(uint256 line, Life life) internal view returns (bool) {
        if (life == Life.Live) return lines[line].expiryAt > currentAt;
        return life == Life.Any || lines[line].settled;
    }

    function _someToken(address owner, uint256 line, uint256 seed) internal view returns (uint256) {
        uint256 count = 2 * lines[line].strikes.length;
        for (uint256 i = 0; i < count; ++i) {
            uint256 k = ((seed % count) + i) % count;
            uint256 id = _id(line, k / 2, k % 2 == 1);
            if (tokens[owner][id] != 0) return id;
        }
        return 0;
    }

    /// Everything that accounts other than two own, here and in their hands, in one word (C5, C6).
    function _digestWithout(address first, address second) internal view returns (bytes32 digest) {
        for (uint256 i = 0; i < 4; ++i) {
            address actor = actors[i];
            if (actor == first || actor == second) continue;
            (uint256 base, uint256 baseLocked) = HOUSE.collateral(actor, BASE);
            (uint256 quote, uint256 quoteLocked) = HOUSE.collateral(actor, QUOTE);
            digest = keccak256(abi.encode(digest, base, baseLocked, quote, quoteLocked));
            digest = keccak256(
                abi.encode(digest, WORLD.balanceOf(actor, true), WORLD.balanceOf(actor, false))
            );
            for (uint256 line = 0; line < lines.length; ++line) {
                for (uint256 k = 0; k < 2 * lines[line].strikes.length; ++k) {
                    uint256 id = _id(line, k / 2, k % 2 == 1);
                    int256 position = HOUSE.position(actor, SeriesId.wrap(id));
                    digest = keccak256(abi.encode(digest, position, HOUSE.balanceOf(actor, id)));
                }
            }
        }
    }

    function _digest() internal view returns (bytes32) {
        return _digestWithout(address(0), address(0));
    }
}
