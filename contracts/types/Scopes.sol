// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// What an account of the Clearinghouse may grant to a delegate, one bit each: {IClearinghouse.authorize}.

uint8 constant TRADE = 1;
uint8 constant WITHDRAW = 2;
uint8 constant REALIZE = 4;
uint8 constant REDEEM = 8;
