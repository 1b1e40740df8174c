// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Shares } from "../../../contracts/book/Shares.sol";
import { IBook } from "../../../contracts/interfaces/IBook.sol";
import { ILiquidityVault } from "../../../contracts/interfaces/ILiquidityVault.sol";
import { Epoch } from "../../../contracts/vault/Epoch.sol";

/// What holds of an epoch's end over all states that the words of a book can tell, reachable or not.
contract EpochTest {
    using Math for uint256;

    uint256 private constant WAD = 1e18;
    uint256 private constant QUOTE_SCALE = 1e12;

    /// What is drawn next; each draw changes it.
    uint256 private _seed;

    function _within(uint256 low, uint256 high) private returns (uint256) {
        _seed = uint256(keccak256(abi.encode(_seed)));
        return low + (_seed % (high - low + 1));
    }

    /// From 0 on, evenly in the logarithm up to 2^octaves.
    function _scaled(uint256 octaves) private returns (uint256) {
        return _within(0, uint256(1) << _within(0, octaves));
    }

    function _desk(uint256 price, uint256 scale) private returns (Epoch.Desk memory desk) {
        desk.claim = _scaled(90);
        desk.price = price;
        desk.rent = _scaled(70);
        desk.scale = scale;
        desk.shares = _scaled(90) / scale + Shares.VIRTUAL;
        desk.high = _scaled(65);
        desk.depositAssets = _scaled(88) / scale;
        desk.redeemShares = _within(0, desk.shares - Shares.VIRTUAL);
        desk.free = _scaled(92);
        desk.used = _scaled(92);
    }

    function _state(uint256 seed) private returns (Epoch.State memory state) {
        _seed = seed;
        IBook.Mark memory mark;
        mark.spot = _within(1e12, 1e24);
        mark.equity = _scaled(99);
        mark.grossVega = _scaled(96);
        mark.grossAmount = _scaled(90);
        mark.delta = int256(_scaled(90)) - int256(_scaled(90));
        mark.potential = _scaled(90);
        state.mark = mark;
        state.base = _desk(mark.spot, 1);
        state.quote = _desk(WAD, QUOTE_SCALE);
        (mark.rentBase, mark.rentQuote) = (state.base.rent, state.quote.rent);
        state.terms = ILiquidityVault.Terms(
            uint16(_within(0, 300)),
            uint16(_within(0, 50)),
            uint16(_within(0, 50)),
            uint16(_within(0, 200)),
            uint16(_within(0, 2000)),
            address(1)
        );
        state.elapsed = _scaled(26);
        state.isRunning = _within(0, 3) != 0;
    }

    function _copy(Epoch.Desk memory desk) private pure returns (Epoch.Desk memory) {
        return abi.decode(abi.encode(desk), (Epoch.Desk));
    }

    /// V2, V3, V4, V9, V12: of every state; nothing reverts.
    function testFuzz_EpochHolds(uint256 seed) external {
        Epoch.State memory state = _state(seed);
        (Epoch.Desk memory base, Epoch.Desk memory quote) = (_copy(state.base), _copy(state.quote));
        ILiquidityVault.EpochResult memory result = Epoch.close(state);
        _expectResult(state.mark, base, quote, result);
        _expectSide(base, result.base, state.isRunning);
        _expectSide(quote, result.quote, state.isRunning);
    }

    /// V9: both claims are worth E and the rent, and after the flows as much more as came in.
    function _expectResult(
        IBook.Mark memory mark,
        Epoch.Desk memory base,
        Epoch.Desk memory quote,
        ILiquidityVault.EpochResult memory result
    ) private pure {
        uint256 owed = base.claim.mulDiv(mark.spot, WAD, Math.Rounding.Ceil) + quote.claim;
        uint256 due = owed == 0 ? 0 : mark.equity;
        uint256 grownBase = result.base.claimAfter + result.base.paidAssets - result.base.depositAssets;
        uint256 grownQuote =
            result.quote.claimAfter +
                result.quote.paidAssets * QUOTE_SCALE -
                result.quote.depositAssets * QUOTE_SCALE;
        uint256 worth = grownBase.mulDiv(mark.spot, WAD) + grownQuote;
        uint256 all = due + base.rent + quote.rent;
        assert(worth <= all);
        // Each of three roundings of base is worth a unit at spot, and what is owed is rounded up.
        uint256 rounding = (3 * mark.spot) / WAD + 5 + (owed == 0 ? 0 : due / owed);
        assert(all - worth <= rounding);
    }

    function _expectSide(
        Epoch.Desk memory desk,
        ILiquidityVault.TrancheResult memory result,
        bool isRunning
    ) private pure {
        assert(result.navEntry >= result.navMid && result.navMid >= result.navExit);
        assert(result.redeemShares <= desk.redeemShares && result.depositAssets <= desk.depositAssets);
        assert((result.redeemShares == 0) == (result.paidAssets == 0));
        assert((result.mintedShares == 0) == (result.depositAssets == 0));
        if (!isRunning) assert(result.depositAssets == 0 && !result.depositsOpen);
        // V12: what leaves beyond what came in was free and idle, and the rest still covers the need.
        if (result.paidAssets > result.depositAssets) {
            assert((result.paidAssets - result.depositAssets) * desk.scale <= desk.free);
            assert(result.claimAfter >= desk.used);
        }
        // V3: nobody who stays has less by the flows.
        uint256 shares = desk.shares + result.feeShares;
        uint256 before =
            result.claimAfter + result.paidAssets * desk.scale - result.depositAssets * desk.scale;
        uint256 sharesAfter = shares + result.mintedShares - result.redeemShares;
        assert(result.claimAfter * shares >= before * sharesAfter);
        // Fees take what they say, and no more than the bounds.
        assert(result.fees <= before / 3 + 1);
    }

    /// V2: in at the ask and out at the bid of the same epoch brings back no more than went in.
    function testFuzz_InAndOutWinsNothing(uint256 seed) external {
        Epoch.State memory state = _state(seed);
        state.isRunning = true;
        state.base.redeemShares = 0;
        uint256 put = state.base.depositAssets;
        Epoch.Desk memory before = _copy(state.base);
        ILiquidityVault.EpochResult memory result = Epoch.close(state);
        if (result.base.mintedShares == 0) return;
        uint256 shares = before.shares + result.base.feeShares + result.base.mintedShares;
        uint256 out = result.base.claimAfter.mulDiv(result.base.mintedShares, shares);
        assert(out <= put);
    }
}
