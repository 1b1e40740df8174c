// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AutomationCompatibleInterface } from "@chainlink/contracts/src/v0.8/automation/interfaces/AutomationCompatibleInterface.sol";
import { ILogAutomation } from "@chainlink/contracts/src/v0.8/automation/interfaces/ILogAutomation.sol";

/// WHAT     What keeps one market going and needs no capital, answered for Chainlink Automation: a registered upkeep with any
///          check data for all but epochs, and a log upkeep on {IVolSurface-ReportPosted} for epochs, because the report that
///          ends one is told by its event alone.
/// HOLDS    It owns nothing, has no role and keeps no state; {performUpkeep} looks again and reverts where there is nothing to
///          do, and what it calls is open to anyone, so perform data from anybody does no more than its sender could do alone.
/// LIMITS   Of a feed's phase that is over no round is searched, and no more than {LOOKBACK} rounds: then {checkUpkeep} says no
///          to that expiry, and a keeper walks it. The fallback of a broken window is a keeper's, too.
interface IUpkeep is AutomationCompatibleInterface, ILogAutomation {
    /// What there may be to do. Looked for in the order Poke, Walk, Realize, Refresh; Close in logs.
    ///   Poke     nobody can open, a part of the spot oracle's cached word is late and that part's source speaks; no data
    ///   Refresh  the book's exposures are past half of the age to which openings may rest on them, spot has moved by half as far as it
    ///            may under them, or the hedger finds them old; no data
    ///   Walk     an expiry is over and not settled: (expiryAt, baseStart, quoteStart)
    ///   Realize  it is settled and the book has something there yet: (expiryAt)
    ///   Close    an epoch is over: (report)
    enum Work {
        Poke,
        Refresh,
        Walk,
        Realize,
        Close
    }

    /// Does what there is to do; reverts where there is nothing. Anyone.
    function performUpkeep(
        bytes calldata performData
    ) external override(AutomationCompatibleInterface, ILogAutomation);
}
