// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "../../../../contracts/interfaces/IBook.sol";
import { ILiquidityVault } from "../../../../contracts/interfaces/ILiquidityVault.sol";
import { ITranche } from "../../../../contracts/interfaces/ITranche.sol";
import { Report } from "../../../../contracts/types/Report.sol";
import { StrikePosition } from "../../../../contracts/types/StrikePosition.sol";
import { epochDayOf } from "../../../../contracts/types/Times.sol";
import { VM } from "../../campaign/Vm.sol";
import { EpochShadow } from "./EpochShadow.sol";
import { Markets } from "./Markets.sol";

/// Epochs end, as the formulas say, and the governor changes the terms.
abstract contract Epochs is Markets {
    bytes4 private constant CANNOT_CLOSE = bytes4(keccak256("Vault_CannotClose(uint8)"));

    /// A cut-off, some time after it a report, and the end: whoever closes, and whenever (V10).
    function endEpoch(uint256 late, uint256 move) public counted {
        (, uint256 cutOffAt) = VAULT.epoch();
        if (currentAt < cutOffAt) {
            _refuseClose(
                abi.decode(kept[epochDayOf(lookedAt)], (Report)),
                ILiquidityVault.Obstacle.BeforeCutOff
            );
            _advance(cutOffAt + 60 + (late % 8 hours));
        }
        if (kept[epochDayOf(currentAt)].length == 0) {
            _move(move);
            _look();
        }
        uint256 day = epochDayOf(cutOffAt);
        while (kept[day].length == 0) ++day;
        Report memory report = abi.decode(kept[day], (Report));
        // A later one of the same signers ends nothing, nor one that nobody signed.
        Report memory other;
        if (move % 4 == 0) {
            other = _look();
        } else {
            other = abi.decode(kept[day], (Report));
            other.spot += 1;
        }
        if (move % 5 == 0) _tick(move % 3 hours);
        _refuseClose(other, ILiquidityVault.Obstacle.WrongReport);
        // Most keepers see to it that the oracle confirms its spot, else nobody ends the epoch in the first hour.
        if (move % 8 == 0) {
            if (currentAt < report.reportAt + 1 hours) _advance(report.reportAt + 1 hours);
        } else {
            if (currentAt <= lookedAt + 30) _advance(lookedAt + 31);
            WORLD.feed(report.spot / 1e10);
        }
        _close(report, late % 2 == 0);
        WORLD.feed(spot);
        _lookIfOld();
        _open(2);
    }

    /// The governor's terms hold from the next epoch on.
    function setTerms(uint256 seed, uint256 move) public counted {
        nextTerms = ILiquidityVault.Terms({
            unwindVolBps: uint16(seed % 301),
            unwindNotionalBps: uint16((seed >> 16) % 51),
            hedgeBps: uint16((seed >> 32) % 51),
            managementBps: uint16((seed >> 48) % 201),
            performanceBps: uint16((seed >> 64) % 2001),
            feeReceiver: FEES
        });
        WORLD.setTerms(nextTerms);
        _done("terms");
        if (move % 2 == 0) endEpoch(seed, move);
    }

    function _refuseClose(Report memory report, ILiquidityVault.Obstacle obstacle) private {
        bytes memory why = _refuse(
            STRANGER,
            address(VAULT),
            abi.encodeCall(ILiquidityVault.closeEpoch, (report))
        );
        assert(keccak256(why) == keccak256(abi.encodeWithSelector(CANNOT_CLOSE, obstacle)));
        _done("end refused");
    }

    /// Ends the epoch, after anybody has realized what is due, or not.
    function _close(Report memory report, bool isRealized) internal {
        uint256 before = isRealized ? 0 : VM.snapshotState();
        _realizeDue();
        EpochShadow.Outcome[2] memory expected;
        uint256[2] memory funds = [sides[true].funds, sides[false].funds];
        uint256[2] memory used = [_used(true, report.spot), _used(false, report.spot)];
        {
            IBook.Mark memory mark = BOOK.mark(report);
            expected = EpochShadow.close(mark, _desks(mark, used), terms, mark.reportAt - markedAt);
        }
        if (!isRealized) {
            VM.revertToStateAndDelete(before);
            (sides[true].funds, sides[false].funds) = (funds[0], funds[1]);
        }
        VM.prank(STRANGER);
        ILiquidityVault.EpochResult memory result = VAULT.closeEpoch(report);
        assert(result.epoch == ++epochs);
        delete due;
        if (result.doubt != ILiquidityVault.Doubt.None) return _stay(result);
        _follow(true, result.base, expected[0], used[0]);
        _follow(false, result.quote, expected[1], used[1]);
        // V9: what the book owes is its equity and the rent that is due.
        uint256 owed = (expected[0].claim * report.spot) / WAD + expected[1].claim;
        assert(result.equity <= owed && owed - result.equity <= 2);
        (markedAt, terms) = (report.reportAt, nextTerms);
        _done("epoch");
    }

    /// In doubt there was no mark: nobody entered or left, and what the book owes is what it was.
    function _stay(ILiquidityVault.EpochResult memory result) private {
        for (uint256 i = 0; i < 2; ++i) {
            Side storage side = sides[i == 0];
            ILiquidityVault.TrancheResult memory told = i == 0 ? result.base : result.quote;
            assert(told.claimAfter == side.claim && told.high == side.high && told.rent == 0);
            assert(told.depositAssets | told.mintedShares | told.redeemShares | told.paidAssets == 0);
            assert(told.feeShares == 0 && !told.depositsOpen);
        }
        _done("epoch without a mark");
    }

    /// One tranche after the end, as the event tells it and as the formulas have it: equal to the unit.
    function _follow(
        bool isBase,
        ILiquidityVault.TrancheResult memory result,
        EpochShadow.Outcome memory expected,
        uint256 used
    ) private {
        Side storage side = sides[isBase];
        EpochShadow.Outcome memory told = EpochShadow.Outcome({
            claim: result.claimAfter,
            feeShares: result.feeShares,
            entry: result.navEntry,
            mid: result.navMid,
            exit: result.navExit,
            minted: result.mintedShares,
            deposited: result.depositAssets,
            redeemed: result.redeemShares,
            paid: result.paidAssets,
            idle: result.idle,
            high: result.high,
            depositsOpen: result.depositsOpen
        });
        assert(keccak256(abi.encode(told)) == keccak256(abi.encode(expected)));
        // V4, V2.
        assert(told.entry >= told.mid && told.mid >= told.exit);
        assert((told.minted > 0) == (told.deposited > 0) && (told.redeemed > 0) == (told.paid > 0));
        // V3: who stays loses nothing by who comes and goes, but for the units of the book's word.
        uint256 after_ = side.supply + told.feeShares + told.minted - told.redeemed + 1000;
        assert(told.claim >= (told.mid * after_ * _scale(isBase)) / WAD);
        if (told.redeemed > 0)
            _done(told.redeemed < side.leaving ? bytes32("partial fill") : bytes32("full fill"));
        if (told.deposited > 0) _done("deposits enter");
        if (told.feeShares > 0) _done("fees");
        _filled(isBase, true, told.deposited, told.minted);
        _filled(isBase, false, told.redeemed, told.paid);
        shares[isBase][FEES] += told.feeShares;
        side.supply = after_ - 1000;
        side.funds = side.funds + told.deposited - told.paid;
        (side.claim, side.high) = (_kept(isBase, told.claim), told.high);
        // V12: what was paid left what a hedge with all cover kept can need.
        if (told.paid > told.deposited) assert(used <= told.claim);
    }

    function _desks(
        IBook.Mark memory mark,
        uint256[2] memory used
    ) private view returns (EpochShadow.Desk[2] memory desks) {
        for (uint256 i = 0; i < 2; ++i) {
            bool isBase = i == 0;
            Side storage side = sides[isBase];
            (, uint256 locked) = _account(isBase);
            uint256 free = (side.funds - locked) * _scale(isBase);
            if (!isBase) free = free > mark.reserve + mark.rent ? free - mark.reserve - mark.rent : 0;
            desks[i] = EpochShadow.Desk({
                claim: side.claim,
                supply: side.supply,
                depositAssets: side.waiting,
                redeemShares: side.leaving,
                high: side.high,
                free: free,
                used: used[i],
                scale: _scale(isBase),
                price: isBase ? mark.spot : WAD,
                rent: isBase ? mark.rentBase : mark.rentQuote
            });
        }
    }

    /// The positions of past expiries become balances, by what each option pays.
    function _realizeDue() internal {
        for (uint256 i = 0; i < due.length; ++i) {
            StrikePosition[] memory open = HOUSE.positions(address(BOOK), MARKET, due[i]);
            BOOK.realize(due[i]);
            _payOff(open, due[i]);
        }
    }

    function _payOff(StrikePosition[] memory open, uint32 expiryAt) private {
        uint256 price = HOUSE.settlementPrice(MARKET, expiryAt);
        (int256 base, int256 quote) = (0, 0);
        for (uint256 place = 0; place < open.length; ++place) {
            int256 above = int256(price) - int256(open[place].strike());
            if (above > 0) base += open[place].callAmount() * above;
            else quote -= open[place].putAmount() * above;
        }
        _moved(true, _floor(base, int256(price)));
        _moved(false, _floor(quote, 1e30));
        _done("realization");
    }

    function _floor(int256 a, int256 b) private pure returns (int256) {
        return a < 0 ? -((-a + b - 1) / b) : a / b;
    }
}
