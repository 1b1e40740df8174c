// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Assembly needs the constants by their plain names.
// solhint-disable-next-line no-global-import
import "./Coefficients.sol";

/// Binary fixed point, 96 fractional bits (X96).
library Numerics {
    uint256 internal constant ONE = 1 << 96;

    function halfLogRatio(uint256 low, uint256 high) internal pure returns (int256 halfLogX192) {
        assembly ("memory-safe") {
            let fourLow := shl(2, low)
            let y := sdiv(shl(96, sub(high, fourLow)), add(high, fourLow))
            let square := shr(96, mul(y, y))
            let f := sub(ATANH_A5, square)
            f := sub(sub(ATANH_A4, square), div(ATANH_C5, f))
            f := sub(sub(ATANH_A3, square), div(ATANH_C4, f))
            f := sub(sub(ATANH_A2, square), div(ATANH_C3, f))
            f := sub(sub(ATANH_A1, square), div(ATANH_C2, f))
            f := add(ATANH_A0, div(ATANH_C1, f))
            halfLogX192 := add(LN2, mul(y, f))
        }
    }

    function sqrt(uint256 x) internal pure returns (uint256 root) {
        assembly ("memory-safe") {
            let r := shr(shr(1, clz(x)), 0xb504f333f9de6484597d89b3754abe9f)
            let sum := add(r, div(x, r))
            r := add(shr(2, sum), div(x, sum))
            sum := add(r, div(x, r))
            r := add(shr(2, sum), div(x, sum))
            root := shr(1, add(r, div(x, r)))
        }
    }

    function sqrtDifference(uint256 x, uint256 y) internal pure returns (int256 twice) {
        assembly ("memory-safe") {
            let r := shr(shr(1, clz(x)), 0xb504f333f9de6484597d89b3754abe9f)
            let sum := add(r, div(x, r))
            r := add(shr(2, sum), div(x, sum))
            sum := add(r, div(x, r))
            r := add(shr(2, sum), div(x, sum))
            let q := shr(shr(1, clz(y)), 0xb504f333f9de6484597d89b3754abe9f)
            sum := add(q, div(y, q))
            q := add(shr(2, sum), div(y, sum))
            sum := add(q, div(y, q))
            q := add(shr(2, sum), div(y, sum))
            twice := sub(add(r, div(x, r)), add(q, div(y, q)))
        }
    }

    function density(int256 z) internal pure returns (uint256 phi) {
        assembly ("memory-safe") {
            let y := div(mul(z, z), LN4)
            let r := sub(and(y, 0xffffffffffffffffffffffff), 0x800000000000000000000000)
            let square := shr(96, mul(r, r))
            let g := sub(add(square, EXP2_A1), div(EXP2_C2, add(square, EXP2_A2)))
            g := sub(EXP2_A0, div(EXP2_C1, g))
            phi := shr(shr(96, y), div(mul(DENSITY, sub(g, r)), add(g, r)))
        }
    }

    function mills(uint256 u, uint256 v) internal pure returns (uint256 millsU, uint256 millsV) {
        assembly ("memory-safe") {
            let a := add(u, MILLS_A9)
            a := add(add(u, MILLS_A8), div(MILLS_C9, a))
            a := add(add(u, MILLS_A7), div(MILLS_C8, a))
            a := sub(add(u, div(MILLS_C7, a)), MILLS_A6)
            a := sub(add(u, MILLS_A5), div(MILLS_C6, a))
            a := add(add(u, MILLS_A4), div(MILLS_C5, a))
            a := sub(add(u, MILLS_A3), div(MILLS_C4, a))
            a := sub(add(u, div(MILLS_C3, a)), MILLS_A2)
            a := add(add(u, MILLS_A1), div(MILLS_C2, a))
            millsU := sub(div(MILLS_C1, a), MILLS_A0)
            let b := add(v, MILLS_A9)
            b := add(add(v, MILLS_A8), div(MILLS_C9, b))
            b := add(add(v, MILLS_A7), div(MILLS_C8, b))
            b := sub(add(v, div(MILLS_C7, b)), MILLS_A6)
            b := sub(add(v, MILLS_A5), div(MILLS_C6, b))
            b := add(add(v, MILLS_A4), div(MILLS_C5, b))
            b := sub(add(v, MILLS_A3), div(MILLS_C4, b))
            b := sub(add(v, div(MILLS_C3, b)), MILLS_A2)
            b := add(add(v, MILLS_A1), div(MILLS_C2, b))
            millsV := sub(div(MILLS_C1, b), MILLS_A0)
        }
    }

    function discount(uint256 amount, int256 x) internal pure returns (uint256 discounted) {
        assembly ("memory-safe") {
            let square := shr(96, mul(x, x))
            let g := sub(add(square, EXP_A2), div(EXP_C3, add(square, EXP_A3)))
            g := sub(add(square, EXP_A1), div(EXP_C2, g))
            g := sub(EXP_A0, div(EXP_C1, g))
            discounted := div(mul(amount, sub(g, x)), add(g, x))
        }
    }
}
