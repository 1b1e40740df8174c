// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { IBook } from "../../../contracts/interfaces/IBook.sol";
import { IClearinghouse } from "../../../contracts/interfaces/IClearinghouse.sol";
import { Report } from "../../../contracts/types/Report.sol";

/// WHAT   One owner's money behind a book, in the vault's place where a test wants no epochs: it funds, marks, and withdraws what is free. It
///        believes the report that its owner hands in.
/// CLAIMS b and q are what the owner put in of each asset; a mark multiplies both by g = E / (b S + q), rent that is due included. It has no epochs: nothing is ever due.
contract OwnerVault {
    using SafeERC20 for IERC20;

    uint256 private constant WAD = 1e18;

    address public immutable OWNER;
    IBook public immutable BOOK;
    IClearinghouse public immutable CLEARINGHOUSE;

    address private immutable BASE;
    uint256 private immutable BASE_SCALE;
    uint256 private immutable QUOTE_SCALE;

    /// b and q, WAD.
    uint256 public claimBase;
    uint256 public claimQuote;

    error OwnerVault_NotOwner(address caller);
    /// Without cut-offs nothing else keeps a mark from standing between two trades of a block.
    error OwnerVault_TradedInThisBlock(uint256 blockNumber);

    modifier onlyOwner() {
        if (msg.sender != OWNER) revert OwnerVault_NotOwner(msg.sender);
        _;
    }

    constructor(address owner, IBook book, IClearinghouse clearinghouse) {
        (OWNER, BOOK, CLEARINGHOUSE) = (owner, book, clearinghouse);
        IClearinghouse.Market memory market = clearinghouse.marketOf(book.market());
        (, uint8 quoteDecimals) = clearinghouse.quoteAsset();
        BASE = market.base;
        (BASE_SCALE, QUOTE_SCALE) = (10 ** (18 - market.baseDecimals), 10 ** (18 - quoteDecimals));
    }

    /// Puts `assets` of base or quote into the book's account; counts from the next {mark}.
    function fund(address asset, uint256 assets) external onlyOwner {
        IERC20(asset).safeTransferFrom(msg.sender, address(this), assets);
        IERC20(asset).forceApprove(address(CLEARINGHOUSE), assets);
        uint256 credited = CLEARINGHOUSE.deposit(asset, assets, address(BOOK));
        if (asset == BASE) claimBase += credited * BASE_SCALE;
        else claimQuote += credited * QUOTE_SCALE;
    }

    /// Takes free `assets` out; the claim falls by as much.
    function withdraw(address asset, uint256 assets, address receiver) external onlyOwner {
        if (asset == BASE) claimBase -= assets * BASE_SCALE;
        else claimQuote -= assets * QUOTE_SCALE;
        CLEARINGHOUSE.withdraw(asset, assets, address(BOOK), receiver);
    }

    /// Marks the book at `report` and writes claims and equity.
    function mark(Report calldata report) external onlyOwner {
        if (BOOK.read(new uint32[](0)).risk.tradedIn() == uint32(block.number))
            revert OwnerVault_TradedInThisBlock(block.number);
        IBook.Mark memory seen = BOOK.mark(report);
        uint256 equity = seen.equity + seen.rentBase + seen.rentQuote;
        uint256 claims = (claimBase * report.spot) / WAD + claimQuote;
        if (claims != 0) {
            claimBase = (claimBase * equity) / claims;
            claimQuote = (claimQuote * equity) / claims;
        }
        BOOK.assign(IBook.Assignment(claimBase, claimQuote, equity, seen.reserve, report.reportAt, 0));
    }

    /// Stops openings for good.
    function windDown() external onlyOwner {
        BOOK.windDown();
    }
}
