// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Math } from "@openzeppelin/contracts/utils/math/Math.sol";
import { RequestQueue } from "../../../contracts/vault/RequestQueue.sol";

/// The queue's arithmetic over its whole domain, and one request through histories that a calendar would take years for.
contract RequestQueueTest {
    using RequestQueue for RequestQueue.Queue;

    uint256 private constant LOWEST = 1 << 95;
    address private constant ONE = address(1);
    address private constant OTHERS = address(2);

    RequestQueue.Queue private _queue;

    function setUp() public {
        _queue.open();
    }

    /// P stays within its range, and against exact arithmetic it is too small by less than one part in 2^95, never too large.
    function testFuzz_V5_scaleLosesLessThanItsLastBit(
        uint256 scale,
        uint256 left,
        uint256 total
    ) public pure {
        scale = LOWEST + (scale % (RequestQueue.ONE - LOWEST + 1));
        total = 2 + (total % (2 ** (2 + (left % 103)) - 2));
        left = 1 + ((left >> 7) % (total - 1));
        (uint256 next, uint256 stage) = RequestQueue.scaleDown(scale, 7, left, total);
        assert(next >= LOWEST && next <= RequestQueue.ONE);
        assert(stage >= 7 && stage <= 11);
        uint256 lifted = scale << (32 * (stage - 7));
        assert(next == Math.mulDiv(lifted, left, total));
        // Strictly less, so that a fill can be told from none.
        assert(next < lifted);
    }

    /// What is pending falls with every fill and is nothing five stages on.
    function testFuzz_V5_pendingFalls(uint256 p, uint256 scale0, uint256 scale, uint256 passed) public pure {
        p = p % 2 ** 104;
        scale0 = LOWEST + (scale0 % (RequestQueue.ONE - LOWEST + 1));
        scale = LOWEST + (scale % (scale0 - LOWEST + 1));
        assert(RequestQueue.pendingDown(p, scale0, 3, scale, 3) <= p);
        assert(RequestQueue.pendingDown(p, scale0, 3, scale0, 3) == p);
        passed = 1 + (passed % 8);
        uint256 left = RequestQueue.pendingDown(p, scale0, 3, scale, 3 + passed);
        assert(passed < 5 || left == 0);
        assert(((p * RequestQueue.ONE) / scale0) >> (32 * 5) == 0);
    }

    /// V5: 1,000 epochs of 90 % fills with new money in each: whatever is claimed, when and how often, never exceeds what was paid, and
    /// falls short of it by dust alone.
    function test_V5_thousandEpochsOfNineTenths() public {
        _queue.add(ONE, 1e24);
        uint256 paidAll;
        uint256 claimedAll;
        uint256 oldPending = 1e24;
        for (uint256 i = 0; i < 1000; ++i) {
            _queue.add(OTHERS, 5e23 + i * 1e20);
            uint256 taken = (uint256(_queue.pending) * 9) / 10;
            // A price that changes: 1.25, 1, 0.8 in turn.
            uint128 paid = uint128((taken * [uint256(125), 100, 80][i % 3]) / 100);
            _queue.fill(taken, paid);
            paidAll += paid;
            (uint256 pending, uint256 filled, uint256 claimable) = _queue.read(ONE);
            assert(pending <= oldPending / 10 + 1);
            assert(pending + filled == 1e24 || claimable == 0);
            oldPending = pending;
            if (i % 7 == 0) claimedAll += _claimAll(OTHERS);
        }
        (, uint256 filledOne, ) = _queue.read(ONE);
        assert(filledOne == 1e24);
        claimedAll += _claimAll(ONE) + _claimAll(OTHERS);
        assert(claimedAll <= paidAll);
        assert(paidAll - claimedAll < 5000);
    }

    /// V5: after a full fill nothing is pending, all is claimable, and the next request begins anew; a thousand times, claimed at once,
    /// late or at the end.
    function test_V5_fullFills() public {
        uint256 waiting;
        for (uint256 i = 0; i < 1000; ++i) {
            uint256 amount = 1e20 + i * 1e17 + i;
            _queue.add(ONE, amount);
            _queue.add(OTHERS, 1 + i);
            waiting += amount;
            _queue.fill(_queue.pending, uint128(uint256(_queue.pending) * 3));
            (uint256 pending, uint256 filled, uint256 paid) = _queue.read(ONE);
            assert(pending == 0 && _queue.pending == 0 && filled == waiting);
            // Rounded down, by less than one unit a fill.
            assert(paid <= 3 * waiting && 3 * waiting - paid <= 1 + i);
            if (i % 9 != 8) continue;
            assert(_queue.claimIn(ONE, filled) == paid);
            waiting = 0;
        }
        (, uint256 filledOthers, uint256 paidOthers) = _queue.read(OTHERS);
        assert(filledOthers == 500_500);
        assert(paidOthers <= 3 * filledOthers && 3 * filledOthers - paidOthers <= 1000);
    }

    /// V5: fills that leave next to nothing, the largest request beside the smallest: stages are skipped, and nobody gets too much.
    function testFuzz_V5_extremeFills(uint256[6] memory seeds) public {
        uint256 paidAll;
        for (uint256 i = 0; i < 6; ++i) {
            _queue.add(i % 2 == 0 ? ONE : OTHERS, 1 + (seeds[i] % 2 ** (1 + ((seeds[i] >> 128) % 101))));
            uint256 total = _queue.pending;
            uint256 taken = (seeds[i] >> 64) % 3 == 0 ? total : total - Math.min(total, (seeds[i] >> 80) % 3);
            uint128 paid = uint128(seeds[i] >> (132 + ((seeds[i] >> 70) % 100)));
            _queue.fill(taken, paid);
            if (taken != 0) paidAll += paid;
            (uint256 pendingOne, , uint256 one) = _queue.read(ONE);
            (uint256 pendingOthers, , uint256 others) = _queue.read(OTHERS);
            assert(pendingOne + pendingOthers <= _queue.pending);
            assert(one + others <= paidAll);
        }
    }

    function _claimAll(address who) private returns (uint256 out) {
        (, uint256 filled, uint256 paid) = _queue.read(who);
        if (filled == 0) return 0;
        out = _queue.claimIn(who, filled);
        assert(out == paid);
    }
}
