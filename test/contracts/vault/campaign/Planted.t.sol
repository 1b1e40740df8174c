// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IBook } from "../../../../contracts/interfaces/IBook.sol";
import { IClearinghouse } from "../../../../contracts/interfaces/IClearinghouse.sol";
import { IERC7540Deposit, IERC7540Redeem } from "../../../../contracts/interfaces/IERC7540.sol";
import { IERC7575 } from "../../../../contracts/interfaces/IERC7575.sol";
import { IERC7887Deposit, IERC7887Redeem } from "../../../../contracts/interfaces/IERC7887.sol";
import { ILiquidityVault } from "../../../../contracts/interfaces/ILiquidityVault.sol";
import { ITranche } from "../../../../contracts/interfaces/ITranche.sol";
import { VM } from "../../campaign/Vm.sol";
import { Ground } from "./Ground.sol";

/// What the campaign is worth: one unit wrong anywhere, and its checks must find it.
contract VaultCampaignFindsTest is Ground {
    address private constant PROVIDER = address(0xA11CE);

    /// Requests that wait, that were filled, that were cancelled, on both sides.
    function _live() private {
        for (uint256 i = 0; i < 2; ++i) {
            bool isBase = i == 0;
            handler.ask(0, isBase, 2e9, 0, false);
            handler.withdraw(0, isBase, 1e9 + 1, 0, false);
        }
        handler.endEpoch(2, 400);
        for (uint256 i = 0; i < 2; ++i) {
            bool isBase = i == 0;
            handler.ask(0, isBase, 2e9, 0, false);
            handler.cancel(0, isBase, true, 1);
            handler.ask(0, isBase, 3e9, 0, false);
            handler.withdraw(0, isBase, 1e9 + 1, 0, false);
        }
        checkAll();
    }

    function test_V2_V3_V5_V8_AUnitMoreInAnythingThatAProviderHasIsFound() external {
        _live();
        for (uint256 i = 0; i < 2; ++i) {
            ITranche tranche = i == 0 ? world.baseTranche() : world.quoteTranche();
            bytes[10] memory views = [
                abi.encodeCall(IERC7540Deposit.pendingDepositRequest, (0, PROVIDER)),
                abi.encodeCall(IERC7575.maxDeposit, (PROVIDER)),
                abi.encodeCall(IERC7575.maxMint, (PROVIDER)),
                abi.encodeCall(IERC7540Redeem.pendingRedeemRequest, (0, PROVIDER)),
                abi.encodeCall(IERC7575.maxRedeem, (PROVIDER)),
                abi.encodeCall(IERC7575.maxWithdraw, (PROVIDER)),
                abi.encodeCall(IERC7887Deposit.claimableCancelDepositRequest, (0, PROVIDER)),
                abi.encodeCall(IERC7887Redeem.claimableCancelRedeemRequest, (0, PROVIDER)),
                abi.encodeCall(IERC20.balanceOf, (PROVIDER)),
                abi.encodeCall(IERC20.totalSupply, ())
            ];
            for (uint256 j = 0; j < views.length; ++j) _mustFind(address(tranche), views[j], 0);
            bytes memory queue = abi.encodeCall(ITranche.queue, ());
            for (uint256 word = 0; word < 4; ++word) _mustFind(address(tranche), queue, word);
        }
    }

    function test_V3_V8_V9_AUnitMoreInTheBookIsFound() external {
        _live();
        address book = address(world.book());
        for (uint256 i = 0; i < 2; ++i) {
            address token = address(i == 0 ? world.base() : world.quote());
            address tranche = address(i == 0 ? world.baseTranche() : world.quoteTranche());
            _mustFind(token, abi.encodeCall(IERC20.balanceOf, (tranche)), 0);
            _mustFind(
                address(world.clearinghouse()),
                abi.encodeCall(IClearinghouse.collateral, (book, token)),
                0
            );
        }
        _mustFind(address(world.vault()), abi.encodeCall(ILiquidityVault.epoch, ()), 0);
        // The claims lie in the upper half of a word.
        bytes memory claims = abi.encodeCall(IBook.claims, ());
        uint256 word = abi.decode(_answer(book, claims), (uint256));
        for (uint256 i = 2; i < 4; ++i) _mustFindAnswer(book, claims, abi.encode(word + (1 << (64 * i))));
    }

    /// An epoch's end that takes a unit less of what waits, or counts a thousandth of the shares less, is not that of the formulas.
    function test_V5_V9_AnEpochThatForgetsSomethingIsFound() external {
        for (uint256 i = 0; i < 2; ++i) {
            handler.ask(0, i == 0, 2e9, 0, false);
            ITranche tranche = i == 0 ? world.baseTranche() : world.quoteTranche();
            ITranche.Queue memory queue = tranche.queue();
            --queue.depositAssets;
            VM.mockCall(address(tranche), abi.encodeCall(ITranche.queue, ()), abi.encode(queue));
            _mustFail(abi.encodeCall(handler.endEpoch, (2, 400)));
            VM.clearMockedCalls();
            bytes memory supply = abi.encodeCall(IERC20.totalSupply, ());
            uint256 shares = abi.decode(_answer(address(tranche), supply), (uint256));
            VM.mockCall(address(tranche), supply, abi.encode((shares * 999) / 1000));
            _mustFail(abi.encodeCall(handler.endEpoch, (2, 400)));
            VM.clearMockedCalls();
        }
        handler.endEpoch(2, 400);
        checkAll();
    }

    function _mustFind(address target, bytes memory data, uint256 word) private {
        bytes memory answer = _answer(target, data);
        assembly ("memory-safe") {
            let place := add(add(answer, 32), shl(5, word))
            mstore(place, add(mload(place), 1))
        }
        _mustFindAnswer(target, data, answer);
    }

    function _mustFindAnswer(address target, bytes memory data, bytes memory answer) private {
        VM.mockCall(target, data, answer);
        try this.checkAll() {
            revert("not found");
        } catch (bytes memory reason) {
            // A Panic: an assertion.
            assert(bytes4(reason) == 0x4e487b71);
        }
        VM.clearMockedCalls();
        checkAll();
    }

    function _mustFail(bytes memory data) private {
        // The clock goes back too.
        uint256 before = VM.snapshotState();
        (bool success, bytes memory reason) = address(handler).call(data);
        VM.revertToStateAndDelete(before);
        assert(!success && bytes4(reason) == 0x4e487b71);
    }

    function _answer(address target, bytes memory data) private view returns (bytes memory answer) {
        (, answer) = target.staticcall(data);
    }
}
