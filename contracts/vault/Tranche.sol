// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import { ERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { SelfEndingPause } from "../control/SelfEndingPause.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IERC7540Deposit, IERC7540Operator, IERC7540Redeem } from "../interfaces/IERC7540.sol";
import { IERC7575 } from "../interfaces/IERC7575.sol";
import { IERC7887Deposit, IERC7887Redeem } from "../interfaces/IERC7887.sol";
import { ITranche } from "../interfaces/ITranche.sol";
import { BASE_UNIT, QUOTE_UNIT } from "../types/BookFields.sol";
import { HELD_AT_MOST } from "../types/Times.sol";
import { RequestQueue } from "./RequestQueue.sol";
import { TrancheShares } from "./TrancheShares.sol";
import { TrancheState } from "./TrancheState.sol";

/// WHAT        The share token of one tranche and its desk; the outside, with units, roles and promises, is {ITranche}.
/// PARTS       TrancheState (words and views), TrancheShares (the token), RequestQueue (what waits and what a fill makes of it), Shares (NAV).
///             Here are doors and control.
/// ASSUMPTIONS None about the asset but that its balances answer: its calls come last, under the lock, and are believed only where exactly
///             what was asked has moved. A token that takes a fee is refused; one that takes balances away pays first come first served.
/// INVARIANTS  Assets owed here (pending deposits, claimable assets) change only with an equal move of the asset, or with a fill's.
///             Sum of ERC-20 balances = `totalSupply`, what waits being this contract's.
contract Tranche is TrancheShares, SelfEndingPause {
    using RequestQueue for RequestQueue.Queue;
    using SafeCast for uint256;
    using SafeERC20 for IERC20;

    /// One token of the base tranche, a thousand of the quote tranche: 10^21 at most, below 2^72.
    uint256 private immutable MINIMUM_MAX;
    /// Half of the largest claim that the book's word holds, so that there is room for what a mark adds.
    uint256 private immutable CAP_MAX;

    /// The book's vault, kept once it is known: a book names its modules once and for good.
    address private _vault;

    error Tranche_NotVault(address caller, address vault);
    error Tranche_NotOperator(address caller, address controller);
    /// From a cut-off until the epoch ends nothing can be requested or cancelled. Exception: after three days a waiting
    /// deposit can be cancelled.
    error Tranche_Frozen(uint256 cutOffAt, uint256 nowAt);
    error Tranche_DepositsClosed();
    error Tranche_RequestTooSmall(uint256 amount, uint256 minimum);
    error Tranche_CapExceeded(uint256 total, uint256 cap);
    error Tranche_NoController();
    error Tranche_UnknownRequest(uint256 requestId);
    error Tranche_NothingToCancel(address controller);
    error Tranche_NothingToClaim(address controller);
    error Tranche_ReceivedOtherAmount(uint256 received, uint256 assets);
    error Tranche_PaidOtherAmount(uint256 paid, uint256 assets);
    /// The vault has not sent what the fill needs.
    error Tranche_AssetsShort(uint256 balance, uint256 owed);
    error Tranche_TermsOutOfRange(Terms terms, uint256 capMax, uint256 minimumMax);
    error Tranche_TermsNotTighter(Terms terms, Terms before);

    constructor(
        address authority,
        IBook book,
        IERC20 asset_,
        IBook.Side side,
        string memory name_,
        string memory symbol_,
        Terms memory terms_
    ) ERC20(name_, symbol_) ERC20Permit(name_) TrancheState(book, asset_, side) AccessManaged(authority) {
        bool isBase = side == IBook.Side.Base;
        MINIMUM_MAX = (isBase ? 1 : 1000) * 10 ** uint256(DECIMALS);
        CAP_MAX = (2 ** 63 * (isBase ? BASE_UNIT : QUOTE_UNIT)) / SCALE;
        _deposits.open();
        _redeems.open();
        _setTerms(terms_, false);
    }

    modifier onlyVault() {
        _requireVault();
        _;
    }

    // --------------------------------------------------------------------------------------------------------------- requests

    /// @inheritdoc IERC7540Deposit
    function requestDeposit(
        uint256 assets,
        address controller,
        address owner
    ) external nonReentrant whenNotPaused returns (uint256) {
        _requireOperator(owner);
        _requireOpen();
        if (controller == address(0)) revert Tranche_NoController();
        if (!_desk.depositsOpen) revert Tranche_DepositsClosed();
        PackedTerms memory packed = _terms;
        if (assets < packed.minimumAssets) revert Tranche_RequestTooSmall(assets, packed.minimumAssets);
        _deposits.add(controller, assets);
        uint256 total = _claim() / SCALE + _deposits.pending;
        if (total > packed.cap) revert Tranche_CapExceeded(total, packed.cap);
        emit DepositRequest(controller, owner, 0, msg.sender, assets);
        _pull(owner, assets);
        return 0;
    }

    /// @inheritdoc IERC7540Redeem
    function requestRedeem(
        uint256 shares,
        address controller,
        address owner
    ) external nonReentrant returns (uint256) {
        if (msg.sender != owner && !_operators[owner][msg.sender]) _spendAllowance(owner, msg.sender, shares);
        _requireOpen();
        if (controller == address(0)) revert Tranche_NoController();
        uint256 minimum = _terms.minimumShares;
        if (shares < minimum && (shares == 0 || shares != ERC20.balanceOf(owner))) {
            revert Tranche_RequestTooSmall(shares, minimum);
        }
        _redeems.add(controller, shares);
        _burn(owner, shares);
        emit RedeemRequest(controller, owner, 0, msg.sender, shares);
        _tellPending();
        return 0;
    }

    /// @inheritdoc IERC7887Deposit
    function cancelDepositRequest(uint256 requestId, address controller) external nonReentrant {
        if (!_isStuck()) _requireOpen();
        uint256 assets = _cancel(_deposits, requestId, controller);
        _desk.claimableAssets = (_desk.claimableAssets + assets).toUint104();
        emit CancelDepositRequest(controller, requestId, msg.sender);
    }

    /// @inheritdoc IERC7887Redeem
    function cancelRedeemRequest(uint256 requestId, address controller) external nonReentrant {
        _requireOpen();
        uint256 shares = _cancel(_redeems, requestId, controller);
        _desk.claimableShares = (_desk.claimableShares + shares).toUint104();
        emit CancelRedeemRequest(controller, requestId, msg.sender);
        _tellPending();
    }

    function _cancel(
        RequestQueue.Queue storage queue_,
        uint256 requestId,
        address controller
    ) private returns (uint256 amount) {
        _requireOperator(controller);
        if (requestId != 0) revert Tranche_UnknownRequest(requestId);
        amount = queue_.remove(controller, type(uint256).max);
        if (amount == 0) revert Tranche_NothingToCancel(controller);
        RequestQueue.Request storage request = queue_.requests[controller];
        request.cancelled = (request.cancelled + amount).toUint128();
    }

    // ----------------------------------------------------------------------------------------------------------------- claims

    /// @inheritdoc IERC7540Deposit
    function deposit(
        uint256 assets,
        address receiver,
        address controller
    ) public nonReentrant returns (uint256 shares) {
        _requireOperator(controller);
        shares = _deposits.claimIn(controller, assets);
        _giveClaimed(receiver, controller, assets, shares);
    }

    /// @inheritdoc IERC7540Deposit
    function mint(
        uint256 shares,
        address receiver,
        address controller
    ) public nonReentrant returns (uint256 assets) {
        _requireOperator(controller);
        assets = _deposits.claimOut(controller, shares);
        _giveClaimed(receiver, controller, assets, shares);
    }

    function _giveClaimed(address receiver, address controller, uint256 assets, uint256 shares) private {
        _giveShares(receiver, shares);
        emit Deposit(controller, receiver, assets, shares);
    }

    /// @inheritdoc IERC7575
    function deposit(uint256 assets, address receiver) external returns (uint256) {
        return deposit(assets, receiver, msg.sender);
    }

    /// @inheritdoc IERC7575
    function mint(uint256 shares, address receiver) external returns (uint256) {
        return mint(shares, receiver, msg.sender);
    }

    /// @inheritdoc IERC7575
    function withdraw(
        uint256 assets,
        address receiver,
        address controller
    ) external nonReentrant returns (uint256 shares) {
        _requireOperator(controller);
        shares = _redeems.claimOut(controller, assets);
        _payClaimed(receiver, controller, assets, shares);
    }

    /// @inheritdoc IERC7575
    function redeem(
        uint256 shares,
        address receiver,
        address controller
    ) external nonReentrant returns (uint256 assets) {
        _requireOperator(controller);
        assets = _redeems.claimIn(controller, shares);
        _payClaimed(receiver, controller, assets, shares);
    }

    function _payClaimed(address receiver, address controller, uint256 assets, uint256 shares) private {
        emit Withdraw(msg.sender, receiver, controller, assets, shares);
        _giveAssets(receiver, assets);
    }

    /// @inheritdoc IERC7887Deposit
    function claimCancelDepositRequest(
        uint256 requestId,
        address receiver,
        address controller
    ) external nonReentrant {
        uint256 assets = _claimCancelled(_deposits, requestId, controller);
        emit CancelDepositClaim(controller, receiver, requestId, msg.sender, assets);
        _giveAssets(receiver, assets);
    }

    /// @inheritdoc IERC7887Redeem
    function claimCancelRedeemRequest(
        uint256 requestId,
        address receiver,
        address controller
    ) external nonReentrant {
        uint256 shares = _claimCancelled(_redeems, requestId, controller);
        emit CancelRedeemClaim(controller, receiver, requestId, msg.sender, shares);
        _giveShares(receiver, shares);
    }

    function _claimCancelled(
        RequestQueue.Queue storage queue_,
        uint256 requestId,
        address controller
    ) private returns (uint256 amount) {
        _requireOperator(controller);
        if (requestId != 0) revert Tranche_UnknownRequest(requestId);
        RequestQueue.Request storage request = queue_.requests[controller];
        amount = request.cancelled;
        if (amount == 0) revert Tranche_NothingToClaim(controller);
        request.cancelled = 0;
    }

    // ------------------------------------------------------------------------------------------------------------------ vault

    /// @inheritdoc ITranche
    function fill(uint256 epoch, Fill calldata fill_) external nonReentrant onlyVault {
        bool tells = _redeems.pending != 0;
        _deposits.fill(fill_.depositAssets, fill_.mintedShares.toUint128());
        _redeems.fill(fill_.redeemShares, fill_.paidAssets.toUint128());
        _desk = Desk(
            (_desk.claimableAssets + fill_.paidAssets).toUint104(),
            (_desk.claimableShares + fill_.mintedShares).toUint104(),
            fill_.nextCutOffAt,
            fill_.depositsOpen
        );
        emit Filled(epoch, fill_, _deposits.scale, _deposits.stage, _redeems.scale, _redeems.stage);
        if (tells) _tellPending();
        if (fill_.depositAssets > fill_.paidAssets) {
            _push(msg.sender, fill_.depositAssets - fill_.paidAssets);
        } else if (fill_.depositAssets < fill_.paidAssets) {
            uint256 owed = uint256(_deposits.pending) + _desk.claimableAssets;
            uint256 balance = ASSET.balanceOf(address(this));
            if (balance < owed) revert Tranche_AssetsShort(balance, owed);
        }
    }

    /// @inheritdoc ITranche
    function mintFee(address receiver, uint256 shares) external nonReentrant onlyVault {
        _mint(receiver, shares);
    }

    /// @inheritdoc ITranche
    function burnForFloor(address owner, uint256 shares) external nonReentrant onlyVault {
        uint256 pending = _redeems.remove(owner, shares);
        _burn(owner, shares - pending);
        emit BurnedForFloor(owner, shares, pending);
        _tellPending();
    }

    function _requireVault() private {
        address vault = _vault;
        if (vault == address(0)) {
            vault = BOOK.modules().vault;
            _vault = vault;
        }
        if (msg.sender != vault) revert Tranche_NotVault(msg.sender, vault);
    }

    /// @dev What waits to leave.
    function _tellPending() private {
        BOOK.setPending(SIDE, _redeems.pending, _supply());
    }

    // ---------------------------------------------------------------------------------------------------------------- control

    /// @inheritdoc ITranche
    function setTerms(Terms calldata terms_) external nonReentrant restricted {
        _setTerms(terms_, false);
    }

    /// @inheritdoc ITranche
    function tightenTerms(Terms calldata terms_) external nonReentrant restricted {
        Terms memory before = terms();
        bool isSame =
            terms_.minimumAssets == before.minimumAssets && terms_.minimumShares == before.minimumShares;
        if (!isSame || terms_.cap > before.cap) revert Tranche_TermsNotTighter(terms_, before);
        _setTerms(terms_, true);
    }

    /// @dev A cap of 0 closes.
    function _setTerms(Terms memory terms_, bool tightened) private {
        bool isInRange =
            terms_.cap <= CAP_MAX &&
                terms_.minimumAssets != 0 &&
                terms_.minimumAssets <= MINIMUM_MAX &&
                terms_.minimumShares != 0 &&
                terms_.minimumShares <= MINIMUM_MAX;
        if (!isInRange) revert Tranche_TermsOutOfRange(terms_, CAP_MAX, MINIMUM_MAX);
        _terms.cap = uint104(terms_.cap);
        _terms.minimumAssets = uint72(terms_.minimumAssets);
        _terms.minimumShares = uint72(terms_.minimumShares);
        emit TermsSet(terms_, tightened);
    }

    /// @inheritdoc IERC7540Operator
    function setOperator(address operator, bool approved) external nonReentrant returns (bool) {
        _operators[msg.sender][operator] = approved;
        emit OperatorSet(msg.sender, operator, approved);
        return true;
    }

    function _requireOperator(address controller) private view {
        if (msg.sender != controller && !_operators[controller][msg.sender]) {
            revert Tranche_NotOperator(msg.sender, controller);
        }
    }

    /// @dev Unchecked: a time of 40 bits and three days.
    function _isStuck() private view returns (bool) {
        unchecked {
            return block.timestamp >= _desk.cutOffAt + HELD_AT_MOST;
        }
    }

    function _requireOpen() private view {
        uint256 cutOffAt = _desk.cutOffAt;
        if (block.timestamp >= cutOffAt) revert Tranche_Frozen(cutOffAt, block.timestamp);
    }

    // ----------------------------------------------------------------------------------------------------------------- tokens

    /// @dev Exactly `assets` or nothing: a request of less than was asked is none (ERC-7540).
    function _pull(address from, uint256 assets) private {
        uint256 before = ASSET.balanceOf(address(this));
        ASSET.safeTransferFrom(from, address(this), assets);
        uint256 received = ASSET.balanceOf(address(this)) - before;
        if (received != assets) revert Tranche_ReceivedOtherAmount(received, assets);
    }

    function _push(address receiver, uint256 assets) private {
        uint256 before = ASSET.balanceOf(address(this));
        ASSET.safeTransfer(receiver, assets);
        uint256 left = ASSET.balanceOf(address(this));
        uint256 paid = before > left ? before - left : 0;
        if (paid != assets) revert Tranche_PaidOtherAmount(paid, assets);
    }

    function _giveAssets(address receiver, uint256 assets) private {
        _desk.claimableAssets = (_desk.claimableAssets - assets).toUint104();
        _push(receiver, assets);
    }

    function _giveShares(address receiver, uint256 shares) private {
        _desk.claimableShares = (_desk.claimableShares - shares).toUint104();
        _mint(receiver, shares);
    }
}
