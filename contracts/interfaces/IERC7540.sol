// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// ERC-7540, the asynchronous vault, in the three parts that have an ERC-165 id each.
// Source: https://eips.ethereum.org/EIPS/eip-7540
// solhint-disable one-contract-per-file

/// The part that every ERC-7540 vault has; ERC-165 id 0xe3bc4e65.
interface IERC7540Operator {
    /// `controller` lets `operator` manage its requests, or no longer.
    event OperatorSet(address indexed controller, address indexed operator, bool approved);

    /// Lets `operator` request, cancel and claim in the caller's name, or no longer. It may take both assets and
    /// shares of the caller: approve only whom one trusts with all. Returns true.
    function setOperator(address operator, bool approved) external returns (bool success);

    /// Whether `operator` may manage the requests of `controller`.
    function isOperator(address controller, address operator) external view returns (bool status);
}

/// Deposits by request; ERC-165 id 0xce3bbe50. States: pending -> claimable -> claimed, none skipped, nothing pushed.
interface IERC7540Deposit {
    /// `assets` of `owner` wait under `controller`; `sender` called.
    event DepositRequest(
        address indexed controller,
        address indexed owner,
        uint256 indexed requestId,
        address sender,
        uint256 assets
    );

    /// Takes `assets` from `owner` and lets them wait. The caller is `owner` or its operator.
    /// @return requestId Zero where requests are told apart by controller alone.
    function requestDeposit(
        uint256 assets,
        address controller,
        address owner
    ) external returns (uint256 requestId);

    /// Assets of `controller` that wait; without what is claimable. Never reverts.
    function pendingDepositRequest(
        uint256 requestId,
        address controller
    ) external view returns (uint256 assets);

    /// Assets of `controller` whose shares may be claimed. Never reverts.
    function claimableDepositRequest(
        uint256 requestId,
        address controller
    ) external view returns (uint256 assets);

    /// Claims the shares of `assets` that became claimable. The caller is `controller` or its operator.
    function deposit(uint256 assets, address receiver, address controller) external returns (uint256 shares);

    /// Claims `shares` of what became claimable. The caller is `controller` or its operator.
    function mint(uint256 shares, address receiver, address controller) external returns (uint256 assets);
}

/// Withdrawals by request; ERC-165 id 0x620ee8e4. Claimed by `redeem` and `withdraw` of ERC-7575, whose `owner` then
/// means the controller.
interface IERC7540Redeem {
    /// `shares` of `owner` wait under `controller`; `sender` called.
    event RedeemRequest(
        address indexed controller,
        address indexed owner,
        uint256 indexed requestId,
        address sender,
        uint256 shares
    );

    /// Takes `shares` from `owner` and lets them wait. The caller is `owner`, its operator, or has its ERC-20
    /// allowance.
    /// @return requestId Zero where requests are told apart by controller alone.
    function requestRedeem(
        uint256 shares,
        address controller,
        address owner
    ) external returns (uint256 requestId);

    /// Shares of `controller` that wait; without what is claimable. Never reverts.
    function pendingRedeemRequest(
        uint256 requestId,
        address controller
    ) external view returns (uint256 shares);

    /// Shares of `controller` whose assets may be claimed. Never reverts.
    function claimableRedeemRequest(
        uint256 requestId,
        address controller
    ) external view returns (uint256 shares);
}
