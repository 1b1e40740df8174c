// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// ERC-7887 (draft), the way back from a request of ERC-7540, in its two parts. The draft lets a cancelation go
// straight from pending to claimable. Source: https://eips.ethereum.org/EIPS/eip-7887
// solhint-disable one-contract-per-file

/// Deposit requests can be cancelled; ERC-165 id 0x8bf840e3.
interface IERC7887Deposit {
    /// `sender` cancelled the deposit request of `controller`.
    event CancelDepositRequest(address indexed controller, uint256 indexed requestId, address sender);

    /// `assets` of a cancelled request went to `receiver`.
    event CancelDepositClaim(
        address indexed controller,
        address indexed receiver,
        uint256 indexed requestId,
        address sender,
        uint256 assets
    );

    /// Cancels all that is pending. While a cancelation is pending, new deposit requests revert.
    /// The caller is `controller` or its operator.
    function cancelDepositRequest(uint256 requestId, address controller) external;

    /// Whether a cancelation waits. Never reverts.
    function pendingCancelDepositRequest(
        uint256 requestId,
        address controller
    ) external view returns (bool isPending);

    /// Assets that came back and wait for their claim. Never reverts.
    function claimableCancelDepositRequest(
        uint256 requestId,
        address controller
    ) external view returns (uint256 assets);

    /// Sends the assets that came back to `receiver`. The caller is `controller` or its operator.
    function claimCancelDepositRequest(uint256 requestId, address receiver, address controller) external;
}

/// Redeem requests can be cancelled; ERC-165 id 0xe76cffc7.
interface IERC7887Redeem {
    /// `sender` cancelled the redeem request of `controller`.
    event CancelRedeemRequest(address indexed controller, uint256 indexed requestId, address sender);

    /// `shares` of a cancelled request went to `receiver`.
    event CancelRedeemClaim(
        address indexed controller,
        address indexed receiver,
        uint256 indexed requestId,
        address sender,
        uint256 shares
    );

    /// Cancels all that is pending. While a cancelation is pending, new redeem requests revert.
    /// The caller is `controller` or its operator.
    function cancelRedeemRequest(uint256 requestId, address controller) external;

    /// Whether a cancelation waits. Never reverts.
    function pendingCancelRedeemRequest(
        uint256 requestId,
        address controller
    ) external view returns (bool isPending);

    /// Shares that came back and wait for their claim. Never reverts.
    function claimableCancelRedeemRequest(
        uint256 requestId,
        address controller
    ) external view returns (uint256 shares);

    /// Sends the shares that came back to `receiver`. The caller is `controller` or its operator.
    function claimCancelRedeemRequest(uint256 requestId, address receiver, address controller) external;
}
