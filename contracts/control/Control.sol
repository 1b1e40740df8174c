// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// WHAT
///     Who may do what, and after which delay: OpenZeppelin's AccessManager with the roles of Meniscus.
///     docs/ROLES.md says which function needs which. Delays belong to the grants: the governor's is the
///     timelock.
///
/// ROLES
///     admin (0)    grants roles and maps functions to them; in the end the governor's, behind the same
///     delay.
///     governor (1) changes parameters and signer sets.
///     council (2)  may only tighten, at once.
///     guardian (3) may revoke signers and pause what adds risk, at once.
///     lister (4)   lists expiries; it can only use what is free.
contract Control is AccessManager {
    uint64 public constant GOVERNOR = 1;
    uint64 public constant COUNCIL = 2;
    uint64 public constant GUARDIAN = 3;
    uint64 public constant LISTER = 4;

    constructor(address admin) AccessManager(admin) {
        emit RoleLabel(GOVERNOR, "governor");
        emit RoleLabel(COUNCIL, "council");
        emit RoleLabel(GUARDIAN, "guardian");
        emit RoleLabel(LISTER, "lister");
    }
}
