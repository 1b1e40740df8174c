// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SignedMath } from "@openzeppelin/contracts/utils/math/SignedMath.sol";
import { IOptionPool } from "../interfaces/IOptionPool.sol";
import { ISpotOracle } from "../interfaces/ISpotOracle.sol";
import { SliceStatus } from "../interfaces/IVolSurface.sol";
import { CLOSING_BEFORE_EXPIRY } from "../types/Times.sol";
import { Conditions } from "./Conditions.sol";
import { Cover } from "./Cover.sol";
import { Legs } from "./Legs.sol";
import { Price } from "./Price.sol";
import { Scales, Seen, Verdict } from "./Verdict.sol";

/// Whether a trade that opens may pass, and what it then costs in assets: a function of what was read before and of the time.
///
/// RANGES. Proof of the unchecked block: times are below 2^40.
library Opening {
    /// Largest amount of a series, as the Clearinghouse has it.
    uint256 private constant AMOUNT_LIMIT = 2 ** 95 - 1;

    /// @param isExit Whether the leg sells back what the book has written.
    function amountRefusal(
        int256 amount,
        bool isExit,
        uint256 minimum
    ) internal pure returns (IOptionPool.Refusal) {
        uint256 size = SignedMath.abs(amount);
        if (size > AMOUNT_LIMIT) return IOptionPool.Refusal.AmountTooLarge;
        if (size == 0 || (!isExit && size < minimum)) return IOptionPool.Refusal.AmountTooSmall;
        return IOptionPool.Refusal.None;
    }

    /// What keeps an opening out before it has a price.
    function admit(
        Verdict memory verdict,
        Legs.State memory state,
        Seen memory seen,
        bool isPaused
    ) internal pure {
        unchecked {
            if (isPaused) {
                verdict.refusal = IOptionPool.Refusal.Paused;
                return;
            }
            for (uint256 i = 0; i < state.expiries.length; ++i) {
                if (state.nowAt + CLOSING_BEFORE_EXPIRY >= state.expiries[i].expiryAt) {
                    verdict.refusal = IOptionPool.Refusal.ClosingTime;
                    return;
                }
            }
            if (seen.opening.reason() != 0) {
                verdict.refusal = IOptionPool.Refusal.SpotRefused;
                verdict.spotReason = ISpotOracle.Reason(seen.opening.reason());
                return;
            }
            if (Conditions.isReportOld(state)) verdict.refusal = IOptionPool.Refusal.ReportOld;
            else if (Conditions.hasSpotMoved(state)) verdict.refusal = IOptionPool.Refusal.SpotMoved;
            else _requireOpenSlices(verdict, state);
        }
    }

    function _requireOpenSlices(Verdict memory verdict, Legs.State memory state) private pure {
        for (uint256 i = 0; i < state.expiries.length; ++i) {
            SliceStatus status = state.expiries[i].reading.status;
            if (status == SliceStatus.Open) continue;
            (verdict.refusal, verdict.sliceStatus) = (IOptionPool.Refusal.SliceClosed, status);
            return;
        }
    }

    /// Prices an opening.
    function price(Verdict memory verdict, Legs.State memory state, Scales memory scales) internal pure {
        if (Conditions.isCarryWild(state)) {
            verdict.refusal = IOptionPool.Refusal.PriceOutOfDomain;
            return;
        }
        Price.Priced memory priced = verdict.priced;
        Price.compute(state, priced);
        if (!priced.isInside) {
            verdict.refusal = IOptionPool.Refusal.PriceOutOfDomain;
            return;
        }
        if (priced.isBeyondValue) {
            verdict.refusal = IOptionPool.Refusal.SaleBeyondValue;
            return;
        }
        verdict.cost = Cover.ceil(priced.cost, scales.quote);
        priced.move.isOpening = true;
        // Of what is written the premium is in; of what is bought the premium goes out.
        int256 outflow = int256(priced.move.outflow) - priced.cost;
        priced.move.outflow = outflow > 0 ? uint256(outflow) : 0;
    }
}
