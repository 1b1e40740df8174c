// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IVolSurface } from "../interfaces/IVolSurface.sol";

contract Lens {
    IVolSurface public immutable volSurface;

    constructor(IVolSurface volSurface_) {
        volSurface = volSurface_;
    }
}
