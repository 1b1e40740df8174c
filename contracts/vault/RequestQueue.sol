// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";

/// A queue of requests. A fill takes the same part of every request in it, at a cost that does not depend on how many
/// there are. `in` is what is requested (assets of a deposit, shares of a withdrawal), `out` what is paid for it.
///
/// FORMULA   The queue keeps T, all that is pending, a scale P and a sum S; a request its amount p as of (P0, S0). A fill takes x of T and
///           pays y for it:
///
///             S <- S + y P / T         P <- P (T - x) / T         T <- T - x
///             still pending = p P / P0         paid = p (S - S0) / P0         filled = p - still pending
///
/// STAGES    P starts at 2^127. Once it would fall below 2^95 it is multiplied by 2^32, as often as needed, and each time a new stage begins
///           with a sum of its own: what a request of stage j gets of stage j + k counts 2^(-32 k). After a full fill P is 2^127 again and
///           the stage five higher. So there are no eras apart: five stages on, of any request nothing is left.
///             proof  p < 2^104, P <= 2^127, P0 >= 2^95: p P 2^(-160) / P0 < 2^(104 + 127 - 160 - 95) = 2^(-24) < 1.
///           Hence five sums at most are read for a request, however many fills it has missed. A stage that begins by P <- 2^32 P
///           begins below 2^127, so P = 2^127 says that its stage has seen no fill.
///
/// ROUNDING  All down: P, S, what is pending, what is paid. In a stage let R be the sum of p P / P0 over all requests, as a real number.
///             R <= T, always   A new request adds p to both. A fill multiplies R by P'/P <= (T - x) / T, P' being rounded down. What is
///                              taken out lowers T by floor(p P / P0) and R by no less; settling a request lowers R alone.
///             V5  paid of all <= y   A fill pays a request at most y (p P / P0) / T, and these add up to y R / T <= y.
///                 pending of all <= T, by R <= T; and pending + filled = p, to the unit: no part of a request is both.
/// PRECISION Against exact arithmetic a request has too little, never too much. Pending: P loses less than 1 part in 2^95 a fill, so of
///           p < 2^80 (1.2 million tokens of 18 decimals) less than 2^(-15) a fill, and below 1 by the last rounding. Paid: each fill
///           loses less than 1 of a sum that counts p / P0 <= 2^(-15) units, and what P lost; below 1 by the last rounding; and what was
///           paid for the last unit, once less than that is left. Settling
///           (a change of one's own request) rounds anew. What all lack stays in T, and is filled for nobody.
/// OVERFLOW  A stage's sum stays below 2^255: y P / T = (y/x) (P - P (T - x) / T) <= (y/x) (P - P'), and y/x < 2^128; the differences of one
///           stage add up to 2^127 at most.
library RequestQueue {
    using SafeCast for uint256;

    uint256 private constant SCALE_BITS = 127;
    uint256 internal constant ONE = 1 << SCALE_BITS;
    uint256 private constant LOWEST = 1 << 95;
    uint256 private constant STAGE_BITS = 32;
    uint256 private constant STAGES_TO_NOTHING = 5;

    /// @param pending T.
    /// @param scale P.
    /// @param stage Counts up; 2^24 are enough for nine thousand years of a full fill a day.
    /// @param sums S by stage.
    struct Queue {
        uint104 pending;
        uint128 scale;
        uint24 stage;
        mapping(uint256 stage => uint256) sums;
        mapping(address controller => Request) requests;
    }

    /// @param pending p as of `scale`, `stage` and `sum`. Where `scale` is 2^127 the sum counts as 0, whatever is stored.
    /// @param claimableIn Filled and not claimed, as of then; `claimableOut` what is paid for it.
    /// @param cancelled Taken out of the queue and not claimed.
    struct Request {
        uint104 pending;
        uint128 scale;
        uint24 stage;
        uint256 sum;
        uint128 claimableIn;
        uint128 claimableOut;
        uint128 cancelled;
    }

    /// How a request stands: pending, filled and not claimed, paid for it.
    struct Standing {
        uint256 pending;
        uint256 filled;
        uint256 paid;
    }

    /// A fill of more than waits.
    error RequestQueue_TakenAbovePending(uint256 taken, uint256 pending);

    /// A claim of more than is claimable.
    error RequestQueue_ClaimAboveClaimable(uint256 amount, uint256 claimable);

    /// A claim so small that nothing would come out, or nothing be used up: claim more at once.
    error RequestQueue_ClaimOfNothing(uint256 amount);

    // ------------------------------------------------------------------------------------------------------------------ pure

    /// What is still pending of p as of (scale0, stage0) at (scale, stage), rounded down. p < 2^104, scales < 2^128.
    function pendingDown(
        uint256 p,
        uint256 scale0,
        uint256 stage0,
        uint256 scale,
        uint256 stage
    ) internal pure returns (uint256) {
        uint256 passed = stage - stage0;
        if (passed >= STAGES_TO_NOTHING) return 0;
        return ((p * scale) / scale0) >> (STAGE_BITS * passed);
    }

    /// P and stage after a fill that leaves `left` < `total` of `total`, 0 < total < 2^104; scale in [2^95, 2^127], before and after.
    /// The loop ends at the fifth step at the latest: P 2^128 left / total >= 2^(95 + 128 - 104) > 2^95; P 2^128 < 2^256.
    function scaleDown(
        uint256 scale,
        uint256 stage,
        uint256 left,
        uint256 total
    ) internal pure returns (uint256, uint256) {
        if (left == 0) return (ONE, stage + STAGES_TO_NOTHING);
        uint256 next = Math.mulDiv(scale, left, total);
        while (next < LOWEST) {
            scale <<= STAGE_BITS;
            ++stage;
            next = Math.mulDiv(scale, left, total);
        }
        return (next, stage);
    }

    // ----------------------------------------------------------------------------------------------------------------- state

    /// Before the first use.
    function open(Queue storage queue) internal {
        queue.scale = uint128(ONE);
    }

    /// Adds `amount` to the request of `controller`.
    function add(Queue storage queue, address controller, uint256 amount) internal {
        Request storage request = queue.requests[controller];
        uint256 pending = _settle(queue, request);
        if (pending == 0) _restart(queue, request);
        request.pending = (pending + amount).toUint104();
        queue.pending = (queue.pending + amount).toUint104();
    }

    /// Takes up to `most` of what is pending out again.
    function remove(
        Queue storage queue,
        address controller,
        uint256 most
    ) internal returns (uint256 removed) {
        Request storage request = queue.requests[controller];
        uint256 pending = _settle(queue, request);
        removed = Math.min(pending, most);
        request.pending = uint104(pending - removed);
        queue.pending = uint104(queue.pending - removed);
    }

    /// Takes `taken` of what all have pending and divides `paid` among them in proportion.
    function fill(Queue storage queue, uint256 taken, uint128 paid) internal {
        if (taken == 0) return;
        (uint256 total, uint256 scale, uint256 stage) = (queue.pending, queue.scale, queue.stage);
        if (taken > total) revert RequestQueue_TakenAbovePending(taken, total);
        queue.sums[stage] += Math.mulDiv(paid, scale, total);
        (scale, stage) = scaleDown(scale, stage, total - taken, total);
        queue.pending = uint104(total - taken);
        (queue.scale, queue.stage) = (uint128(scale), stage.toUint24());
    }

    /// Claims what was paid for `amountIn` of what was filled, rounded down; all of it for all.
    function claimIn(
        Queue storage queue,
        address controller,
        uint256 amountIn
    ) internal returns (uint256 amountOut) {
        Request storage request = queue.requests[controller];
        Standing memory standing = _standing(queue, request);
        (uint256 filled, uint256 paid) = _claimable(standing);
        if (amountIn > filled) revert RequestQueue_ClaimAboveClaimable(amountIn, filled);
        amountOut = amountIn == 0 ? 0 : (paid * amountIn) / filled;
        if (amountOut == 0) revert RequestQueue_ClaimOfNothing(amountIn);
        _claim(queue, request, standing, amountIn, amountOut);
    }

    /// Claims `amountOut` of what was paid and uses up what it was paid for, rounded up; all of it for all.
    function claimOut(
        Queue storage queue,
        address controller,
        uint256 amountOut
    ) internal returns (uint256 amountIn) {
        Request storage request = queue.requests[controller];
        Standing memory standing = _standing(queue, request);
        (uint256 filled, uint256 paid) = _claimable(standing);
        if (amountOut > paid) revert RequestQueue_ClaimAboveClaimable(amountOut, paid);
        if (amountOut == 0) revert RequestQueue_ClaimOfNothing(amountOut);
        amountIn = Math.ceilDiv(filled * amountOut, paid);
        _claim(queue, request, standing, amountIn, amountOut);
    }

    /// What a controller has pending, filled and not claimed, and paid for it.
    function read(
        Queue storage queue,
        address controller
    ) internal view returns (uint256 pending, uint256 filled, uint256 paid) {
        Standing memory standing = _standing(queue, queue.requests[controller]);
        (filled, paid) = _claimable(standing);
        return (standing.pending, filled, paid);
    }

    /// @dev Both or neither. What was filled, but for less than one unit of pay, waits for the pay of the next fill. Pay
    /// that is left when all that it was for is claimed, less than one unit's worth, waits for what the next fill takes.
    function _claimable(Standing memory standing) private pure returns (uint256, uint256) {
        if (standing.filled == 0 || standing.paid == 0) return (0, 0);
        return (standing.filled, standing.paid);
    }

    function _claim(
        Queue storage queue,
        Request storage request,
        Standing memory standing,
        uint256 amountIn,
        uint256 amountOut
    ) private {
        standing.filled -= amountIn;
        standing.paid -= amountOut;
        _write(queue, request, standing);
    }

    /// @dev Writes what fills since the request's last change have done to it, if there were any. Returns what is pending.
    function _settle(Queue storage queue, Request storage request) private returns (uint256) {
        uint256 pending = request.pending;
        if (pending == 0 || _isCurrent(queue, request)) return pending;
        Standing memory standing = _standing(queue, request);
        _write(queue, request, standing);
        return standing.pending;
    }

    function _write(Queue storage queue, Request storage request, Standing memory standing) private {
        request.claimableIn = standing.filled.toUint128();
        request.claimableOut = standing.paid.toUint128();
        if (request.pending == standing.pending) return;
        request.pending = uint104(standing.pending);
        if (standing.pending != 0) _restart(queue, request);
    }

    /// @dev From here on the request is one of now. P is 2^127 only where a stage has seen no fill: then S is 0 and not worth a word.
    function _restart(Queue storage queue, Request storage request) private {
        if (_isCurrent(queue, request)) return;
        (uint128 scale, uint24 stage) = (queue.scale, queue.stage);
        (request.scale, request.stage) = (scale, stage);
        if (scale != ONE) request.sum = queue.sums[stage];
    }

    /// @dev A fill lowers P strictly, or begins a stage, so without one of both there was none.
    function _isCurrent(Queue storage queue, Request storage request) private view returns (bool) {
        return request.scale == queue.scale && request.stage == queue.stage;
    }

    /// @dev How a request stands after all fills.
    function _standing(
        Queue storage queue,
        Request storage request
    ) private view returns (Standing memory standing) {
        uint256 p = request.pending;
        standing = Standing(p, request.claimableIn, request.claimableOut);
        if (p == 0 || _isCurrent(queue, request)) return standing;
        (uint256 stage0, uint256 scale0) = (request.stage, request.scale);
        uint256 stage = queue.stage;
        uint256 pending = pendingDown(p, scale0, stage0, queue.scale, stage);
        // No stage counts beyond the one where less than a unit is left at its beginning: at most the fourth after its own.
        uint256 last = stage0;
        uint256 left = ((p << SCALE_BITS) / scale0) >> STAGE_BITS;
        for (; left != 0 && last < stage; left >>= STAGE_BITS) ++last;
        uint256 sum = 0;
        for (uint256 i = last; i > stage0; --i) sum = (sum + queue.sums[i]) >> STAGE_BITS;
        sum += queue.sums[stage0] - (scale0 == ONE ? 0 : request.sum);
        standing.pending = pending;
        standing.filled += p - pending;
        standing.paid += Math.mulDiv(p, sum, scale0);
    }
}
