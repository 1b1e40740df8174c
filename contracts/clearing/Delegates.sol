// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { SignatureChecker } from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import { Nonces } from "@openzeppelin/contracts/utils/Nonces.sol";
import { ReentrancyGuardTransient } from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import { IClearinghouse } from "../interfaces/IClearinghouse.sol";
import { REALIZE, REDEEM, TRADE, WITHDRAW } from "../types/Scopes.sol";

/// WHAT  Who may do what on an account. A delegate's scopes say nothing about the account's tokens, and the ERC-6909 operator,
///       who may move those, says nothing here: whoever is phished into one has not given away the other.
abstract contract Delegates is EIP712, Nonces, IClearinghouse, ReentrancyGuardTransient {
    uint8 private constant ALL_SCOPES = TRADE | WITHDRAW | REALIZE | REDEEM;
    /// What may be granted to everybody: it only turns an account's own options into its own assets.
    uint8 private constant PUBLIC_SCOPES = REALIZE | REDEEM;

    bytes32 private constant AUTHORIZATION_TYPEHASH = keccak256(
        "Authorization(address account,address delegate,uint8 scopes,uint256 nonce,uint256 deadline)"
    );

    mapping(address account => mapping(address delegate => uint8 scopes)) private _scopes;

    /// The caller may not do this on the account.
    error Delegates_NotAllowed(address account, address caller, uint8 scope);

    /// Bits that mean nothing, or that everybody may not have.
    error Delegates_ScopesInvalid(address delegate, uint8 scopes);

    /// The signature was handed in too late.
    error Delegates_Expired(uint256 nowAt, uint256 deadline);

    /// The account did not sign this.
    error Delegates_SignatureInvalid(address account);

    constructor() EIP712("Meniscus Clearinghouse", "1") {}

    /// @inheritdoc IClearinghouse
    function authorize(address delegate, uint8 bits) external nonReentrant {
        _useNonce(msg.sender); // what was signed before must not outlive this
        _authorize(msg.sender, delegate, bits);
    }

    /// @inheritdoc IClearinghouse
    function authorizeBySignature(
        Authorization calldata authorization,
        bytes calldata signature
    ) external nonReentrant {
        address account = authorization.account;
        if (block.timestamp > authorization.deadline) {
            revert Delegates_Expired(block.timestamp, authorization.deadline);
        }
        _useCheckedNonce(account, authorization.nonce);
        bytes32 digest = _hashTypedDataV4(
            keccak256(
                abi.encode(
                    AUTHORIZATION_TYPEHASH,
                    account,
                    authorization.delegate,
                    authorization.scopes,
                    authorization.nonce,
                    authorization.deadline
                )
            )
        );
        if (!SignatureChecker.isValidSignatureNow(account, digest, signature)) {
            revert Delegates_SignatureInvalid(account);
        }
        _authorize(account, authorization.delegate, authorization.scopes);
    }

    /// @inheritdoc IClearinghouse
    function scopes(address account, address delegate) public view returns (uint8) {
        return _scopes[account][delegate] | _scopes[account][address(0)];
    }

    /// @inheritdoc IClearinghouse
    function nonces(address account) public view virtual override(IClearinghouse, Nonces) returns (uint256) {
        return super.nonces(account);
    }

    /// @dev The account itself needs no scope, and costs no read; what everybody cannot have is not looked up for everybody.
    function _requireScope(address account, uint8 scope) internal view {
        if (msg.sender == account || _scopes[account][msg.sender] & scope != 0) return;
        if (scope & PUBLIC_SCOPES == 0 || _scopes[account][address(0)] & scope == 0) {
            revert Delegates_NotAllowed(account, msg.sender, scope);
        }
    }

    /// @dev As {_requireScope} with any named scope; what everybody has does not count.
    function _requireAnyScope(address account) internal view {
        if (msg.sender != account && _scopes[account][msg.sender] == 0) {
            revert Delegates_NotAllowed(account, msg.sender, ALL_SCOPES);
        }
    }

    function _authorize(address account, address delegate, uint8 bits) private {
        uint8 grantable = delegate == address(0) ? PUBLIC_SCOPES : ALL_SCOPES;
        if (bits & ~grantable != 0) revert Delegates_ScopesInvalid(delegate, bits);
        _scopes[account][delegate] = bits;
        emit Authorized(account, delegate, bits);
    }
}
