// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "../../../../contracts/interfaces/IBook.sol";
import { IClearinghouse } from "../../../../contracts/interfaces/IClearinghouse.sol";
import { ILiquidityVault } from "../../../../contracts/interfaces/ILiquidityVault.sol";
import { IOptionPool } from "../../../../contracts/interfaces/IOptionPool.sol";
import { ISettlementOracle } from "../../../../contracts/interfaces/ISettlementOracle.sol";
import { IDeltaHedger } from "../../../../contracts/interfaces/IDeltaHedger.sol";
import { ITranche } from "../../../../contracts/interfaces/ITranche.sol";
import { Window } from "../../../../contracts/oracle/Window.sol";
import { Report } from "../../../../contracts/types/Report.sol";
import { epochDayOf } from "../../../../contracts/types/Times.sol";
import { Counts } from "../../campaign/Counts.sol";
import { Receiver } from "../../campaign/Receiver.sol";
import { VM } from "../../campaign/Vm.sol";
import { HostileToken } from "../../clearing/HostileTokens.sol";
import { TestFiller } from "../Fillers.sol";
import { Shadow } from "./Shadow.sol";
import { World } from "./World.sol";

/// What all that act share: who there is, the clock, the signers' reports, the feeds and the days' expiries.
abstract contract Stage is Shadow, Counts {
    uint32 internal constant MARKET = 1;
    uint256 internal constant WAD = 1e18;
    address internal constant STRANGER = address(0x57A);
    address internal constant TRADER = address(0x78AD);
    address internal constant FEES = address(0xFEE5);

    World internal immutable WORLD;
    // Read once: a prank holds for the next call, so no view may come between.
    IClearinghouse internal immutable HOUSE;
    IBook internal immutable BOOK;
    IOptionPool internal immutable POOL;
    IDeltaHedger internal immutable HEDGER;
    ILiquidityVault internal immutable VAULT;
    ISettlementOracle internal immutable SETTLEMENT;
    ITranche private immutable BASE_TRANCHE;
    ITranche private immutable QUOTE_TRANCHE;
    HostileToken private immutable BASE;
    HostileToken private immutable QUOTE;
    TestFiller internal immutable FILLER;
    /// The last of the four providers: a contract, which re-enters.
    Receiver internal immutable RECEIVER = new Receiver();

    // The clock is kept here: the compiler takes the block's time for one that does not change within a call.
    uint256 internal currentAt;
    uint256 internal currentBlock = 1;
    uint256 internal lookedAt;
    /// Of the feeds, 8 decimals, and the vol of every slice, WAD.
    uint256 internal spot;
    uint256 internal vol = 0.6e18;
    /// Live expiries, ascending, and their strikes; 0 of both where none is.
    uint32[] internal listed;
    mapping(uint32 expiryAt => uint256[3]) internal strikes;
    /// Past expiries at which the book may still have positions.
    uint32[] internal due;
    /// The first report of each epoch's day, encoded.
    mapping(uint256 day => bytes) internal kept;

    constructor(World world, uint256 startAt, uint256 startSpot) {
        WORLD = world;
        HOUSE = world.clearinghouse();
        (BOOK, POOL, HEDGER, VAULT) = (world.book(), world.pool(), world.hedger(), world.vault());
        (BASE_TRANCHE, QUOTE_TRANCHE) = (world.baseTranche(), world.quoteTranche());
        (BASE, QUOTE, SETTLEMENT) = (world.base(), world.quote(), world.settlementOracle());
        FILLER = new TestFiller(HEDGER);
        (currentAt, spot) = (startAt, startSpot);
        for (uint256 i = 0; i < 4; ++i) {
            actors[i] = i == 3 ? address(RECEIVER) : address(uint160(0xA11CE + i));
            world.enrich(actors[i], 1e24, 1e16);
        }
        world.enrich(TRADER, 1e24, 1e16);
        world.enrich(address(FILLER), 1e24, 1e16);
        world.enrich(STRANGER, 1e24, 1e16);
        VM.prank(TRADER);
        HOUSE.setOperator(address(POOL), true);
    }

    function _tranche(bool isBase) internal view returns (ITranche) {
        return isBase ? BASE_TRANCHE : QUOTE_TRANCHE;
    }

    function _token(bool isBase) internal view returns (HostileToken) {
        return isBase ? BASE : QUOTE;
    }

    // ------------------------------------------------------------------------------------------------------------------- time

    /// The next block, so many seconds later.
    function _tick(uint256 time) internal {
        _advance(currentAt + time);
    }

    /// Time goes on; what expires on the way settles, and nobody acts in its window.
    function _advance(uint256 until) internal {
        while (listed.length != 0 && listed[0] <= until + 1860) {
            _settle(listed[0]);
            for (uint256 i = 1; i < listed.length; ++i) listed[i - 1] = listed[i];
            listed.pop();
        }
        _warp(until);
    }

    function _warp(uint256 until) private {
        if (until > currentAt) currentAt = until;
        VM.warp(currentAt);
        VM.roll(++currentBlock);
    }

    /// The feeds stand still in the window, and anybody walks them.
    function _settle(uint32 expiryAt) private {
        _warp(expiryAt - 1860);
        WORLD.feed(spot);
        (uint80 baseRound, uint80 quoteRound) = WORLD.rounds();
        _warp(expiryAt + Window.ROUND_LAG);
        WORLD.feed(spot);
        assert(SETTLEMENT.walk(MARKET, expiryAt, baseRound, quoteRound, 10) == spot * 1e10);
        assert(HOUSE.settlementPrice(MARKET, expiryAt) == spot * 1e10);
        due.push(expiryAt);
        _done("settlement");
    }

    // ---------------------------------------------------------------------------------------------------------------- reports

    /// The feeds bring a round, the signers a report, and the whole book is refreshed a block later.
    function _look() internal returns (Report memory report) {
        _tick(12);
        WORLD.feed(spot);
        report = WORLD.post(currentAt, spot * 1e10, vol, listed);
        uint256 day = epochDayOf(currentAt);
        if (kept[day].length == 0) kept[day] = abi.encode(report);
        _tick(2);
        BOOK.refresh(HOUSE.expiries(MARKET));
        lookedAt = currentAt;
    }

    /// A report that is young enough for anything, and a block of its own.
    function _lookIfOld() internal {
        if (lookedAt + 15 < currentAt || lookedAt == 0) _look();
        _tick(1);
    }

    /// Lists what expires in so many days, at three strikes about spot, unless it is listed.
    function _open(uint256 daysAhead) internal {
        uint32 expiryAt = uint32((currentAt / 1 days + daysAhead) * 1 days + 8 hours);
        for (uint256 i = 0; i < listed.length; ++i) if (listed[i] == expiryAt) return;
        WORLD.listExpiry(expiryAt);
        for (uint256 i = 0; i < 3; ++i) {
            uint256 strike = ((spot * (90 + 10 * i)) / 1e12) * 100e18;
            strikes[expiryAt][i] = strike;
            WORLD.listStrike(expiryAt, strike);
        }
        listed.push(expiryAt);
        for (uint256 i = listed.length - 1; i > 0 && listed[i - 1] > listed[i]; --i)
            (listed[i - 1], listed[i]) = (listed[i], listed[i - 1]);
        _done("expiry opened");
    }

    // ----------------------------------------------------------------------------------------------------------------- looking

    /// The book's account: balance, and what of it is locked.
    function _account(bool isBase) internal view returns (uint256 balance, uint256 locked) {
        return HOUSE.collateral(address(BOOK), address(_token(isBase)));
    }

    /// Everything that providers have, and what the book owes them, in one word.
    function _digest() internal view returns (bytes32 digest) {
        for (uint256 i = 0; i < 8; ++i) {
            (bool isBase, address who) = (i % 2 == 0, actors[i / 2]);
            ITranche tranche = _tranche(isBase);
            (uint256 waits, uint256 filled, uint256 paid) = _standing(tranche, true, who);
            digest = keccak256(abi.encode(digest, waits, filled, paid));
            (waits, filled, paid) = _standing(tranche, false, who);
            digest = keccak256(abi.encode(digest, waits, filled, paid));
            digest = keccak256(
                abi.encode(digest, tranche.balanceOf(who), _token(isBase).balanceOf(who), BOOK.claims())
            );
        }
    }
}
