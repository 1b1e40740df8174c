// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC6909TokenSupply } from "@openzeppelin/contracts/interfaces/IERC6909.sol";
import { Expiries } from "../types/Expiries.sol";
import { PackedCollateral } from "../types/PackedCollateral.sol";
import { SeriesId } from "../types/SeriesId.sol";
import { StrikePosition } from "../types/StrikePosition.sol";
import { ISelfEndingPause } from "./ISelfEndingPause.sol";

/// WHAT     Collateral, positions and option tokens of several markets that share one quote asset; listing and
///          settlement. An option token (ERC-6909, its id is the SeriesId) is the bearer form of a long. Calls are
///          covered by and paid in the market's base asset, puts in the quote asset, so every token is always paid in
///          full (promise 1).
/// UNITS    Option amounts, positions, strikes and settlement prices: WAD (1e18 = one option on one base unit).
///          `assets`: the token's own decimals. Times: unix seconds.
/// COVERAGE Per account, market and expiry, n_i = written less deposited of strike K_i:
///
///            base  = max(0, max over S in (0, inf] of sum over calls n_i (1 - K_i/S)+),   at S = inf: sum n_i
///            quote = max(0, max over S in [0, inf) of sum over puts  n_i (K_i - S)+),     at S = 0:   sum n_i K_i
///
///          each rounded up to whole units of its token. Nothing nets across expiries or assets. An account of plain
///          sums gets nothing for deposited longs: base = sum max(n_i, 0), quote = sum max(n_i, 0) K_i.
/// RULES    Only {mint} and {withdraw}, alone or inside {exchange}, lower safety, so only they check coverage. Mint
///          and burn end at expiry. One rounding per account, asset and expiry, against the account.
/// HOLDS    sum of positions + token supply = 0 in every series until it settles (C2); balance of a token here >= what
///          accounts, redemptions and unrealized expiries own of it (C1); locked >= owed at every settlement price (C3).
/// CALLS    Tokens, and ISpotOracle (listing only); nothing above it.
/// TOKENS   Believed only as far as the balance here moves: fees, rebasing, hooks and odd returns work exactly or revert
///          the call (see Custody). A token that takes balances away harms its own holders only.
/// ROLES    Account: its own calls. Delegate: what its scopes name. Operator and allowance (ERC-6909): moves, burns
///          and redeems tokens, nothing else. Anyone: {list}. The market's ISettlementOracle: {settle}. Council: {listReserved}. Governor:
///          {registerMarket}. Guardian: pause of {mint}, {list}, {listReserved} and the minting legs of {exchange};
///          everything else goes on.
interface IClearinghouse is IERC6909TokenSupply, ISelfEndingPause {
    /// What a delegate may do on an account, as bits of `scopes`:
    ///   1  TRADE     mint, burn into the account, and pay premium inside {exchange}
    ///   2  WITHDRAW  withdraw
    ///   4  REALIZE   realize
    ///   8  REDEEM    redeem the account's tokens, a whole balance at a time, to the account's own address only
    /// TRADE can pay out all that is free as premium, and take the longs that the account has deposited by minting them to
    /// itself: it is trust with both. Safe from it is only what is locked, and a long in whose place more than is free would
    /// have to be locked.
    /// Granted to `address(0)`, a scope is everybody's; only REALIZE and REDEEM may be: that is the opt-in to
    /// automatic redemption. Any scope by name allows to deposit into it.
    /// @param account Who grants.
    /// @param delegate Who may, or `address(0)` for everybody.
    /// @param scopes The bits; 0 revokes.
    /// @param nonce The account's next nonce.
    /// @param deadline Last second at which the signature counts.
    struct Authorization {
        address account;
        address delegate;
        uint8 scopes;
        uint256 nonce;
        uint256 deadline;
    }

    /// An amount of one series. Positive: tokens are minted (the account's position falls). Negative: tokens are
    /// burned (it rises).
    struct Leg {
        SeriesId series;
        int256 amount;
    }

    /// Who stands where in an exchange.
    /// @param account Whose positions and collateral move.
    /// @param from Whose tokens are burned; the caller, or one that gave the caller operator or allowance.
    /// @param to Who gets the minted tokens and what the account pays.
    /// @param quoteAssets Premium in quote. Positive: has been sent here before the call and is credited to the
    /// account. Negative: is paid out of the account's free balance to `to`.
    /// @param baseAssets The same in the base asset of the legs' market; how a buy-back is paid once free quote is
    /// gone.
    struct Exchange {
        address account;
        address from;
        address to;
        int256 quoteAssets;
        int256 baseAssets;
    }

    /// A market, for good: terms of a live series never change (K3). Quote is the same in all markets: {quoteAsset}.
    /// @param base The base asset; calls settle in it.
    /// @param baseDecimals As pinned at registration, at most 18; compared at every call that moves the token (S10).
    /// @param minimumAmount Smallest amount of an option that can be minted, WAD.
    /// @param spotOracle Gives the band in which strikes may be listed.
    /// @param settlementOracle Gives the price of an expiry.
    /// @param name What symbols of its series begin with, such as "ETH"; ASCII, left-aligned.
    struct Market {
        address base;
        uint8 baseDecimals;
        uint80 minimumAmount;
        address spotOracle;
        address settlementOracle;
        bytes32 name;
    }

