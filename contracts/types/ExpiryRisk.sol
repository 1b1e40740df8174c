// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { packSigned, signedBaseAt, signedField, signedQuoteAt } from "./BookFields.sol";

/// Exposures of one expiry: vega and vegaSkew are weighted. Signed, 64 bits each.
///
///    255   192 191   128 127      64 63    0
///    | delta | gamma   | vegaSkew  | vega   |
type ExpiryRisk is uint256;

using { expiryVega, expirySkew, expiryGamma, expiryDelta, plus } for ExpiryRisk global;

function expiryVega(ExpiryRisk word) pure returns (int256) {
    return signedQuoteAt(ExpiryRisk.unwrap(word), 0);
}

function expirySkew(ExpiryRisk word) pure returns (int256) {
    return signedQuoteAt(ExpiryRisk.unwrap(word), 1);
}

function expiryGamma(ExpiryRisk word) pure returns (int256) {
    return signedQuoteAt(ExpiryRisk.unwrap(word), 2);
}

function expiryDelta(ExpiryRisk word) pure returns (int256) {
    return signedBaseAt(ExpiryRisk.unwrap(word), 3);
}

/// @dev The word with so much more of each, in the units of its fields. Unchecked: what is added is below 2^200.
function plus(
    ExpiryRisk word,
    int256 vega,
    int256 vegaSkew,
    int256 gamma,
    int256 delta
) pure returns (ExpiryRisk) {
    uint256 fields = ExpiryRisk.unwrap(word);
    unchecked {
        return
            ExpiryRisk.wrap(
                packSigned(
                    signedField(fields, 0) + vega,
                    signedField(fields, 1) + vegaSkew,
                    signedField(fields, 2) + gamma,
                    signedField(fields, 3) + delta
                )
            );
    }
}
