// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { SeriesId } from "../types/SeriesId.sol";
import { Slice } from "../types/Slice.sol";
import { IClearinghouse } from "./IClearinghouse.sol";
import { IOptionPool } from "./IOptionPool.sol";
import { SliceStatus } from "./IVolSurface.sol";

/// One strike of an expiry, at the report's spot and the block's time. All zero where the strike lies outside
/// the pricing domain.
struct Quote {
    /// Values in quote per base, WAD.
    uint256 call;
    uint256 put;
    /// dCall/dS with F/S held, WAD.
    uint256 delta;
    /// dV per 1.00 of vol, WAD of quote.
    uint256 vega;
    /// Annualised on the variance clock, WAD.
    uint256 vol;
}

/// The smile of one expiry, by the newest slice that there is: `status` and `isLive` say what it is good for.
/// Without a slice, and from 20 minutes before the expiry, all but status, spot and reportAt is empty.
struct Smile {
    SliceStatus status;
    bool isLive;
    uint32 reportAt;
    /// Quote per base, WAD.
    uint256 spot;
    uint256 forward;
    /// Years on the variance clock, WAD.
    uint256 tau;
    /// One for each strike asked for, in that order.
    Quote[] quotes;
}

/// Both sides of one series as a pool trades it, each as {IOptionPool-quote} answers it: cost, value, vol, greeks, and the
/// reason where it would refuse.
struct TwoSided {
    SeriesId series;
    IOptionPool.Quote buy;
    IOptionPool.Quote sell;
}

/// @title Whole option chains in one call. Views only: for pages and tools, not for contracts that trade.
interface ILens {
    /// @notice The mid quotes of one expiry, from its newest slice, aged to now, at the last report's spot.
    function quotes(
        uint32 market,
        uint32 expiryAt,
        uint256[] calldata strikes
    ) external view returns (Smile memory smile);

    /// @notice What `pool` asks and bids for `amount` of every listed series now, to the unit of what a trade would pay: by
    /// rising expiry and strike, the call before the put.
    ///
    /// An expiry of 32 strikes is 128 quotes: a node's limit of gas for a call may ask for one expiry at a time.
    /// @param clearinghouse Where the pool's market is listed.
    /// @param expiryAt One expiry; 0 for all live ones.
    /// @param amount WAD, of each series alone.
    function chain(
        IClearinghouse clearinghouse,
        IOptionPool pool,
        uint32 expiryAt,
        uint128 amount
    ) external view returns (TwoSided[] memory series);

    /// @notice Between which values of a strike trades are priced now: two slices in the block of a post, one
    /// in every other. Reverts outside the pricing domain and where there is no slice.
    function range(
        uint32 market,
        uint32 expiryAt,
        uint256 strike
    ) external view returns (uint256 callLow, uint256 callHigh, uint256 putLow, uint256 putHigh);

    /// @notice One strike priced from a slice. Reverts outside the pricing domain.
    /// @param spot WAD
    /// @param strike WAD
    /// @param tau what is left now on the variance clock, in the unit of `tauAtReport`: seconds
    /// @param tauAtReport what was left at the slice's report
    function quote(
        Slice slice,
        uint256 spot,
        uint256 strike,
        uint256 tau,
        uint256 tauAtReport
    ) external pure returns (Quote memory priced);
}