    /// `assets` came in for `account`: what the token's balance rose by, not what was asked for.
    event Deposited(address indexed caller, address indexed account, address indexed asset, uint256 assets);

    /// `assets` left `account`.
    event Withdrawn(
        address indexed caller,
        address indexed account,
        address indexed asset,
        uint256 assets,
        address receiver
    );

    /// A position and a token supply moved by the same amount. Positive: minted to `holder`; negative: burned from
    /// `holder`.
    /// @param position The account's position afterwards.
    /// @param locked Likewise, what the account has locked for all calls (in base) of the expiry, or all its puts (in
    /// quote), whichever the series is. Else this changes only by {Realized}, to 0.
    event PositionMoved(
        address indexed account,
        SeriesId indexed series,
        address indexed holder,
        int256 amount,
        int256 position,
        uint256 locked
    );

    /// Premium went into (positive) or out of (negative) an account inside an exchange.
    event PremiumPaid(
        address indexed account,
        address indexed caller,
        uint32 indexed market,
        int256 quoteAssets,
        int256 baseAssets
    );

    /// Call and put at `strike` can be traded; `evictedStrike` (0: none) made room.
    event Listed(
        address indexed caller,
        uint32 indexed market,
        uint32 indexed expiryAt,
        uint256 strike,
        uint256 evictedStrike
    );

    /// The price of an expiry stands.
    event Settled(uint32 indexed market, uint32 indexed expiryAt, uint256 price);

    /// An account's positions of an expiry became assets. Negative: the account paid what it owed.
    event Realized(
        address indexed account,
        uint32 indexed market,
        uint32 indexed expiryAt,
        int256 baseAssets,
        int256 quoteAssets
    );

    /// Tokens of a settled series were paid, in base for a call, in quote for a put.
    event Redeemed(
        address indexed owner,
        SeriesId indexed series,
        address indexed receiver,
        uint256 amount,
        uint256 assets,
        address caller
    );

    /// An account changed what a delegate may do.
    event Authorized(address indexed account, address indexed delegate, uint8 scopes);

    /// An account chose plain sums, or the exact worst case again.
    event PlainSumsChosen(address indexed account, bool plainSums);

    /// A market was registered.
    event MarketRegistered(uint32 indexed market, Market terms);

    // ---- collateral

    /// Pulls `assets` from the caller and credits what arrives to `account`: the caller's own, or one that granted
    /// the caller any scope (else strangers could change the balance of the vault).
    /// @return credited The measured rise of the balance here; less than `assets` for a token with a fee.
    function deposit(address asset, uint256 assets, address account) external returns (uint256 credited);

    /// Sends free `assets` of `account` to `receiver`. Account or WITHDRAW. Never paused.
    /// Reverts if what is left is less than what is locked.
    function withdraw(address asset, uint256 assets, address account, address receiver) external;

    // ---- positions and tokens

    /// Writes `amount` on `account` and gives the tokens to `to`. Account or TRADE. Risk-increasing: may be paused.
    /// Reverts when not listed, at and after expiry, below the minimum amount, and when coverage exceeds the balance.
    function mint(SeriesId series, uint256 amount, address account, address to) external;

    /// Takes `amount` of tokens from `from` and raises the position of `account`: buys back what it wrote, and
    /// deposits the rest as a long. `from`: the caller, or one that gave the caller operator or allowance. `account`:
    /// the caller, or one that granted it TRADE. Never paused; ends at expiry.
    function burn(SeriesId series, uint256 amount, address from, address account) external;

    /// Several legs of one market and the premium for them in one locked call: burns, then mints, then premium, then
    /// one check of coverage; leaves the state that the single calls would (C7). Account or TRADE; `from`
    /// as in {burn}.
    ///
    /// Premium to the account is never pulled: the caller sends it here first, in the same transaction, and it is
    /// credited out of the measured surplus of the token (balance less all that is owned here); reverts if the
    /// surplus is smaller. What somebody sends without such a call is a gift to whoever asks first, and nothing
    /// counts on it (V1). Minting legs may be paused; an exchange without any never is.
    function exchange(Exchange calldata terms, Leg[] calldata legs) external;

    // ---- listing, settlement

    /// Lists call and put at `strike` of an expiry. Anyone; may be paused.
    /// The expiry must be one of the calendar and within the longest tenor, the strike on the grid and within the
    /// band around spot. At most 16 expiries, reserved by kind, and 32 strikes each, a quarter of them reserved for
    /// {listReserved}: the numbers are in ListingRules.
    /// @param evictedStrike 0 while there is room; else a listed strike of that expiry that nobody has held or
    /// written for a day, which loses its place.
    function list(uint32 market, uint32 expiryAt, uint128 strike, uint128 evictedStrike) external;

