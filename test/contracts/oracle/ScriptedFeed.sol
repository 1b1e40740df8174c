// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// WHAT  A feed's proxy with any history that a test writes into it, the impossible ones included: for unit tests and for thousands
///       of histories.
contract ScriptedFeed {
    struct Scripted {
        int192 answer;
        uint64 updatedAt;
    }

    uint8 public decimals;
    uint16 public phaseId;
    bool public silent;

    mapping(uint16 => uint8) private _decimals;
    mapping(uint8 => address) private _aggregatorOf;
    mapping(uint16 => Scripted[]) private _rounds;
    mapping(uint16 => uint256) private _cutoffOf;

    error ScriptedFeed_Silent();
    error ScriptedFeed_NoData();

    constructor(uint8 decimals_, int192 answer) {
        decimals = decimals_;
        phaseId = 1;
        _decimals[1] = decimals_;
        _rounds[1].push(Scripted(answer, uint64(block.timestamp)));
        prepare(decimals_);
    }

    function setSilent(bool silent_) external {
        silent = silent_;
    }

    /// Hides every round of a phase for so many seconds after its `updatedAt`, as Chainlink's DualAggregator does; 0: not at all.
    function setCutoff(uint16 phase, uint256 cutoff) external {
        _cutoffOf[phase] = cutoff;
    }

    /// One more round of the running phase, of now.
    function push(int192 answer) external {
        _rounds[phaseId].push(Scripted(answer, uint64(block.timestamp)));
    }

    /// A new aggregator of other decimals, which takes the rounds of the phase before over.
    function upgrade(uint8 decimals_) external {
        Scripted[] storage rounds = _rounds[phaseId];
        ++phaseId;
        for (uint256 i = 0; i < rounds.length; ++i) _rounds[phaseId].push(rounds[i]);
        decimals = decimals_;
        _decimals[phaseId] = decimals_;
        prepare(decimals_);
    }

    /// Replaces the whole history: the rounds of phases 1, 2, ... with the decimals of each.
    function load(Scripted[][] calldata phases, uint8[] calldata decimals_) external {
        for (uint16 old = 1; old <= phaseId; ++old) delete _rounds[old];
        phaseId = uint16(phases.length);
        for (uint16 phase = 1; phase <= phases.length; ++phase) {
            _decimals[phase] = decimals_[phase - 1];
            Scripted[] calldata rounds = phases[phase - 1];
            for (uint256 i = 0; i < rounds.length; ++i) _rounds[phase].push(rounds[i]);
        }
        decimals = decimals_[phases.length - 1];
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        uint256 last = _rounds[phaseId].length;
        while (last > 0 && _isHidden(phaseId, _rounds[phaseId][last - 1])) --last;
        return getRoundData((uint80(phaseId) << 64) | uint80(last));
    }

    function getRoundData(uint80 id) public view virtual returns (uint80, int256, uint256, uint256, uint80) {
        if (silent) revert ScriptedFeed_Silent();
        Scripted[] storage rounds = _rounds[uint16(id >> 64)];
        uint64 index = uint64(id);
        // Even phases revert where there is no round, odd ones answer zeros: both kinds of aggregator exist.
        if (index == 0 || index > rounds.length || _isHidden(uint16(id >> 64), rounds[index - 1])) {
            if ((id >> 64) % 2 == 0) revert ScriptedFeed_NoData();
            return (id, 0, 0, 0, id);
        }
        Scripted memory round = rounds[index - 1];
        return (id, round.answer, round.updatedAt, round.updatedAt, id);
    }

    function _isHidden(uint16 phase, Scripted storage round) private view returns (bool) {
        uint256 cutoff = _cutoffOf[phase];
        return cutoff != 0 && round.updatedAt + cutoff >= block.timestamp;
    }

    /// The aggregator of a phase: an address that only knows its decimals.
    function phaseAggregators(uint16 phase) external view returns (address) {
        return _aggregatorOf[_decimals[phase]];
    }

    /// Makes an aggregator of these decimals known; {load} needs one for each it uses.
    function prepare(uint8 decimals_) public {
        _aggregatorOf[decimals_] = address(new PhaseDecimals(decimals_));
    }
}

/// An aggregator that only tells its decimals.
contract PhaseDecimals {
    uint8 public immutable decimals;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }
}
