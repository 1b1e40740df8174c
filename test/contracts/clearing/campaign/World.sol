// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { OptionERC20 } from "../../../../contracts/clearing/OptionERC20.sol";
import { OptionERC20Factory } from "../../../../contracts/clearing/OptionERC20Factory.sol";
import { Control } from "../../../../contracts/control/Control.sol";
import { IClearinghouse } from "../../../../contracts/interfaces/IClearinghouse.sol";
import { OnePriceOracle } from "../OnePriceOracle.sol";
import { SeriesId } from "../../../../contracts/types/SeriesId.sol";
import { HostileToken } from "../HostileTokens.sol";
import { deployArtifact, VM } from "../../campaign/Vm.sol";

/// The system that a campaign plays in: a market with a hostile base of 8 decimals and a quote of 6, and its roles in one hand.
contract World {
    uint128 internal constant SPOT = 3000e18;
    uint32 internal constant MARKET = 1;

    HostileToken public immutable base = new HostileToken(8);
    HostileToken public immutable quote = new HostileToken(6);
    OnePriceOracle public immutable oracle = new OnePriceOracle(SPOT);
    IClearinghouse public immutable clearinghouse;
    OptionERC20Factory public immutable factory;

    constructor() {
        Control control = Control(
            deployArtifact("contracts/control/Control.sol:Control", abi.encode(address(this)))
        );
        clearinghouse = IClearinghouse(
            deployArtifact(
                "contracts/clearing/Clearinghouse.sol:Clearinghouse",
                abi.encode(control, quote, 6)
            )
        );
        factory = OptionERC20Factory(
            deployArtifact(
                "contracts/clearing/OptionERC20Factory.sol:OptionERC20Factory",
                abi.encode(clearinghouse)
            )
        );
        _map(control, control.GOVERNOR(), clearinghouse.registerMarket.selector);
        _map(control, control.GOVERNOR(), clearinghouse.unpause.selector);
        _map(control, control.GUARDIAN(), clearinghouse.pause.selector);
        _map(control, control.COUNCIL(), clearinghouse.listReserved.selector);
        clearinghouse.registerMarket(MARKET, terms());
    }

    function terms() public view returns (IClearinghouse.Market memory) {
        return IClearinghouse.Market(address(base), 8, 0.01e18, address(oracle), address(oracle), "ETH");
    }

    // ----------------------------------------------------------------------------------------------------------------- tokens

    function enrich(address account) external {
        for (uint256 i = 0; i < 2; ++i) {
            HostileToken token = i == 0 ? base : quote;
            token.mint(account, 1e20);
            VM.prank(account);
            token.approve(address(clearinghouse), type(uint256).max);
        }
    }

    function balanceOf(address owner, bool isBase) external view returns (uint256) {
        return (isBase ? base : quote).balanceOf(owner);
    }

    /// Premium on its way: quote that the account sends to the Clearinghouse.
    function send(address from, uint256 assets) external {
        VM.prank(from);
        quote.transfer(address(clearinghouse), assets);
    }

    function donate(bool isBase, uint256 assets) external {
        (isBase ? base : quote).mint(address(clearinghouse), assets);
    }

    function behave(bool isBase, HostileToken.Behaviour behaviour) external {
        (isBase ? base : quote).behave(behaviour);
    }

    function setDecimals(bool isBase, uint8 decimals) external {
        (isBase ? base : quote).setDecimals(decimals);
    }

    function totalSupply(bool isBase) external view returns (uint256) {
        return (isBase ? base : quote).totalSupply();
    }

    /// The base token pays this account nothing, and takes nothing from it.
    function setBlocked(address account, bool blocked) external {
        base.setBlocked(account, blocked);
    }

    /// The base token calls `target` in the middle of its next transfers.
    function arm(address target, bytes calldata data) external {
        base.callBack(target, data);
    }

    function disarm() external {
        base.behave(HostileToken.Behaviour.Honest);
    }

    // ------------------------------------------------------------------------------------------------------------------ roles

    /// Spot is back at its level afterwards, so that listing goes on.
    function settle(uint32 expiryAt, uint128 price) external {
        oracle.setPrice(price);
        oracle.settle(clearinghouse, MARKET, expiryAt);
        oracle.setPrice(SPOT);
    }

    function setSpot(uint128 price) external {
        oracle.setPrice(price == 0 ? SPOT : price);
    }

    function listReserved(uint32 expiryAt, uint128 strike, uint128 evicted) external {
        clearinghouse.listReserved(MARKET, expiryAt, strike, evicted);
    }

    function pause() external {
        clearinghouse.pause();
    }

    function unpause() external {
        clearinghouse.unpause();
    }

    function wrapperOf(uint256 id) external returns (OptionERC20) {
        return factory.deploy(SeriesId.wrap(id));
    }

    function addressOfWrapper(uint256 id) external view returns (address) {
        return factory.addressOf(SeriesId.wrap(id));
    }

    function _map(Control control, uint64 role, bytes4 selector) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        control.setTargetFunctionRole(address(clearinghouse), selectors, role);
        control.grantRole(role, address(this), 0);
    }
}
