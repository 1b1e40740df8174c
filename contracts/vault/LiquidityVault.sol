// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { Limits } from "../book/Limits.sol";
import { Shares } from "../book/Shares.sol";
import { ListingRules } from "../clearing/ListingRules.sol";
import { IBook } from "../interfaces/IBook.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { ILiquidityVault } from "../interfaces/ILiquidityVault.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { ITranche } from "../interfaces/ITranche.sol";
import { IVolSurface } from "../interfaces/IVolSurface.sol";
import { SpotAnswers } from "../oracle/SpotAnswers.sol";
import { wadScale } from "../types/Decimals.sol";
import { Expiries, expiryOfDay } from "../types/Expiries.sol";
import { PackedAnswer } from "../types/PackedAnswer.sol";
import { PackedCollateral } from "../types/PackedCollateral.sol";
import { Report } from "../types/Report.sol";
import { Slice } from "../types/Slice.sol";
import { Surface } from "../types/Surface.sol";
import { cutOffOf, epochDayOf, EXPIRY_OF_DAY, HELD_AT_MOST } from "../types/Times.sol";
import { Epoch } from "./Epoch.sol";
import { FloorExit } from "./FloorExit.sol";
import { VaultTermsBounds } from "./VaultTermsBounds.sol";

/// WHAT        The epochs of two tranches over one book; the outside, with roles and what holds, is {ILiquidityVault}.
/// PARTS       Epoch (what an epoch's end does), FloorExit, VaultTermsBounds: pure. Here is when an epoch may end and what moves then.
/// MONEY       None stays here: assets pass from a tranche into the book's account and back within one call.
/// ASSUMPTIONS Who is trusted for what, and for nothing else.
///             Signers: the mark, so far as its slices are proven and its spot lies within 5 % of the oracle's opening
///             answer, or 1 % where anything was sold back or hedged since the cut-off; else there is no mark. That after a cut-off
///             they sign only one report a minute: of several, whoever posts would choose. The spot of a seed. Nothing of
///             the floor exit.
///             Spot oracle: the opening answer, which a mark's spot is compared with, and the live one, for the floor
///             exit. Without a live spot the floor exit is still there, but it pays in the own asset alone.
///             Whoever ends an epoch: nothing but when; the report is known by its digest (docs/decisions/0008-vault.md has what that is
///             worth).
///             Book, Clearinghouse and tranches, named for good: what is marked, what is held and free, what waits.
///             Tokens: nothing; what a tranche or the seed brings is credited to the unit, or the call reverts. Governor: the seed, winding
///             down, and terms within {VaultTermsBounds}, from the next epoch on.
/// INVARIANTS  An epoch ends at the report that VolSurface kept for its cut-off, or where it kept none for the first after it that has one (V10).
///             b S + q of the book after a close is {EpochResult-equity}, to the units of its words (V9).
contract LiquidityVault is ILiquidityVault, AccessManaged, ReentrancyGuardTransient {
    using Math for uint256;
    using SafeERC20 for IERC20;
    using SpotAnswers for ISpotOracle;

    uint256 private constant WAD = 1e18;
    /// Least value that each side is seeded with, quote: far above what rounding is worth, so the price of a share cannot be moved by it.
    uint256 private constant SEED_MIN = 500e18;
    /// Oldest report whose spot a seed is counted at, seconds.
    uint256 private constant SEED_REPORT_MAX_AGE = 120;
    /// How far a mark's spot may be from the oracle's.
    uint256 private constant MARK_SPOT_BAND = 0.05e18;
    /// The same where anything was sold back or hedged between the cut-off and the mark.
    uint256 private constant MOVED_SPOT_BAND = 0.01e18;
    uint256 private constant CONFIRMATION = 1 hours;

    IBook private immutable BOOK;
    IClearinghouse private immutable CLEARINGHOUSE;
    IVolSurface private immutable VOL_SURFACE;
    ISpotOracle private immutable SPOT_ORACLE;
    ITranche private immutable BASE_TRANCHE;
    ITranche private immutable QUOTE_TRANCHE;
    uint32 private immutable MARKET;
    address private immutable BASE;
    address private immutable QUOTE;
    uint256 private immutable BASE_SCALE;
    uint256 private immutable QUOTE_SCALE;

    struct Clock {
        Phase phase;
        uint64 epoch;
        /// The day whose cut-off ends the running epoch.
        uint16 cutOffDay;
        /// Time of the last mark's report.
        uint40 markedAt;
    }

    struct Highs {
        uint128 base;
        uint128 quote;
    }

    Clock private _clock;
    Highs private _highs;
    Terms private _terms;
    Terms private _nextTerms;

    error Vault_CannotClose(Obstacle obstacle);
    error Vault_WrongPhase(Phase phase);
    error Vault_SeedTooSmall(uint256 baseValue, uint256 quoteValue, uint256 least);
    error Vault_ReportTooOld(uint256 reportAt, uint256 nowAt);
    error Vault_FloorClosed(uint256 opensAt, uint256 nowAt);
    error Vault_NotOperator(address owner, address caller);
    /// Less than a minimum, or nothing at all.
    error Vault_TooFewAssets(uint256 assets, uint256 other);
    /// A token that takes a fee, or gives one, is no asset of a tranche.
    error Vault_TransferInexact(uint256 credited, uint256 assets);

    constructor(
        address authority,
        IBook book_,
        IClearinghouse clearinghouse,
        IVolSurface volSurface,
        ITranche baseTranche,
        ITranche quoteTranche,
        Terms memory terms_
    ) AccessManaged(authority) {
        (BOOK, CLEARINGHOUSE, VOL_SURFACE) = (book_, clearinghouse, volSurface);
        (BASE_TRANCHE, QUOTE_TRANCHE) = (baseTranche, quoteTranche);
        MARKET = book_.market();
        IClearinghouse.Market memory market = clearinghouse.marketOf(MARKET);
        SPOT_ORACLE = ISpotOracle(market.spotOracle);
        (address quote, uint8 quoteDecimals) = clearinghouse.quoteAsset();
        (BASE, QUOTE) = (market.base, quote);
        (BASE_SCALE, QUOTE_SCALE) = (wadScale(market.baseDecimals), wadScale(quoteDecimals));
        VaultTermsBounds.check(terms_);
        (_terms, _nextTerms) = (terms_, terms_);
        emit TermsSet(terms_);
        // None stays here, and the Clearinghouse pulls from its caller alone: an allowance for good costs no epoch a word.
        IERC20(market.base).forceApprove(address(clearinghouse), type(uint256).max);
        IERC20(quote).forceApprove(address(clearinghouse), type(uint256).max);
    }

    // ----------------------------------------------------------------------------------------------------------------- epochs

    /// @inheritdoc ILiquidityVault
    function closeEpoch(Report calldata report) external nonReentrant returns (EpochResult memory result) {
        Obstacle obstacle = _obstacleOf(report);
        if (obstacle == Obstacle.None) obstacle = _realizeDue(report.reportAt);
        if (obstacle != Obstacle.None) revert Vault_CannotClose(obstacle);
        result = _resultAt(report);
        if (_isUnconfirmed(result, report)) revert Vault_CannotClose(Obstacle.SpotUnconfirmed);

        _clock.epoch = uint64(result.epoch);
        _clock.cutOffDay = uint16(epochDayOf(report.reportAt)) + 1;
        _highs = Highs(uint128(result.base.high), uint128(result.quote.high));
        address feeReceiver = _terms.feeReceiver;
        // Without a mark what fees and rent are counted from stays, and so do the terms.
        if (result.doubt == Doubt.None) (_clock.markedAt, _terms) = (report.reportAt, _nextTerms);

        _payOut(BASE_TRANCHE, BASE, result.base);
        _payOut(QUOTE_TRANCHE, QUOTE, result.quote);
        BOOK.assign(
            IBook.Assignment(
                result.base.claimAfter,
                result.quote.claimAfter,
                result.equity,
                result.doubt == Doubt.None ? result.mark.reserve : type(uint256).max,
                _clock.markedAt,
                _clock.cutOffDay
            )
        );
        _fill(BASE_TRANCHE, BASE, result.epoch, result.base, feeReceiver);
        _fill(QUOTE_TRANCHE, QUOTE, result.epoch, result.quote, feeReceiver);
        emit EpochClosed(result.epoch, msg.sender, result);
    }

    /// @inheritdoc ILiquidityVault
    function plan(
        Report calldata report
    ) external view nonReentrantView returns (Obstacle obstacle, EpochResult memory result) {
        obstacle = _obstacleOf(report);
        if (obstacle == Obstacle.None) obstacle = _dueObstacle(report.reportAt);
        if (obstacle != Obstacle.None) return (obstacle, result);
        result = _resultAt(report);
        if (_isUnconfirmed(result, report)) obstacle = Obstacle.SpotUnconfirmed;
    }

    /// @dev Whether `report` is the one that ends the running epoch.
    function _obstacleOf(Report calldata report) private view returns (Obstacle) {
        Clock memory clock = _clock;
        if (clock.phase == Phase.Seeding) return Obstacle.NotSeeded;
        uint256 today = epochDayOf(block.timestamp);
        if (today < clock.cutOffDay) return Obstacle.BeforeCutOff;
        for (uint256 day = clock.cutOffDay; day <= today; ++day) {
            bytes32 kept = VOL_SURFACE.epochDigest(MARKET, uint16(day));
            if (kept == 0) continue;
            bool isRight = report.market == MARKET && kept == VOL_SURFACE.digest(report);
            return isRight ? Obstacle.None : Obstacle.WrongReport;
        }
        return Obstacle.NoReportYet;
    }

    /// @dev Realizes what the book has at every settled expiry since the last mark. Expiries are at 08:00, so there is at
    /// most one a day; what expired before the day of the running epoch's cut-off was realized at the last mark.
    function _realizeDue(uint256 reportAt) private returns (Obstacle) {
        uint256 lastDay = _lastDueDay();
        for (uint256 day = _clock.cutOffDay; day <= lastDay; ++day) {
            uint256 expiryAt = expiryOfDay(day);
            if (!BOOK.isOpen(uint32(expiryAt))) continue;
            // What is not settled and expires after the report is marked by its slice.
            if (_isSettled(expiryAt)) BOOK.realize(uint32(expiryAt));
            else if (expiryAt <= reportAt) return Obstacle.ExpiryNotSettled;
        }
        return Obstacle.None;
    }

    /// @dev What {_realizeDue} would have to do.
    function _dueObstacle(uint256 reportAt) private view returns (Obstacle obstacle) {
        uint256 lastDay = _lastDueDay();
        for (uint256 day = _clock.cutOffDay; day <= lastDay; ++day) {
            uint256 expiryAt = expiryOfDay(day);
            if (!BOOK.isOpen(uint32(expiryAt))) continue;
            // Realizing cannot help an expiry that has not settled.
            if (_isSettled(expiryAt)) obstacle = Obstacle.ExpiryNotRealized;
            else if (expiryAt <= reportAt) return Obstacle.ExpiryNotSettled;
        }
    }

    /// @dev The last day whose expiry may be due: one that has passed, and at which the book can have something. Nothing opens
    /// between a cut-off and its mark, and no expiry is listed farther ahead than {ListingRules.HORIZON_MAX}, so however long
    /// nobody comes the days to look at are bounded.
    function _lastDueDay() private view returns (uint256) {
        // 08:00 of a day has passed from {EXPIRY_OF_DAY} on.
        uint256 today = (block.timestamp - EXPIRY_OF_DAY) / 1 days;
        return Math.min(today, _clock.cutOffDay + ListingRules.HORIZON_MAX / 1 days);
    }

    function _isSettled(uint256 expiryAt) private view returns (bool) {
        return CLEARINGHOUSE.settlementPrice(MARKET, uint32(expiryAt)) != 0;
    }

    function _resultAt(Report calldata report) private view returns (EpochResult memory result) {
        Doubt doubt = _doubtOf(report);
        result = doubt == Doubt.None ? Epoch.close(_stateAt(BOOK.mark(report))) : _unmarked();
        result.doubt = doubt;
        result.epoch = _clock.epoch + 1;
        result.cutOffAt = uint40(cutOffOf(epochDayOf(report.reportAt)));
    }

    /// @dev Why a report gives no mark. Its slices are judged as they were when it came, its spot by the oracle as it is
    /// now.
    function _doubtOf(Report calldata report) private view returns (Doubt) {
        uint256 doubted = Expiries.unwrap(
            VOL_SURFACE.epochDoubts(MARKET, uint16(epochDayOf(report.reportAt)))
        );
        for (; doubted != 0; doubted >>= 16) {
            uint256 day = doubted & 0xffff;
            if (day == 0) continue;
            // Rent alone is released by the clock: a mark asks for the slices of positions.
            uint32 expiryAt = uint32(expiryOfDay(day));
            if (CLEARINGHOUSE.positions(address(BOOK), MARKET, expiryAt).length != 0) return Doubt.Slices;
        }
        // Only the opening answer counts: it needs a feed, so the signers' spot is not compared with itself. In the sequencer's grace
        // it is fresh, and its sources agree.
        (PackedAnswer opening, , ) = SPOT_ORACLE.ask(MARKET);
        uint256 reason = opening.reason();
        if (reason != 0 && reason != uint256(ISpotOracle.Reason.SequencerGrace)) return Doubt.Spot;
        (uint256 low, uint256 high) = (
            Math.min(opening.low(), report.spot),
            Math.max(opening.high(), report.spot)
        );
        if (high * WAD > low * (WAD + MARK_SPOT_BAND)) return Doubt.Spot;
        // What was sold back or hedged since the cut-off was paid by the spot of its time: a mark at another would shift the difference to
        // or from the rest.
        bool isApart = high * WAD > low * (WAD + MOVED_SPOT_BAND);
        return isApart && BOOK.read(new uint32[](0)).margins.isMoved() ? Doubt.Spot : Doubt.None;
    }

    /// @dev Whether somebody may yet confirm the report's spot, by a poke or a round of a feed: until then nobody ends the epoch without a mark.
    function _isUnconfirmed(EpochResult memory result, Report calldata report) private view returns (bool) {
        return result.doubt == Doubt.Spot && block.timestamp < report.reportAt + CONFIRMATION;
    }

    /// @dev The end of an epoch whose report is in doubt: claims, equity and highs stay as they are. Nothing is read from
    /// the report, so nothing in it can hold the end up.
    function _unmarked() private view returns (EpochResult memory result) {
        IBook.Reading memory book_ = BOOK.read(new uint32[](0));
        (result.factor, result.equity) = (WAD, book_.funds.equityLow());
        result.base.claimBefore = result.base.claimAfter = book_.claims.claimBase();
        result.quote.claimBefore = result.quote.claimAfter = book_.claims.claimQuote();
        (result.base.high, result.quote.high) = (_highs.base, _highs.quote);
    }

    /// @dev All that the end of the epoch rests on, read once.
    function _stateAt(IBook.Mark memory mark) private view returns (Epoch.State memory state) {
        IBook.Reading memory book_ = BOOK.read(new uint32[](0));
        state.mark = mark;
        state.terms = _terms;
        state.elapsed = mark.reportAt - _clock.markedAt;
        state.isRunning = _clock.phase == Phase.Running;
        (uint256 usedBase, uint256 usedQuote) = Limits.needed(
            Limits.Book(book_.risk, book_.funds, book_.claims, book_.margins, book_.terms),
            BOOK.need(),
            mark.spot
        );
        (uint256 freeBase, uint256 freeQuote, , ) = _freeOf(mark.reserve + mark.rent);
        state.base = _deskOf(BASE_TRANCHE, BASE_SCALE);
        (state.base.claim, state.base.price, state.base.rent) = (
            book_.claims.claimBase(),
            mark.spot,
            mark.rentBase
        );
        (state.base.high, state.base.free, state.base.used) = (_highs.base, freeBase, usedBase);
        state.quote = _deskOf(QUOTE_TRANCHE, QUOTE_SCALE);
        (state.quote.claim, state.quote.price, state.quote.rent) = (
            book_.claims.claimQuote(),
            WAD,
            mark.rentQuote
        );
        (state.quote.high, state.quote.free, state.quote.used) = (_highs.quote, freeQuote, usedQuote);
    }

    function _deskOf(ITranche tranche_, uint256 scale) private view returns (Epoch.Desk memory desk) {
        ITranche.Queue memory queue = tranche_.queue();
        desk.scale = scale;
        desk.shares = tranche_.totalSupply() + Shares.VIRTUAL;
        (desk.depositAssets, desk.redeemShares) = (queue.depositAssets, queue.redeemShares);
        desk.claimableShares = queue.claimableShares;
    }

    /// @dev What the book's account holds beyond cover, in quote also beyond what is `kept` as reserve and rent; and the cover of both: WAD.
    function _freeOf(
        uint256 kept
    ) private view returns (uint256 base, uint256 quote, uint256 lockedBase, uint256 lockedQuote) {
        (PackedCollateral baseWord, PackedCollateral quoteWord) = CLEARINGHOUSE.packedCollaterals(
            address(BOOK),
            BASE
        );
        base = baseWord.free() * BASE_SCALE;
        quote = (quoteWord.free() * QUOTE_SCALE).saturatingSub(kept);
        (lockedBase, lockedQuote) = (baseWord.locked() * BASE_SCALE, quoteWord.locked() * QUOTE_SCALE);
    }

    /// @dev Sends the tranche what it pays beyond what its own deposits pay.
    function _payOut(ITranche tranche_, address asset, TrancheResult memory result) private {
        _withdraw(asset, result.paidAssets.saturatingSub(result.depositAssets), address(tranche_));
    }

    /// @dev Carries the epoch out at the tranche, which sends what its deposits bring beyond what it pays.
    function _fill(
        ITranche tranche_,
        address asset,
        uint256 number,
        TrancheResult memory result,
        address feeReceiver
    ) private {
        if (result.feeShares != 0) tranche_.mintFee(feeReceiver, result.feeShares);
        tranche_.fill(
            number,
            ITranche.Fill({
                depositAssets: result.depositAssets,
                mintedShares: result.mintedShares,
                redeemShares: result.redeemShares,
                paidAssets: result.paidAssets,
                nextCutOffAt: uint40(cutOffOf(_clock.cutOffDay)),
                depositsOpen: result.depositsOpen
            })
        );
        if (result.depositAssets > result.paidAssets) {
            _deposit(asset, result.depositAssets - result.paidAssets);
        }
    }

    /// @dev Puts assets that are here into the book's account.
    function _deposit(address asset, uint256 assets) private {
        uint256 credited = CLEARINGHOUSE.deposit(asset, assets, address(BOOK));
        if (credited != assets) revert Vault_TransferInexact(credited, assets);
    }

    // ------------------------------------------------------------------------------------------------------------- floor exit

    /// @inheritdoc ILiquidityVault
    function exitAtFloor(
        IBook.Side side,
        uint256 shares,
        uint256 minimumAssets,
        uint256 minimumOther,
        address receiver,
        address owner
    ) external nonReentrant returns (uint256 assets, uint256 other) {
        (bool isOpen, uint256 opensAt) = _floorOpen();
        if (!isOpen) revert Vault_FloorClosed(opensAt, block.timestamp);
        // Until it is realized the rent of a settled expiry is in no sum: it is not the leaver's.
        _realizeDue(0);
        // Who leaves does not choose between the average of now and an older one.
        SPOT_ORACLE.poke(MARKET);
        ITranche tranche_ = _trancheOf(side);
        if (msg.sender != owner && !tranche_.isOperator(owner, msg.sender))
            revert Vault_NotOperator(owner, msg.sender);
        (FloorExit.Ground memory ground, PackedAnswer alive) = (_ground(), _alive());
        uint256 factor = FloorExit.factorOf(ground, alive);
        bool isBase = side == IBook.Side.Base;
        uint256 supply = tranche_.totalSupply();
        uint256 claim = isBase ? ground.claimBase : ground.claimQuote;
        uint256 leaving = Shares.worthDown(shares, claim, supply);
        uint256 due = leaving.mulDiv(factor, WAD);
        uint256 reach = FloorExit.reachOf(ground, alive, isBase, factor);
        if (due > reach) {
            shares = shares.mulDiv(reach, due);
            leaving = Shares.worthDown(shares, claim, supply);
            // What was due was rounded down, so its part of the shares can be due a little more than can be paid.
            due = Math.min(leaving.mulDiv(factor, WAD), reach);
        }
        (assets, other) = FloorExit.paymentOf(ground, alive, isBase, due);
        assets /= isBase ? BASE_SCALE : QUOTE_SCALE;
        other /= isBase ? QUOTE_SCALE : BASE_SCALE;
        if (assets < minimumAssets || other < minimumOther || (assets | other) == 0)
            revert Vault_TooFewAssets(assets, other);
        BOOK.lowerClaim(side, leaving, FloorExit.spotOfLargest(alive, isBase));
        tranche_.burnForFloor(owner, shares);
        _withdraw(isBase ? BASE : QUOTE, assets, receiver);
        _withdraw(isBase ? QUOTE : BASE, other, receiver);
        emit ExitedAtFloor(owner, side, receiver, shares, assets, other, factor);
    }

    /// @inheritdoc ILiquidityVault
    function floor() external view nonReentrantView returns (bool isOpen, uint256 opensAt, uint256 factor) {
        (isOpen, opensAt) = _floorOpen();
        factor = FloorExit.factorOf(_ground(), _alive());
    }

    function _floorOpen() private view returns (bool isOpen, uint256 opensAt) {
        uint256 nextMarkAt = cutOffOf(epochDayOf(_clock.markedAt) + 1);
        opensAt = Math.min(VOL_SURFACE.storedSurface(MARKET).reportAt(), nextMarkAt) + HELD_AT_MOST;
        isOpen = block.timestamp >= opensAt && _clock.phase != Phase.Seeding;
    }

    function _alive() private view returns (PackedAnswer alive) {
        (, , alive) = SPOT_ORACLE.ask(MARKET);
        // A late price bounds nothing: who sees the market would leave when it pays.
        if (alive.isLate()) alive = alive.refused(uint256(ISpotOracle.Reason.NoLiveSource));
    }

    function _ground() private view returns (FloorExit.Ground memory ground) {
        IBook.Reading memory book_ = BOOK.read(new uint32[](0));
        (ground.claimBase, ground.claimQuote) = (book_.claims.claimBase(), book_.claims.claimQuote());
        (ground.freeBase, ground.freeQuote, ground.lockedBase, ground.lockedQuote) = _freeOf(
            book_.funds.reserve() + BOOK.unreleasedRent()
        );
    }

    /// @dev Sends what there is: nothing of a token of which nothing is paid.
    function _withdraw(address asset, uint256 assets, address receiver) private {
        if (assets != 0) CLEARINGHOUSE.withdraw(asset, assets, address(BOOK), receiver);
    }

    // ---------------------------------------------------------------------------------------------------------------- control

    /// @inheritdoc ILiquidityVault
    function seed(uint256 baseAssets, uint256 quoteAssets) external restricted nonReentrant {
        if (_clock.phase != Phase.Seeding) revert Vault_WrongPhase(_clock.phase);
        Surface memory surface = VOL_SURFACE.surface(MARKET);
        if (block.timestamp - surface.reportAt > SEED_REPORT_MAX_AGE)
            revert Vault_ReportTooOld(surface.reportAt, block.timestamp);
        uint256 claimBase = baseAssets * BASE_SCALE;
        uint256 claimQuote = quoteAssets * QUOTE_SCALE;
        uint256 baseValue = claimBase.mulDiv(surface.spot, WAD);
        if (baseValue < SEED_MIN || claimQuote < SEED_MIN)
            revert Vault_SeedTooSmall(baseValue, claimQuote, SEED_MIN);

        uint16 cutOffDay = uint16(epochDayOf(block.timestamp)) + 1;
        _clock = Clock(Phase.Running, 0, cutOffDay, surface.reportAt);
        _highs = Highs(uint128(WAD), uint128(WAD));

        IERC20(BASE).safeTransferFrom(msg.sender, address(this), baseAssets);
        IERC20(QUOTE).safeTransferFrom(msg.sender, address(this), quoteAssets);
        _deposit(BASE, baseAssets);
        _deposit(QUOTE, quoteAssets);
        // Nothing is written yet, so the mark needs no slice.
        IBook.Mark memory mark = BOOK.mark(
            Report(MARKET, surface.reportAt, surface.spot, Expiries.wrap(0), new Slice[](0))
        );
        BOOK.assign(
            IBook.Assignment(
                claimBase,
                claimQuote,
                baseValue + claimQuote,
                mark.reserve,
                surface.reportAt,
                cutOffDay
            )
        );
        // A share is worth one unit of the asset at first, virtual ones included.
        TrancheResult memory open;
        open.depositsOpen = true;
        open.mintedShares = baseAssets - Shares.VIRTUAL;
        _fill(BASE_TRANCHE, BASE, 0, open, address(0));
        open.mintedShares = quoteAssets - Shares.VIRTUAL;
        _fill(QUOTE_TRANCHE, QUOTE, 0, open, address(0));
        emit Seeded(baseAssets, quoteAssets, mark);
        emit PhaseChanged(Phase.Running);
    }

    /// @inheritdoc ILiquidityVault
    function windDown() external restricted {
        if (_clock.phase != Phase.Running) revert Vault_WrongPhase(_clock.phase);
        _clock.phase = Phase.WindingDown;
        BOOK.windDown();
        emit PhaseChanged(Phase.WindingDown);
    }

    /// @inheritdoc ILiquidityVault
    function setTerms(Terms calldata terms_) external restricted {
        VaultTermsBounds.check(terms_);
        _nextTerms = terms_;
        emit TermsSet(terms_);
    }

    // ------------------------------------------------------------------------------------------------------------------ views

    /// @inheritdoc ILiquidityVault
    function phase() external view returns (Phase) {
        return _clock.phase;
    }

    /// @inheritdoc ILiquidityVault
    function epoch() external view returns (uint256 number, uint256 cutOffAt) {
        Clock memory clock = _clock;
        if (clock.phase == Phase.Seeding) return (0, 0);
        return (clock.epoch + 1, cutOffOf(clock.cutOffDay));
    }

    /// @inheritdoc ILiquidityVault
    function tranche(IBook.Side side) external view returns (address) {
        return address(_trancheOf(side));
    }

    function _trancheOf(IBook.Side side) private view returns (ITranche) {
        return side == IBook.Side.Base ? BASE_TRANCHE : QUOTE_TRANCHE;
    }

    /// @inheritdoc ILiquidityVault
    function book() external view returns (address) {
        return address(BOOK);
    }

    /// @inheritdoc ILiquidityVault
    function terms() external view returns (Terms memory running, Terms memory next) {
        return (_terms, _nextTerms);
    }
}
