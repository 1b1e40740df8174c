// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// ERC-7575, the complete vault: ERC-4626 with the share token named by {share}.
/// Source: https://eips.ethereum.org/EIPS/eip-7575
///
/// Not `is IERC4626`: an ERC-165 id covers only what an interface declares itself, and the standard's id 0x2f0a18c5
/// is the XOR of the seventeen functions below; besides, a vault of this kind need not be an ERC-20 itself.
///
/// In a vault with requests (ERC-7540) the entry and exit functions pay out what is claimable, and `preview*` revert.
interface IERC7575 {
    /// `sender` brought `assets` in, `owner` got `shares`. With requests: `sender` is the controller, `owner` the
    /// receiver.
    event Deposit(address indexed sender, address indexed owner, uint256 assets, uint256 shares);

    /// `assets` went out to `receiver` for `shares` of `owner`. With requests: `owner` is the controller.
    event Withdraw(
        address indexed sender,
        address indexed receiver,
        address indexed owner,
        uint256 assets,
        uint256 shares
    );

    /// The token that goes in and comes out.
    function asset() external view returns (address assetToken);

    /// The ERC-20 that stands for shares; may be this contract. Must not revert.
    function share() external view returns (address shareToken);

    /// Average worth of `assets` in shares, rounded down, apart from the caller, limits and fees.
    function convertToShares(uint256 assets) external view returns (uint256 shares);

    /// Average worth of `shares` in assets, rounded down, apart from the caller, limits and fees.
    function convertToAssets(uint256 shares) external view returns (uint256 assets);

    /// Assets that the vault manages, fees on them included.
    function totalAssets() external view returns (uint256 assets);

    /// The most `assets` that {deposit} takes for `receiver` now.
    function maxDeposit(address receiver) external view returns (uint256 assets);

    /// Shares for `assets` by {deposit}, rounded down.
    function previewDeposit(uint256 assets) external view returns (uint256 shares);

    /// Exactly `assets` in, shares to `receiver`, rounded down.
    function deposit(uint256 assets, address receiver) external returns (uint256 shares);

    /// The most `shares` that {mint} gives to `receiver` now.
    function maxMint(address receiver) external view returns (uint256 shares);

    /// Assets for `shares` by {mint}, rounded up.
    function previewMint(uint256 shares) external view returns (uint256 assets);

    /// Exactly `shares` to `receiver`, assets in, rounded up.
    function mint(uint256 shares, address receiver) external returns (uint256 assets);

    /// The most `assets` that {withdraw} pays for `owner` now.
    function maxWithdraw(address owner) external view returns (uint256 assets);

    /// Shares for `assets` by {withdraw}, rounded up.
    function previewWithdraw(uint256 assets) external view returns (uint256 shares);

    /// Exactly `assets` to `receiver` for shares of `owner`, rounded up.
    function withdraw(uint256 assets, address receiver, address owner) external returns (uint256 shares);

    /// The most `shares` that {redeem} takes from `owner` now.
    function maxRedeem(address owner) external view returns (uint256 shares);

    /// Assets for `shares` by {redeem}, rounded down.
    function previewRedeem(uint256 shares) external view returns (uint256 assets);

    /// Exactly `shares` of `owner` in, assets to `receiver`, rounded down.
    function redeem(uint256 shares, address receiver, address owner) external returns (uint256 assets);
}
