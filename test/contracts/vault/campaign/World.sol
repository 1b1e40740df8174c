// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IBook } from "../../../../contracts/interfaces/IBook.sol";
import { IClearinghouse } from "../../../../contracts/interfaces/IClearinghouse.sol";
import { IDeltaHedger } from "../../../../contracts/interfaces/IDeltaHedger.sol";
import { ILiquidityVault } from "../../../../contracts/interfaces/ILiquidityVault.sol";
import { IOptionPool } from "../../../../contracts/interfaces/IOptionPool.sol";
import { ISettlementOracle } from "../../../../contracts/interfaces/ISettlementOracle.sol";
import { ISpotOracle } from "../../../../contracts/interfaces/ISpotOracle.sol";
import { ITranche } from "../../../../contracts/interfaces/ITranche.sol";
import { IVolSurface, RateBounds } from "../../../../contracts/interfaces/IVolSurface.sol";
import { Report } from "../../../../contracts/types/Report.sol";
import { HostileToken } from "../../clearing/HostileTokens.sol";
import { deployArtifact, VM } from "../../campaign/Vm.sol";
import { ScriptedFeed } from "../../oracle/ScriptedFeed.sol";
import { Reports } from "./Reports.sol";

/// The whole protocol as it is deployed, out of its artifacts: compiled into the test it would be compiled twice. Its roles are in one
/// hand; the tokens may turn hostile, and the feeds say what the test lets them say.
contract World {
    uint32 internal constant MARKET = 1;
    int192 internal constant USD = 1e8;

    HostileToken public immutable base = new HostileToken(18);
    HostileToken public immutable quote = new HostileToken(6);
    ScriptedFeed public immutable baseFeed;
    ScriptedFeed public immutable quoteFeed;
    IVolSurface public immutable surface;
    ISpotOracle public immutable spotOracle;
    ISettlementOracle public immutable settlementOracle;
    IClearinghouse public immutable clearinghouse;
    IBook public immutable book;
    IOptionPool public immutable pool;
    IDeltaHedger public immutable hedger;
    ITranche public immutable baseTranche;
    ITranche public immutable quoteTranche;
    ILiquidityVault public immutable vault;

    constructor(uint256 spot) {
        (baseFeed, quoteFeed) = (new ScriptedFeed(8, int192(int256(spot))), new ScriptedFeed(8, USD));
        address control = _create("control/Control.sol:Control", abi.encode(address(this)));
        surface = IVolSurface(_create("pricing/VolSurface.sol:VolSurface", abi.encode(control)));
        spotOracle = ISpotOracle(_create("oracle/SpotOracle.sol:SpotOracle", abi.encode(control, surface)));
        clearinghouse = IClearinghouse(
            _create("clearing/Clearinghouse.sol:Clearinghouse", abi.encode(control, quote, 6))
        );
        settlementOracle = ISettlementOracle(
            _create(
                "oracle/SettlementOracle.sol:SettlementOracle",
                abi.encode(control, surface, clearinghouse)
            )
        );
        _nameSources();
        clearinghouse.registerMarket(
            MARKET,
            IClearinghouse.Market(
                address(base),
                18,
                0.01e18,
                address(spotOracle),
                address(settlementOracle),
                "ETH"
            )
        );
        bytes memory shared = abi.encode(clearinghouse, surface);
        book = IBook(
            _create(
                "book/Book.sol:Book",
                bytes.concat(abi.encode(control), shared, abi.encode(MARKET, _terms()))
            )
        );
        bytes memory overBook = bytes.concat(abi.encode(control, book), shared);
        pool = IOptionPool(
            _create("pool/OptionPool.sol:OptionPool", bytes.concat(overBook, abi.encode(_parameters())))
        );
        hedger = IDeltaHedger(
            _create(
                "vault/DeltaHedger.sol:DeltaHedger",
                bytes.concat(
                    overBook,
                    abi.encode(IDeltaHedger.Parameters(500, 1300, 300, 1000, 1000, 20_000))
                )
            )
        );
        baseTranche = _tranche(control, IBook.Side.Base);
        quoteTranche = _tranche(control, IBook.Side.Quote);
        vault = ILiquidityVault(
            _create(
                "vault/LiquidityVault.sol:LiquidityVault",
                bytes.concat(
                    overBook,
                    abi.encode(baseTranche, quoteTranche, ILiquidityVault.Terms(50, 5, 9, 0, 0, address(0)))
                )
            )
        );
        book.initialize(
            IBook.Modules(
                address(pool),
                address(vault),
                address(hedger),
                address(baseTranche),
                address(quoteTranche)
            )
        );
        (, address[] memory signers) = Reports.signers();
        surface.setSigners(MARKET, signers, 2);
        surface.setBounds(MARKET, RateBounds(5000, 1000, 50), 600);
        spotOracle.poke(MARKET);
    }

    /// The proposed values of docs/PARAMETERS.md.
    function _nameSources() private {
        uint88 cent = uint88(uint192(USD / 100));
        uint88 million = uint88(uint192(USD * 1e6));
        settlementOracle.setFeeds(
            MARKET,
            ISettlementOracle.Feed(address(baseFeed), 8, 3 hours, cent, million),
            ISettlementOracle.Feed(address(quoteFeed), 8, 26 hours, cent, million),
            25 hours
        );
        spotOracle.setSources(
            MARKET,
            ISpotOracle.Sources(
                ISpotOracle.Feed(address(baseFeed), 8, 3900, 50, cent * 1000, million),
                ISpotOracle.Feed(address(quoteFeed), 8, 86_700, 25, cent, cent * 10_000),
                ISpotOracle.Average(address(0), 0, false, 0, 0),
                true,
                address(0)
            ),
            ISpotOracle.Limits(200, 1 hours, 6 hours, 72 hours, 1 hours)
        );
    }

    function _terms() private pure returns (IBook.Terms memory) {
        return
            IBook.Terms({
                lambdaBps: 4000,
                slopeLowPpm: 12_000,
                slopeHighPpm: 40_000,
                muBps: 800,
                thetaPpm: 50,
                kappaPpm: 800,
                stickinessBps: 12_000,
                vegaLowBps: 300,
                vegaHighBps: 1000,
                gammaBps: 30_000,
                exposureMaxAge: 600,
                exposureMaxMoveBps: 100,
                blockOutflowBps: 2500,
                epochOutflowBps: 5000,
                epochExitsBps: 1000
            });
    }

    function _parameters() private pure returns (IOptionPool.Parameters memory) {
        return
            IOptionPool.Parameters({
                feeVolPpm: 5000,
                feeNotionalPpm: 500,
                feeOfValueBps: 1250,
                ageSdsBps: 20_000,
                volOfVolBps: 6000,
                displacementBps: 15_000,
                reportMaxAge: 120,
                spotMaxMoveBps: 75,
                rentBelowPpm: 1000,
                rentAtKinkPpm: 5000,
                rentFullPpm: 50_000
            });
    }

    /// No cap that is met, minima of next to nothing.
    function _tranche(address control, IBook.Side side) private returns (ITranche) {
        bool isBase = side == IBook.Side.Base;
        return
            ITranche(
                _create(
                    "vault/Tranche.sol:Tranche",
                    abi.encode(
                        control,
                        book,
                        isBase ? base : quote,
                        side,
                        isBase ? "Base" : "Quote",
                        isBase ? "mB" : "mQ",
                        isBase ? ITranche.Terms(1e26, 1e15, 1e15) : ITranche.Terms(1e16, 1e6, 1e6)
                    )
                )
            );
    }

    function _create(string memory artifact, bytes memory parameters) private returns (address) {
        return deployArtifact(string.concat("contracts/", artifact), parameters);
    }

    // ------------------------------------------------------------------------------------------------------------------- money

    function enrich(address account, uint256 baseAssets, uint256 quoteAssets) external {
        base.mint(account, baseAssets);
        quote.mint(account, quoteAssets);
        address[4] memory spenders = [
            address(baseTranche),
            address(quoteTranche),
            address(pool),
            address(clearinghouse)
        ];
        for (uint256 i = 0; i < spenders.length; ++i) {
            VM.prank(account);
            base.approve(spenders[i], type(uint256).max);
            VM.prank(account);
            quote.approve(spenders[i], type(uint256).max);
        }
    }

    function seed(uint256 baseAssets, uint256 quoteAssets) external {
        base.mint(address(this), baseAssets);
        quote.mint(address(this), quoteAssets);
        base.approve(address(vault), baseAssets);
        quote.approve(address(vault), quoteAssets);
        vault.seed(baseAssets, quoteAssets);
    }

    // ----------------------------------------------------------------------------------------------------------------- the market

    /// Both feeds bring a round of now.
    function feed(uint256 spot) external {
        baseFeed.push(int192(int256(spot)));
        quoteFeed.push(USD);
        spotOracle.poke(MARKET);
    }

    /// The rounds in force now.
    function rounds() external view returns (uint80 baseRound, uint80 quoteRound) {
        (baseRound, , , , ) = baseFeed.latestRoundData();
        (quoteRound, , , , ) = quoteFeed.latestRoundData();
    }

    /// @param listed Those that the surface lists.
    function post(
        uint256 reportAt,
        uint256 spot,
        uint256 vol,
        uint32[] calldata listed
    ) external returns (Report memory report) {
        report = Reports.make(MARKET, reportAt, spot, vol, listed);
        surface.post(report, Reports.sign(surface, report));
    }

    function listExpiry(uint32 expiryAt) external {
        surface.listExpiry(MARKET, expiryAt);
    }

    function listStrike(uint32 expiryAt, uint256 strike) external {
        clearinghouse.list(MARKET, expiryAt, uint128(strike), 0);
    }

    function setTerms(ILiquidityVault.Terms calldata terms) external {
        vault.setTerms(terms);
    }
}
