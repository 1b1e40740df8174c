// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC165 } from "@openzeppelin/contracts/interfaces/IERC165.sol";
import { IERC20Metadata } from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import { IERC7540Deposit, IERC7540Operator, IERC7540Redeem } from "./IERC7540.sol";
import { IERC7575 } from "./IERC7575.sol";
import { IERC7887Deposit, IERC7887Redeem } from "./IERC7887.sol";
import { ISelfEndingPause } from "./ISelfEndingPause.sol";

/// WHAT     One tranche's share token (ERC-20) and its desk (ERC-7540, both ways asynchronous; ERC-7887 cancelation):
///          takes requests, waits for the vault's epoch, pays claims. There are two, base and quote, each in its own
///          asset.
/// UNITS    `assets`, `shares`: the tokens' own decimals; shares have those of the asset.
/// STANDARD One aggregated request per controller: `requestId` is always 0. `preview*` revert. `maxDeposit`,
///          `maxMint`, `maxWithdraw`, `maxRedeem`: what is claimable. A cancelation is claimable at once. `share()`
///          is this contract.
/// EPOCHS   From a cut-off until that epoch's {fill}, requests and cancelations are frozen, so nobody chooses after
///          having seen the mark. A fill takes the same part of every request (deposits and withdrawals apart); the
///          rest rolls over. Scale and stage keep it O(1) per user and per fill, also after a full fill.
/// MONEY    Pending deposits and claimable assets are held here, apart from the vault's, so the vault's equity never
///          counts them (V8), and claims are never repriced (V5).
/// SHARES   Pending withdrawals and claimable shares are no user's ERC-20 balance: `Transfer` events show them as burned
///          or not yet minted. `totalSupply` and `balanceOf(this)` include them.
/// NAV      claim / (`totalSupply` + virtual shares), the claim as the book has it: {convertToAssets}.
/// HOLDS    balance of the asset >= pending deposits + claimable assets; no share of a request is both pending and
///          claimable; shares and assets of a claim round down, so claims of all never exceed what was filled.
/// ROLES    Controller or operator: requests, cancelations, claims. Vault: {fill}, {mintFee}, {burnForFloor}. Governor:
///          {setTerms}. Council: {tightenTerms}. Guardian: pause of {requestDeposit} only.
/// CALLS    Its asset; IBook: its claim (`totalAssets`) and, after a change of pending withdrawals,
///          {IBook-setPending}. Not the vault.
interface ITranche is
    IERC165,
    IERC20Metadata,
    IERC7575,
    IERC7540Operator,
    IERC7540Deposit,
    IERC7540Redeem,
    IERC7887Deposit,
    IERC7887Redeem,
    ISelfEndingPause
{
    /// What one epoch does to all requests.
    /// @param depositAssets Pending deposits that enter, <= all pending.
    /// @param mintedShares Shares for them, at the NAV of the ask side, rounded down. Without deposits: shares for
    /// nobody, as the seed's.
    /// @param redeemShares Pending withdrawals that leave, <= all pending.
    /// @param paidAssets Assets for them, at the NAV of the bid side, rounded down.
    /// @param nextCutOffAt The next freeze, unix seconds; in the past, requests stay frozen.
    /// @param depositsOpen Whether new deposit requests are taken until then.
    struct Fill {
        uint256 depositAssets;
        uint256 mintedShares;
        uint256 redeemShares;
        uint256 paidAssets;
        uint40 nextCutOffAt;
        bool depositsOpen;
    }

    /// What waits, over all controllers.
    /// @param depositAssets Pending deposits.
    /// @param redeemShares Pending withdrawals.
    /// @param claimableAssets Assets set apart for claims of withdrawals and cancelled deposits.
    /// @param claimableShares Shares set apart for claims of deposits and cancelled withdrawals, and the seed's.
    /// @param cutOffAt The next freeze: requests and cancelations are frozen once it has passed. If no epoch has ended three days
    /// later, pending deposits may be cancelled.
    /// @param depositsOpen Whether deposit requests are taken.
    struct Queue {
        uint256 depositAssets;
        uint256 redeemShares;
        uint256 claimableAssets;
        uint256 claimableShares;
        uint40 cutOffAt;
        bool depositsOpen;
    }

    /// @param cap Largest total of assets and pending deposits; it never keeps anybody in.
    /// @param minimumAssets Smallest deposit request.
    /// @param minimumShares Smallest redeem request; a whole balance may always be requested (V7). Both at least 1, at most
    /// one token of the base tranche, a thousand of the quote tranche.
    struct Terms {
        uint256 cap;
        uint256 minimumAssets;
        uint256 minimumShares;
    }

    /// An epoch filled requests. `scale 2^(-32 stage)` over what it was when a request was made is the part of it that is
    /// still pending (RequestQueue).
    event Filled(
        uint256 indexed epoch,
        Fill fill,
        uint256 depositScale,
        uint256 depositStage,
        uint256 redeemScale,
        uint256 redeemStage
    );

    /// Shares left at the floor, from a pending request first.
    event BurnedForFloor(address indexed owner, uint256 shares, uint256 pendingShares);

    /// The governor set, or the council (`tightened`) lowered, the terms.
    event TermsSet(Terms terms, bool tightened);

    /// Carries out an epoch, once the book has its claims. Vault only. With deposits above payouts it sends the
    /// difference to the vault; else the vault has sent the difference here before.
    function fill(uint256 epoch, Fill calldata fill_) external;

    /// Mints `shares` to the receiver of the vault's fees. Vault only.
    function mintFee(address receiver, uint256 shares) external;

    /// Burns `shares` of `owner` that leave at the floor: out of its pending request first, frozen or not, then out
    /// of its balance. Vault only, which has made sure that `owner` or its operator asks.
    function burnForFloor(address owner, uint256 shares) external;

    /// Sets the terms within bounds in code. Governor.
    function setTerms(Terms calldata terms_) external;

    /// As {setTerms}, but reverts unless the cap falls or stays and the minima stay: a minimum may not be raised at
    /// once over those who are in. Council.
    function tightenTerms(Terms calldata terms_) external;

    /// What waits.
    function queue() external view returns (Queue memory queue_);

    /// The terms.
    function terms() external view returns (Terms memory terms_);
}
