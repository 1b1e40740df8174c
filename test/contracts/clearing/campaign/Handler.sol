// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { OptionERC20 } from "../../../../contracts/clearing/OptionERC20.sol";
import { IClearinghouse } from "../../../../contracts/interfaces/IClearinghouse.sol";
import { SeriesId } from "../../../../contracts/types/SeriesId.sol";
import { Shadow } from "./Shadow.sol";
import { VM } from "./Vm.sol";
import { World } from "./World.sol";

/// Four accounts that do what accounts do, and enemies that try what they must not. Every action is bounded to what must succeed, so
/// a revert is a finding, not noise; every attack must revert. Each call is checked against the shadow books and against what it
/// may not touch (C5, C6, C7).
contract Handler is Shadow {
    uint256 internal constant MINIMUM = 0.01e18;
    uint8 internal constant TRADE = 1;

    World internal immutable WORLD;
    // Read once: a prank holds for the next call, so no view may come between.
    IClearinghouse internal immutable HOUSE;
    address internal immutable BASE;
    address internal immutable QUOTE;
    address[4] internal actors;
    uint256 internal currentAt;
    bool internal inside;
    uint256 internal listed;

    /// Calls of the campaign, and those that changed something; attacks are counted apart.
    uint256 public calls;
    uint256 public effective;
    uint256 public attacks;
    uint256 public roundings;
    uint256 public baseTotal;
    uint256 public quoteTotal;

    constructor(World world, uint256 startAt) {
        WORLD = world;
        HOUSE = world.clearinghouse();
        (BASE, QUOTE) = (address(world.base()), address(world.quote()));
        currentAt = startAt;
        for (uint256 i = 0; i < 4; ++i) {
            actors[i] = address(uint160(0xA11CE + i));
            world.enrich(actors[i]);
        }
        (baseTotal, quoteTotal) = (world.base().totalSupply(), world.quote().totalSupply());
        _open(1);
    }

    // ------------------------------------------------------------------------------------------------------------- accounts

    function deposit(uint256 who, bool isBase, uint256 assets) public counted {
        address actor = actors[who % 4];
        assets = 1 + (assets % 1e12);
        bytes32 others = _digestWithout(actor, address(0));
        VM.prank(actor);
        uint256 credited = HOUSE.deposit(_asset(isBase), assets, actor);
        assert(credited == assets);
        balances[actor][isBase] += assets;
        held[isBase] += assets;
        assert(_digestWithout(actor, address(0)) == others);
        ++effective;
    }

    function withdraw(uint256 who, bool isBase, uint256 assets) public counted {
        address actor = actors[who % 4];
        uint256 free = _free(actor, isBase);
        assets = assets % (free + 1);
        bytes32 others = _digestWithout(actor, address(0));
        VM.prank(actor);
        HOUSE.withdraw(_asset(isBase), assets, actor, actor);
        balances[actor][isBase] -= assets;
        held[isBase] -= assets;
        assert(_digestWithout(actor, address(0)) == others);
        // C3: what is not free stays, to the unit.
        VM.prank(actor);
        _mustRevert(
            abi.encodeCall(IClearinghouse.withdraw, (_asset(isBase), free - assets + 1, actor, actor))
        );
        if (assets != 0) ++effective;
    }

    function write(uint256 who, uint256 series, uint256 amount, uint256 to, bool byDelegate) public counted {
        (address actor, address receiver) = (actors[who % 4], actors[to % 4]);
        (bool found, uint256 line, uint256 id, bool isPut) = _tradable(series);
        amount = _writable(actor, id, isPut, amount);
        if (!found || amount == 0) return deposit(who, !isPut, amount + 1e9);
        bytes32 others = _digestWithout(actor, receiver);
        address caller = actor;
        if (byDelegate) {
            caller = address(0xDE1E);
            VM.prank(actor);
            HOUSE.authorize(caller, TRADE);
        }
        VM.prank(caller);
        HOUSE.mint(SeriesId.wrap(id), amount, actor, receiver);
        _moved(actor, line, id, int256(amount));
        tokens[receiver][id] += amount;
        assert(_digestWithout(actor, receiver) == others);
        if (byDelegate) {
            VM.prank(actor);
            HOUSE.authorize(caller, 0);
        }
        ++effective;
    }

    function takeBack(uint256 who, uint256 series, uint256 amount) public counted {
        (bool found, address owner, uint256 line, uint256 id) = _heldToken(who, series, false);
        if (!found) return write(who, series, amount, who, false);
        amount = 1 + (amount % tokens[owner][id]);
        bytes32 others = _digestWithout(owner, address(0));
        VM.prank(owner);
        HOUSE.burn(SeriesId.wrap(id), amount, owner, owner);
        tokens[owner][id] -= amount;
        _moved(owner, line, id, -int256(amount));
        assert(_digestWithout(owner, address(0)) == others);
        ++effective;
    }

    /// C7: an exchange of a burn, a mint and premium leaves the state of the single calls.
    function exchange(uint256 who, uint256 series, uint256 amount, uint256 premium) public counted {
        (bool found, address actor, uint256 line, uint256 id) = _heldToken(who, series, false);
        (, uint256 mintLine, uint256 mintId, bool isPut) = _tradable(series >> 8);
        uint256 minted = _writable(actor, mintId, isPut, amount);
        if (!found || minted == 0 || mintId == id) return takeBack(who, series, amount);
        uint256 burned = 1 + (amount % tokens[actor][id]);
        premium = premium % 1e9;

        uint256 before = VM.snapshotState();
        VM.prank(actor);
        HOUSE.burn(SeriesId.wrap(id), burned, actor, actor);
        VM.prank(actor);
        HOUSE.mint(SeriesId.wrap(mintId), minted, actor, actor);
        VM.prank(actor);
        HOUSE.deposit(QUOTE, premium, actor);
        bytes32 singles = _digestWithout(address(0), address(0));
        VM.revertToState(before);

        IClearinghouse.Leg[] memory legs = new IClearinghouse.Leg[](2);
        legs[0] = IClearinghouse.Leg(SeriesId.wrap(mintId), int256(minted));
        legs[1] = IClearinghouse.Leg(SeriesId.wrap(id), -int256(burned));
        WORLD.send(actor, premium);
        VM.prank(actor);
        HOUSE.exchange(IClearinghouse.Exchange(actor, actor, actor, int256(premium), 0), legs);
        assert(_digestWithout(address(0), address(0)) == singles);

        tokens[actor][id] -= burned;
        _moved(actor, line, id, -int256(burned));
        _moved(actor, mintLine, mintId, int256(minted));
        tokens[actor][mintId] += minted;
        balances[actor][false] += premium;
        held[false] += premium;
        ++effective;
    }

    function choosePlainSums(uint256 who, bool chosen) public counted {
        address actor = actors[who % 4];
        VM.prank(actor);
        HOUSE.choosePlainSums(chosen);
        plain[actor] = chosen;
        ++effective;
    }

    // --------------------------------------------------------------------------------------------------------------- tokens

    function move(uint256 who, uint256 series, uint256 amount, uint256 to) public counted {
        (bool found, address owner, , uint256 id) = _heldToken(who, series, true);
        if (!found) return write(who, series, amount, to, false);
        amount = amount % (tokens[owner][id] + 1);
        VM.prank(owner);
        HOUSE.transfer(actors[to % 4], id, amount);
        tokens[owner][id] -= amount;
        tokens[actors[to % 4]][id] += amount;
        if (amount != 0) ++effective;
    }

    /// C8: through the wrapper and back, and a part stays inside.
    function wrap(uint256 who, uint256 series, uint256 amount) public counted {
        (bool found, address owner, , uint256 id) = _heldToken(who, series, true);
        if (!found) return write(who, series, amount, who, true);
        amount = amount % (tokens[owner][id] + 1);
        OptionERC20 wrapper = WORLD.wrapperOf(id);
        VM.prank(owner);
        HOUSE.approve(address(wrapper), id, amount);
        VM.prank(owner);
        wrapper.wrap(amount, owner);
        uint256 back = wrapper.balanceOf(owner) / 2;
        VM.prank(owner);
        wrapper.unwrap(back, owner);
        tokens[owner][id] = tokens[owner][id] - amount + back;
        tokens[address(wrapper)][id] = tokens[address(wrapper)][id] + amount - back;
        if (amount != 0) ++effective;
    }

    // ------------------------------------------------------------------------------------------------- listing and settlement

    function list(uint256 seed) public counted {
        uint256 before = listed;
        _open(seed);
        if (listed != before) ++effective;
    }

    /// Time goes on by up to a day and a half; what expires settles, at a price from nearly nothing to far out.
    function pass(uint256 time, uint256 price) public counted {
        currentAt += 1 hours + (time % 36 hours);
        VM.warp(currentAt);
        for (uint256 i = 0; i < lines.length; ++i) {
            if (!lines[i].settled && lines[i].expiryAt <= currentAt) _settle(i, price);
        }
        if (_liveLine(0) == type(uint256).max) _open(price);
        ++effective;
    }

    function redeem(uint256 who, uint256 series, uint256 amount, bool pushed) public counted {
        (bool found, address owner, uint256 line, uint256 id) = _settledToken(who, series);
        if (!found) return takeBack(who, series, amount);
        amount = 1 + (amount % tokens[owner][id]);
        (bool isPut, uint256 assets) = _payoff(line, id, amount);
        uint256 before = WORLD.balanceOf(owner, !isPut);
        address caller = owner;
        if (pushed) {
            caller = address(0x9055);
            VM.prank(owner);
            HOUSE.authorize(address(0), 8);
            VM.prank(caller);
            _mustRevert(abi.encodeCall(IClearinghouse.redeem, (SeriesId.wrap(id), amount, caller, owner)));
        }
        VM.prank(caller);
        assert(HOUSE.redeem(SeriesId.wrap(id), amount, owner, owner) == assets);
        if (pushed) {
            VM.prank(owner);
            HOUSE.authorize(address(0), 0);
        }
        assert(WORLD.balanceOf(owner, !isPut) - before == assets);
        tokens[owner][id] -= amount;
        supply[id] -= amount;
        held[!isPut] -= assets;
        ++roundings;
        ++effective;
    }

    function realize(uint256 who, uint256 seed) public counted {
        for (uint256 i = 0; i < lines.length; ++i) {
            uint256 line = ((seed % lines.length) + i) % lines.length;
            if (lines[line].settled && _realize(actors[who % 4], line)) {
                // T3: once.
                VM.prank(actors[who % 4]);
                (int256 base, int256 quote) = HOUSE.realize(actors[who % 4], MARKET, lines[line].expiryAt);
                assert(base == 0 && quote == 0);
                ++effective;
                return;
            }
        }
        pass(seed % 6 hours, seed);
    }

    // --------------------------------------------------------------------------------------------------------------- enemies

    /// Gifts change nobody's books.
    function donate(bool isBase, uint256 assets) public counted {
        assets = assets % 1e9;
        bytes32 all = _digestWithout(address(0), address(0));
        WORLD.donate(isBase, assets);
        if (isBase) baseTotal += assets;
        else quoteTotal += assets;
        assert(_digestWithout(address(0), address(0)) == all);
        ++effective;
    }

    /// A stranger tries everything on somebody's account and tokens.
    function attack(uint256 who, uint256 series, uint256 amount) public counted {
        address victim = actors[who % 4];
        address thief = address(0xBAD);
        (bool found, , uint256 id, bool isPut) = _tradable(series);
        if (!found) return pass(amount, series);
        SeriesId sid = SeriesId.wrap(id);
        amount = 1 + (amount % 1e18);
        bytes[8] memory tries = [
            abi.encodeCall(IClearinghouse.withdraw, (_asset(!isPut), 1, victim, thief)),
            abi.encodeCall(IClearinghouse.mint, (sid, MINIMUM, victim, thief)),
            abi.encodeCall(IClearinghouse.burn, (sid, amount, victim, thief)),
            abi.encodeCall(IClearinghouse.burn, (sid, 0, thief, victim)),
            abi.encodeCall(IClearinghouse.redeem, (sid, amount, victim, victim)),
            abi.encodeCall(IClearinghouse.realize, (victim, MARKET, sid.expiryAt())),
            abi.encodeCall(IClearinghouse.deposit, (_asset(!isPut), 0, victim)),
            abi.encodeWithSignature(
                "transferFrom(address,address,uint256,uint256)",
                victim,
                thief,
                id,
                amount
            )
        ];
        bytes32 all = _digestWithout(address(0), address(0));
        for (uint256 i = 0; i < tries.length; ++i) {
            VM.prank(thief);
            _mustRevert(tries[i]);
        }
        // A griefing settler, before the time; a squatting lister, on a strike that is there.
        _mustRevert(abi.encodeCall(IClearinghouse.settle, (MARKET, sid.expiryAt())));
        _mustRevert(abi.encodeCall(IClearinghouse.list, (MARKET, sid.expiryAt(), sid.strike(), 0)));
        assert(_digestWithout(address(0), address(0)) == all);
        ++effective;
    }

    /// K5: the base token calls back in the middle of a deposit; whatever it tries, it is not let in.
    function reenter(uint256 who, uint256 series, uint256 choice) public counted {
        address actor = actors[who % 4];
        (bool found, , uint256 id, ) = _tradable(series);
        if (!found) return pass(choice, series);
        SeriesId sid = SeriesId.wrap(id);
        bytes[6] memory tries = [
            abi.encodeCall(IClearinghouse.withdraw, (_asset(true), 1, actor, actor)),
            abi.encodeCall(IClearinghouse.mint, (sid, MINIMUM, actor, actor)),
            abi.encodeCall(IClearinghouse.deposit, (_asset(true), 1, actor)),
            abi.encodeCall(IClearinghouse.settle, (MARKET, sid.expiryAt())),
            abi.encodeCall(IClearinghouse.collateral, (actor, _asset(true))),
            abi.encodeWithSignature("transfer(address,uint256,uint256)", actor, id, 0)
        ];
        WORLD.armBase(tries[choice % 6]);
        deposit(who, true, choice);
        assert(!WORLD.base().entered());
        WORLD.disarmBase();
        ++attacks;
    }

    /// K1, K2: paused, no writing; and out as ever.
    function paused(uint256 who, uint256 series, uint256 amount) public counted {
        (bool found, , uint256 id, bool isPut) = _tradable(series);
        uint256 state = VM.snapshotState();
        WORLD.pause();
        if (found) {
            VM.prank(actors[who % 4]);
            _mustRevert(
                abi.encodeCall(
                    IClearinghouse.mint,
                    (SeriesId.wrap(id), MINIMUM, actors[who % 4], actors[who % 4])
                )
            );
        }
        address actor = actors[who % 4];
        uint256 assets = amount % (_free(actor, !isPut) + 1);
        VM.prank(actor);
        HOUSE.withdraw(_asset(!isPut), assets, actor, actor);
        VM.revertToState(state);
        ++effective;
    }

    // ---------------------------------------------------------------------------------------------------------------- checks

    function checkC1() external view {
        for (uint256 side = 0; side < 2; ++side) {
            bool isBase = side == 0;
            assert(HOUSE.held(_asset(isBase)) == held[isBase]);
            assert(WORLD.balanceOf(address(HOUSE), isBase) >= held[isBase]);
            uint256 owned;
            for (uint256 i = 0; i < 4; ++i) owned += balances[actors[i]][isBase];
            // What settled expiries have not moved yet between accounts and redemptions nets to zero but for dust.
            int256 pending = _pending(isBase);
            assert(int256(held[isBase]) >= int256(owned) + pending);
        }
    }

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

    function checkC6() external view {
        assert(WORLD.base().totalSupply() == baseTotal);
        assert(WORLD.quote().totalSupply() == quoteTotal);
    }

    /// T2, T5: everything expires; everybody unwraps, redeems, realizes and withdraws; nothing is locked and only dust is left.
    function windDown(uint256 price) external {
        currentAt += 40 days;
        VM.warp(currentAt);
        for (uint256 line = 0; line < lines.length; ++line) {
            if (!lines[line].settled) _settle(line, price);
            for (uint256 i = 0; i < 4; ++i) {
                _realize(actors[i], line);
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

    // -------------------------------------------------------------------------------------------------------------- plumbing

    /// An action that finds nothing to do does another one: that is still one call.
    modifier counted() {
        bool outermost = !inside;
        if (outermost) (inside, calls) = (true, calls + 1);
        _;
        if (outermost) inside = false;
    }

    function _asset(bool isBase) private view returns (address) {
        return isBase ? BASE : QUOTE;
    }

    function _free(address actor, bool isBase) private view returns (uint256 free) {
        free = balances[actor][isBase];
        for (uint256 line = 0; line < lines.length; ++line) free -= _lockedAt(actor, line, !isBase);
    }

    /// An amount that the actor's free collateral surely covers; 0 for none.
    function _writable(address actor, uint256 id, bool isPut, uint256 seed) private view returns (uint256) {
        if (id == 0) return 0;
        uint256 free = _free(actor, !isPut);
        if (free == 0) return 0;
        uint256 most =
            isPut ? ((free - 1) * QUOTE_SCALE) / SeriesId.wrap(id).strike() : (free - 1) * BASE_SCALE;
        return most < MINIMUM ? 0 : MINIMUM + (seed % (most - MINIMUM + 1));
    }

    /// Written (> 0) or taken back.
    function _moved(address actor, uint256 line, uint256 id, int256 amount) private {
        if (_isEmpty(actor, line)) plainAt[actor][line] = plain[actor];
        positions[actor][id] -= amount;
        supply[id] = uint256(int256(supply[id]) + amount);
    }

    function _isEmpty(address actor, uint256 line) private view returns (bool) {
        for (uint256 k = 0; k < 2 * lines[line].strikes.length; ++k) {
            if (positions[actor][_id(line, k / 2, k % 2 == 1)] != 0) return false;
        }
        return true;
    }

    function _liveLine(uint256 seed) private view returns (uint256) {
        for (uint256 i = 0; i < lines.length; ++i) {
            uint256 line = ((seed % lines.length) + i) % lines.length;
            if (lines[line].expiryAt > currentAt) return line;
        }
        return type(uint256).max;
    }

    function _tradable(uint256 seed) private view returns (bool found, uint256 line, uint256 id, bool isPut) {
        line = _liveLine(seed);
        isPut = (seed >> 64) % 2 == 1;
        if (line == type(uint256).max) return (false, 0, 0, isPut);
        found = true;
        id = _id(line, (seed >> 32) % lines[line].strikes.length, isPut);
    }

    /// A token that somebody holds, looked for from `who` on, in live lines (or in all).
    function _heldToken(
        uint256 who,
        uint256 seed,
        bool any
    ) private view returns (bool, address, uint256, uint256) {
        for (uint256 i = 0; i < 4 * lines.length; ++i) {
            address owner = actors[((who % 4) + i) % 4];
            uint256 line = ((seed % lines.length) + i / 4) % lines.length;
            if (!any && lines[line].expiryAt <= currentAt) continue;
            uint256 id = _someToken(owner, line, seed);
            if (id != 0) return (true, owner, line, id);
        }
        return (false, actors[who % 4], 0, 0);
    }

    function _settledToken(uint256 who, uint256 seed) private view returns (bool, address, uint256, uint256) {
        for (uint256 i = 0; i < 4 * lines.length; ++i) {
            address owner = actors[((who % 4) + i) % 4];
            uint256 line = ((seed % lines.length) + i / 4) % lines.length;
            uint256 id = lines[line].settled ? _someToken(owner, line, seed) : 0;
            if (id != 0) return (true, owner, line, id);
        }
        return (false, address(0), 0, 0);
    }

    function _someToken(address owner, uint256 line, uint256 seed) private view returns (uint256) {
        uint256 count = 2 * lines[line].strikes.length;
        for (uint256 i = 0; i < count; ++i) {
            uint256 k = ((seed % count) + i) % count;
            uint256 id = _id(line, k / 2, k % 2 == 1);
            if (tokens[owner][id] != 0) return id;
        }
        return 0;
    }

    /// Opens the next daily or weekly expiry with three strikes, or one strike more in one that is there.
    function _open(uint256 seed) private {
        uint256 live = lines.length == 0 ? type(uint256).max : _liveLine(seed);
        bool fresh = live == type(uint256).max || (seed % 4 == 0 && lines.length < 6);
        if (!fresh) {
            if (lines[live].strikes.length < 6) _list(live, seed);
            return;
        }
        uint32 expiryAt = uint32((currentAt / 1 days + 1 + (seed % 3)) * 1 days + 8 hours);
        for (uint256 i = 0; i < lines.length; ++i) if (lines[i].expiryAt == expiryAt) return;
        lines.push();
        lines[lines.length - 1].expiryAt = expiryAt;
        for (uint256 i = 0; i < 3; ++i) _list(lines.length - 1, (seed >> 8) + 7 * i);
    }

    function _list(uint256 line, uint256 seed) private {
        // The grid between 2500 and 3500 has steps of 50.
        uint128 strike = uint128(2500e18 + (seed % 21) * 50e18);
        for (uint256 i = 0; i < lines[line].strikes.length; ++i) {
            if (lines[line].strikes[i] == strike) return;
        }
        HOUSE.list(MARKET, lines[line].expiryAt, strike, 0);
        lines[line].strikes.push(strike);
        ++listed;
    }

    function _settle(uint256 line, uint256 seed) private {
        uint256[5] memory prices = [1, uint256(2500e18), 3000e18, 1e18 + (seed % 6000e18), 1e30];
        uint256 price = prices[seed % 5];
        WORLD.fix(MARKET, lines[line].expiryAt, uint128(price));
        assert(HOUSE.settle(MARKET, lines[line].expiryAt) == price);
        // T1: once.
        _mustRevert(abi.encodeCall(IClearinghouse.settle, (MARKET, lines[line].expiryAt)));
        (lines[line].settled, lines[line].price) = (true, price);
    }

    function _payoff(uint256 line, uint256 id, uint256 amount) private view returns (bool isPut, uint256) {
        (uint256 price, uint256 strike) = (lines[line].price, SeriesId.wrap(id).strike());
        isPut = SeriesId.wrap(id).isPut();
        if (isPut) return (true, strike > price ? (amount * (strike - price)) / QUOTE_SCALE : 0);
        return (false, price > strike ? (amount * (price - strike)) / (price * BASE_SCALE) : 0);
    }

    function _redeemAll(address owner, uint256 line, uint256 id) private {
        OptionERC20 wrapper = OptionERC20(WORLD.addressOfWrapper(id));
        if (address(wrapper).code.length != 0 && wrapper.balanceOf(owner) != 0) {
            uint256 wrapped = wrapper.balanceOf(owner);
            VM.prank(owner);
            wrapper.unwrap(wrapped, owner);
            tokens[owner][id] += wrapped;
            tokens[address(wrapper)][id] -= wrapped;
        }
        uint256 amount = tokens[owner][id];
        if (amount == 0) return;
        (bool isPut, uint256 assets) = _payoff(line, id, amount);
        VM.prank(owner);
        assert(HOUSE.redeem(SeriesId.wrap(id), amount, owner, owner) == assets);
        tokens[owner][id] = 0;
        supply[id] -= amount;
        held[!isPut] -= assets;
        ++roundings;
    }

    function _realize(address actor, uint256 line) private returns (bool) {
        if (_isEmpty(actor, line)) return false;
        (int256 base, int256 quote) = _netOf(actor, line);
        VM.prank(actor);
        (int256 paidBase, int256 paidQuote) = HOUSE.realize(actor, MARKET, lines[line].expiryAt);
        assert(paidBase == base && paidQuote == quote);
        balances[actor][true] = uint256(int256(balances[actor][true]) + base);
        balances[actor][false] = uint256(int256(balances[actor][false]) + quote);
        for (uint256 k = 0; k < 2 * lines[line].strikes.length; ++k) {
            positions[actor][_id(line, k / 2, k % 2 == 1)] = 0;
        }
        ++roundings;
        return true;
    }

    /// What an account's positions at a settled line bring; negative: cost. Rounded against it.
    function _netOf(address actor, uint256 line) private view returns (int256 base, int256 quote) {
        uint256 price = lines[line].price;
        base = -_ceil(_callsOweTimesPrice(actor, line, price), int256(price * BASE_SCALE));
        quote = -_ceil(_putsOwe(actor, line, price), int256(QUOTE_SCALE));
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

    /// Everything that accounts other than two own, in one word.
    function _digestWithout(address first, address second) private view returns (bytes32 digest) {
        for (uint256 i = 0; i < 4; ++i) {
            address actor = actors[i];
            if (actor == first || actor == second) continue;
            (uint256 base, uint256 baseLocked) = HOUSE.collateral(actor, _asset(true));
            (uint256 quote, uint256 quoteLocked) = HOUSE.collateral(actor, _asset(false));
            digest = keccak256(abi.encode(digest, base, baseLocked, quote, quoteLocked));
            for (uint256 line = 0; line < lines.length; ++line) {
                for (uint256 k = 0; k < 2 * lines[line].strikes.length; ++k) {
                    uint256 id = _id(line, k / 2, k % 2 == 1);
                    digest = keccak256(
                        abi.encode(
                            digest,
                            HOUSE.position(actor, SeriesId.wrap(id)),
                            HOUSE.balanceOf(actor, id)
                        )
                    );
                }
            }
        }
    }

    function _mustRevert(bytes memory data) private {
        ++attacks;
        (bool success, ) = address(HOUSE).call(data);
        assert(!success);
    }
}
