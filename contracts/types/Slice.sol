// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// The smile of one expiry in one word: raw SVI, w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)), with the basis of its
/// forward and the time of its report.
///
///     255      222 221   188 187 152 151 120 119    115 114  83 82  64 63      32 31     0
///    | m, signed  |  sigma  |   b   |  rho  | exponent | basis | flags | reportAt | w(0)  |
///    |     34     |    34   |   36  |   32  |     5    |   32  |   19  |    32    |  32   |
///
/// One power of two, the unit U = 2^(exponent - 16), carries the scale of all lengths: the normal form has
/// U <= sqrt(w(0)) < 2U, that is, a field w(0) >= 2^30. So the fields keep their relative precision from minutes to years.
///
///    field     counts in       range                    field     counts in       range
///    w(0)      U^2 / 2^30      [0, 4) U^2               sigma     U / 2^28        [0, 64) U
///    b         U / 2^29        [0, 128) U               rho       1 / 2^31        [-1, 1)
///    m         U / 2^28        [-32, 32) U              basis     1 / 2^31        [-1, 1), ln(F/S) at reportAt
///
/// (b is a variance per length, U^2 / U.) w(0) stands in for a = w(0) - b (sqrt(m^2 + sigma^2) - rho m), because
/// long smiles are near-parabolas, in which a and b sigma are large and cancel.
///
/// The order is the cheapest to decode: `m` and `w(0)` at the ends need one operation, every other field two.
type Slice is uint256;

using SliceFields for Slice global;

/// Reads single fields; what they mean together is the business of `Svi`. Words are packed by `quantise` of the sdk.
library SliceFields {
    /// w(0), the total variance at k = 0, in U^2 / 2^30.
    function atmVariance(Slice slice) internal pure returns (uint256) {
        return Slice.unwrap(slice) & 0xffffffff;
    }

    /// The time of the report, in unix seconds.
    function reportAt(Slice slice) internal pure returns (uint256) {
        return (Slice.unwrap(slice) >> 32) & 0xffffffff;
    }

    /// Free for the surface; pricing ignores them.
    function flags(Slice slice) internal pure returns (uint256) {
        return (Slice.unwrap(slice) >> 64) & 0x7ffff;
    }

    /// ln(F/S) at the time of the report, in 1 / 2^31.
    function basis(Slice slice) internal pure returns (int256) {
        return int256(Slice.unwrap(slice) << 141) >> 224;
    }

    /// The unit of the other fields: U = 2^(exponent - 16).
    function exponent(Slice slice) internal pure returns (uint256) {
        return (Slice.unwrap(slice) >> 115) & 0x1f;
    }

    /// rho in 1 / 2^31; -2^31, which stands for -1, is no valid correlation.
    function rho(Slice slice) internal pure returns (int256) {
        return int256(Slice.unwrap(slice) << 104) >> 224;
    }

    /// b in U / 2^29.
    function b(Slice slice) internal pure returns (uint256) {
        return (Slice.unwrap(slice) >> 152) & 0xfffffffff;
    }

    /// sigma in U / 2^28.
    function sigma(Slice slice) internal pure returns (uint256) {
        return (Slice.unwrap(slice) >> 188) & 0x3ffffffff;
    }

    /// m in U / 2^28.
    function m(Slice slice) internal pure returns (int256) {
        return int256(Slice.unwrap(slice)) >> 222;
    }
}
