// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Who fills the hedge auction by callback: it gets the vault's side first and has to deliver the other before it
/// returns.
interface IHedgeFiller {
    /// Called inside {IDeltaHedger-fill}, after `sentAssets` of `sentAsset` have gone to the receiver that the filler
    /// named. Transfer `owedAssets` of `owedAsset` to the caller, or the fill reverts as a whole. Check that the
    /// caller is the hedger.
    /// @param data As handed to `fill`.
    function onHedgeFill(
        address sentAsset,
        uint256 sentAssets,
        address owedAsset,
        uint256 owedAssets,
        bytes calldata data
    ) external;
}