    /// As {list}, with the reserved places too. Council; may be paused.
    function listReserved(uint32 market, uint32 expiryAt, uint128 strike, uint128 evictedStrike) external;

    /// Stores the settlement price of an expiry (WAD), for good. The market's ISettlementOracle alone, as it fixes the
    /// price, once, at or after expiry; never paused; its gas does not depend on the number of holders.
    function settle(uint32 market, uint32 expiryAt, uint256 price) external;

    /// Turns the positions of `account` at a settled expiry into assets and unlocks the rest: what is owed is rounded
    /// up and what is due down, once per asset. Account or REALIZE. Never paused, and does nothing the second time.
    /// @return baseAssets Net change of the account's base balance; negative when it owed.
    /// @return quoteAssets The same for quote.
    function realize(
        address account,
        uint32 market,
        uint32 expiryAt
    ) external returns (int256 baseAssets, int256 quoteAssets);

    /// Burns `amount` of tokens of a settled series and pays, with A the settlement price:
    ///   call: amount (1 - K/A)+ in base;   put: amount (K - A)+ in quote;   rounded down.
    /// Owner, its operator, its allowance; or REDEEM, then only with `receiver == owner`, for a payout pushed by a
    /// stranger would strand in whatever protocol holds the token, and of the owner's whole balance, of which `amount` is the
    /// least, for in pieces a stranger would round it away (T2). Never paused.
    function redeem(
        SeriesId series,
        uint256 amount,
        address receiver,
        address owner
    ) external returns (uint256 assets);

    // ---- permissions

    /// Sets what `delegate` may do on the caller's account; see {Authorization} for the bits. Uses up a nonce, so every
    /// signature of the caller that was not handed in yet is void; a repeated call cancels them.
    function authorize(address delegate, uint8 scopes) external;

    /// As {authorize} on behalf of who signed (EIP-712; contracts by ERC-1271). Anyone may hand it in, once.
    function authorizeBySignature(Authorization calldata authorization, bytes calldata signature) external;

    /// Chooses plain sums for the caller's account (or not): O(1) whatever it deposits, and what a buy-back frees is
    /// always what the written option had locked. Counts in each expiry from the next position that the account takes
    /// there while it has none: what is open keeps its rule.
    function choosePlainSums(bool plainSums) external;

    /// Opens a market, for good. Governor. Reverts on a number already taken, on base and quote alike, and on a token
    /// that has more than 18 decimals or others than the terms say.
    function registerMarket(uint32 market, Market calldata terms) external;

    // ---- views
    // They revert in the middle of a call that moves tokens, because others may price with them (K5).

    /// The asset that puts of all markets settle in, and its pinned decimals.
    function quoteAsset() external view returns (address asset, uint8 decimals);

    /// The terms of a market; reverts where there is none.
    function marketOf(uint32 market) external view returns (Market memory terms);

    /// An account's balance of a token, and how much of it is locked by coverage; the difference is free.
    function collateral(
        address account,
        address asset
    ) external view returns (uint256 balance, uint256 locked);

    /// Both of a market's collaterals of an account, `base` being its base asset, each in one word.
    function packedCollaterals(
        address account,
        address base
    ) external view returns (PackedCollateral baseWord, PackedCollateral quoteWord);

    /// What accounts, unpaid redemptions and rounding dust own of a token here; a balance beyond it is nobody's (C1).
    function held(address asset) external view returns (uint256 assets);

    /// Negative: written; positive: deposited long. WAD.
    function position(address account, SeriesId series) external view returns (int256 amount);

    /// All positions of an account at one expiry, a word for each strike that has one, in the order of their places; none once they are realized.
    function positions(
        address account,
        uint32 market,
        uint32 expiryAt
    ) external view returns (StrikePosition[] memory words);

    /// Whether a series can be written or bought back, as far as its listing goes.
    function isListed(SeriesId series) external view returns (bool);

    /// What an account has locked for one expiry, and whether by plain sums.
    function coverage(
        address account,
        uint32 market,
        uint32 expiryAt
    ) external view returns (uint256 baseAssets, uint256 quoteAssets, bool plainSums);

    /// Live expiries of a market, ascending; settled ones leave the list.
    function expiries(uint32 market) external view returns (uint32[] memory expiriesAt);

    /// The same in one word, as days from its lowest lane up.
    function liveExpiries(uint32 market) external view returns (Expiries);

    /// Strikes of an expiry by their place (0: free); the place is the strike's bit in an account's bitmap.
    function strikes(uint32 market, uint32 expiryAt) external view returns (uint128[] memory strikeAtPlace);

    /// The settlement price, WAD; 0 until settled.
    function settlementPrice(uint32 market, uint32 expiryAt) external view returns (uint256 price);

    /// The bits that `delegate` has on `account`, those of everybody included.
    function scopes(address account, address delegate) external view returns (uint8 bits);

    /// The next nonce for a signature of `account`.
    function nonces(address account) external view returns (uint256 nonce);
}
