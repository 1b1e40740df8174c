// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IDeltaHedger } from "../../../contracts/interfaces/IDeltaHedger.sol";
import { IHedgeFiller } from "../../../contracts/interfaces/IHedgeFiller.sol";

/// Fills out of its own pocket, as it is told to: honestly, too little, too much, out of somebody else's pocket, and calling anything in the
/// middle.
contract TestFiller is IHedgeFiller {
    IDeltaHedger public immutable HEDGER;

    /// What it delivers, of what it owes, in bps, and out of whose pocket.
    uint256 public shareBps = 10_000;
    address public pocket;
    /// What it calls before it delivers, and after.
    address public target;
    bytes public data;
    bool public isAfter;
    bool public entered;
    bytes public answer;

    constructor(IDeltaHedger hedger) {
        (HEDGER, pocket) = (hedger, address(this));
    }

    function deliver(uint256 shareBps_, address pocket_) external {
        (shareBps, pocket) = (shareBps_, pocket_);
    }

    function callInside(address target_, bytes calldata data_, bool isAfter_) external {
        (target, data, isAfter, entered, answer) = (target_, data_, isAfter_, false, "");
    }

    /// Anything that it does for itself: approvals, options of its own.
    function act(address target_, bytes calldata data_) external {
        (bool success, bytes memory why) = target_.call(data_);
        if (!success) _bubble(why);
    }

    /// Both in one transaction.
    function actAndFill(address target_, bytes calldata data_, int256 amount) external {
        (bool success, bytes memory why) = target_.call(data_);
        if (!success) _bubble(why);
        HEDGER.fill(amount, amount > 0 ? 0 : type(uint256).max, address(this), "");
    }

    function fill(
        int256 amount,
        uint256 limitPrice,
        address receiver
    ) external returns (int256 base, int256 quote) {
        return HEDGER.fill(amount, limitPrice, receiver, "");
    }

    /// The plan and, in the very same state, all that can be filled on either side: what came of it or why it was refused.
    function probe()
        external
        returns (
            IDeltaHedger.Plan memory plan,
            bool[2] memory filled,
            bytes[2] memory why,
            int256 base,
            int256 quote
        )
    {
        plan = HEDGER.plan();
        bool sellsFirst = plan.amount > 0;
        for (uint256 i = 0; i < 2; ++i) {
            bool isBuy = (i == 0) != sellsFirst;
            try
                HEDGER.fill(
                    isBuy ? type(int256).max : type(int256).min,
                    isBuy ? 0 : type(uint256).max,
                    address(this),
                    ""
                )
            returns (int256 base_, int256 quote_) {
                (filled[i], base, quote) = (true, base_, quote_);
            } catch (bytes memory reason) {
                why[i] = reason;
            }
        }
    }

    function onHedgeFill(address, uint256, address owedAsset, uint256 owedAssets, bytes calldata) external {
        if (!isAfter) _call();
        uint256 assets = (owedAssets * shareBps) / 10_000;
        if (pocket == address(this)) IERC20(owedAsset).transfer(msg.sender, assets);
        else IERC20(owedAsset).transferFrom(pocket, msg.sender, assets);
        if (isAfter) _call();
    }

    function _call() private {
        if (target == address(0)) return;
        (bool success, bytes memory said) = target.call(data);
        (entered, answer) = (success, said);
    }

    function _bubble(bytes memory why) private pure {
        assembly ("memory-safe") {
            revert(add(why, 32), mload(why))
        }
    }
}
