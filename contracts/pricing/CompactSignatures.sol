// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Signatures of 64 bytes (EIP-2098), one after the other: r, then s with the parity of the point in its top
/// bit.
library CompactSignatures {
    uint256 internal constant LENGTH = 64;

    /// Half the order of secp256k1: s is at most this, so that a signature has one form only.
    uint256 private constant HALF_ORDER = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    /// The length is no multiple of 64.
    error CompactSignatures_Truncated(uint256 length);
    error CompactSignatures_HighS(uint256 index);
    /// The signature recovers to nobody.
    error CompactSignatures_Invalid(uint256 index);

    function count(bytes calldata signatures) internal pure returns (uint256) {
        if (signatures.length % LENGTH != 0) revert CompactSignatures_Truncated(signatures.length);
        return signatures.length / LENGTH;
    }

    /// Who signed `digest` in the signature at `index`, below {count}; never the zero address.
    function signerAt(
        bytes calldata signatures,
        uint256 index,
        bytes32 digest
    ) internal pure returns (address signer) {
        bytes32 r;
        uint256 s;
        assembly ("memory-safe") {
            let offset := add(signatures.offset, shl(6, index))
            r := calldataload(offset)
            s := calldataload(add(offset, 32))
        }
        uint8 v;
        // s >> 255 is 0 or 1.
        unchecked {
            v = uint8(27 + (s >> 255));
        }
        s &= type(uint256).max >> 1;
        if (s > HALF_ORDER) revert CompactSignatures_HighS(index);
        signer = ecrecover(digest, v, r, bytes32(s));
        if (signer == address(0)) revert CompactSignatures_Invalid(index);
    }
}
