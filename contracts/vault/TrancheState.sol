// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC165 } from "@openzeppelin/contracts/interfaces/IERC165.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { IERC20Metadata } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Shares } from "../book/Shares.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IERC7540Deposit, IERC7540Operator, IERC7540Redeem } from "../interfaces/IERC7540.sol";
import { IERC7575 } from "../interfaces/IERC7575.sol";
import { IERC7887Deposit, IERC7887Redeem } from "../interfaces/IERC7887.sol";
import { ITranche } from "../interfaces/ITranche.sol";
import { BookClaims } from "../types/BookClaims.sol";
import { DECIMALS_MAX, wadScale } from "../types/Decimals.sol";
import { RequestQueue } from "./RequestQueue.sol";

/// The words of a {Tranche}, and what anyone may read of them.
abstract contract TrancheState is ITranche, ERC20Permit, ReentrancyGuardTransient {
    using RequestQueue for RequestQueue.Queue;
    using SafeERC20 for IERC20;

    // ERC-7575 states an id for each of its parts beside that of the whole.
    bytes4 private constant ID_MINIMAL = 0x50a526d6;
    bytes4 private constant ID_DEPOSIT = 0xc1f329ef;
    bytes4 private constant ID_MINT = 0xe1550342;
    bytes4 private constant ID_REDEEM = 0x2fd7d42a;
    bytes4 private constant ID_WITHDRAW = 0x70dec094;

    /// The terms, in one word.
    struct PackedTerms {
        uint104 cap;
        uint72 minimumAssets;
        uint72 minimumShares;
    }

    /// What every fill changes, in one word.
    struct Desk {
        uint104 claimableAssets;
        uint104 claimableShares;
        uint40 cutOffAt;
        bool depositsOpen;
    }

    IBook internal immutable BOOK;
    IERC20 internal immutable ASSET;
    IBook.Side internal immutable SIDE;
    uint8 internal immutable DECIMALS;
    /// From the asset's units to WAD.
    uint256 internal immutable SCALE;

    PackedTerms internal _terms;
    Desk internal _desk;
    RequestQueue.Queue internal _deposits;
    RequestQueue.Queue internal _redeems;
    mapping(address controller => mapping(address operator => bool)) internal _operators;

    /// ERC-7540 allows no preview of a claim: what it brings was decided by the fill.
    error Tranche_NoPreview();
    error Tranche_DecimalsUnknown(address asset, uint256 found, uint256 most);

    constructor(IBook book, IERC20 asset_, IBook.Side side) {
        (bool answered, uint8 decimals_) = asset_.tryGetDecimals();
        if (!answered || decimals_ > DECIMALS_MAX) {
            revert Tranche_DecimalsUnknown(
                address(asset_),
                answered ? decimals_ : type(uint256).max,
                DECIMALS_MAX
            );
        }
        (BOOK, ASSET, SIDE, DECIMALS) = (book, asset_, side, decimals_);
        SCALE = wadScale(decimals_);
    }

    /// @dev What the book owes this tranche, WAD.
    function _claim() internal view returns (uint256) {
        BookClaims claims = BOOK.claims();
        return SIDE == IBook.Side.Base ? claims.claimBase() : claims.claimQuote();
    }

    function _waitingShares() internal view returns (uint256) {
        return uint256(_redeems.pending) + _desk.claimableShares;
    }

    function _supply() internal view returns (uint256) {
        return ERC20.totalSupply() + _waitingShares();
    }

    // ------------------------------------------------------------------------------------------------------------------ views

    /// @inheritdoc IERC20Metadata
    function decimals() public view override(ERC20, IERC20Metadata) returns (uint8) {
        return DECIMALS;
    }

    /// @inheritdoc IERC7575
    function asset() external view returns (address) {
        return address(ASSET);
    }

    /// @inheritdoc IERC7575
    function share() external view returns (address) {
        return address(this);
    }

    /// @inheritdoc IERC7575
    function totalAssets() external view nonReentrantView returns (uint256) {
        return _claim() / SCALE;
    }

    /// @inheritdoc IERC7575
    function convertToShares(uint256 assets) external view nonReentrantView returns (uint256) {
        return Shares.sharesDown(assets, _claim() / SCALE, _supply());
    }

    /// @inheritdoc IERC7575
    function convertToAssets(uint256 shares) external view nonReentrantView returns (uint256) {
        return Shares.worthDown(shares, _claim() / SCALE, _supply());
    }

    /// @inheritdoc IERC7575
    function maxDeposit(address controller) public view returns (uint256 assets) {
        (, assets, ) = _deposits.read(controller);
    }

    /// @inheritdoc IERC7575
    function maxMint(address controller) external view returns (uint256 shares) {
        (, , shares) = _deposits.read(controller);
    }

    /// @inheritdoc IERC7575
    function maxWithdraw(address controller) external view returns (uint256 assets) {
        (, , assets) = _redeems.read(controller);
    }

    /// @inheritdoc IERC7575
    function maxRedeem(address controller) public view returns (uint256 shares) {
        (, shares, ) = _redeems.read(controller);
    }

    /// @inheritdoc IERC7575
    function previewDeposit(uint256) external pure returns (uint256) {
        revert Tranche_NoPreview();
    }

    /// @inheritdoc IERC7575
    function previewMint(uint256) external pure returns (uint256) {
        revert Tranche_NoPreview();
    }

    /// @inheritdoc IERC7575
    function previewWithdraw(uint256) external pure returns (uint256) {
        revert Tranche_NoPreview();
    }

    /// @inheritdoc IERC7575
    function previewRedeem(uint256) external pure returns (uint256) {
        revert Tranche_NoPreview();
    }

    /// @inheritdoc IERC7540Deposit
    function pendingDepositRequest(uint256 id, address controller) external view returns (uint256 assets) {
        if (id == 0) (assets, , ) = _deposits.read(controller);
    }

    /// @inheritdoc IERC7540Deposit
    function claimableDepositRequest(uint256 id, address controller) external view returns (uint256 assets) {
        if (id == 0) return maxDeposit(controller);
    }

    /// @inheritdoc IERC7540Redeem
    function pendingRedeemRequest(uint256 id, address controller) external view returns (uint256 shares) {
        if (id == 0) (shares, , ) = _redeems.read(controller);
    }

    /// @inheritdoc IERC7540Redeem
    function claimableRedeemRequest(uint256 id, address controller) external view returns (uint256 shares) {
        if (id == 0) return maxRedeem(controller);
    }

    /// @inheritdoc IERC7887Deposit
    function pendingCancelDepositRequest(uint256, address) external pure returns (bool) {
        return false;
    }

    /// @inheritdoc IERC7887Deposit
    function claimableCancelDepositRequest(uint256 id, address controller) external view returns (uint256) {
        return id == 0 ? _deposits.requests[controller].cancelled : 0;
    }

    /// @inheritdoc IERC7887Redeem
    function pendingCancelRedeemRequest(uint256, address) external pure returns (bool) {
        return false;
    }

    /// @inheritdoc IERC7887Redeem
    function claimableCancelRedeemRequest(uint256 id, address controller) external view returns (uint256) {
        return id == 0 ? _redeems.requests[controller].cancelled : 0;
    }

    /// @inheritdoc IERC7540Operator
    function isOperator(address controller, address operator) external view returns (bool) {
        return _operators[controller][operator];
    }

    /// @inheritdoc ITranche
    function queue() external view returns (Queue memory) {
        Desk memory desk = _desk;
        return
            Queue(
                _deposits.pending,
                _redeems.pending,
                desk.claimableAssets,
                desk.claimableShares,
                desk.cutOffAt,
                desk.depositsOpen
            );
    }

    /// @inheritdoc ITranche
    function terms() public view returns (Terms memory) {
        return Terms(_terms.cap, _terms.minimumAssets, _terms.minimumShares);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return
            id == type(IERC165).interfaceId ||
            id == type(IERC7575).interfaceId ||
            id == ID_MINIMAL ||
            id == ID_DEPOSIT ||
            id == ID_MINT ||
            id == ID_REDEEM ||
            id == ID_WITHDRAW ||
            id == type(IERC7540Operator).interfaceId ||
            id == type(IERC7540Deposit).interfaceId ||
            id == type(IERC7540Redeem).interfaceId ||
            id == type(IERC7887Deposit).interfaceId ||
            id == type(IERC7887Redeem).interfaceId;
    }
}
