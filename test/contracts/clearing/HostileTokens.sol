// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ERC20 } from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// An ordinary token of any decimals. Anybody mints: it is a test.
contract TestToken is ERC20 {
    uint8 internal _decimals;

    constructor(uint8 decimals_) ERC20("Test", "TEST") {
        _decimals = decimals_;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function mint(address to, uint256 assets) external {
        _mint(to, assets);
    }
}

/// A token that turns hostile when told to.
contract HostileToken is TestToken {
    enum Behaviour {
        Honest,
        FeeOnTransfer,
        FeeOnTop,
        ReturnsFalse,
        Reverts,
        DoesNothing,
        CallsBack
    }

    uint256 public constant FEE_DIVISOR = 100;

    Behaviour public behaviour;
    address public target;
    bytes public data;
    /// Whether any call back worked, and what the last was answered.
    bool public entered;
    bytes public answer;
    bytes[] private _answers;
    mapping(address account => bool) public blocked;

    /// Neither pays nor takes, as a list of sanctions does.
    error HostileToken_Blocked(address account);

    constructor(uint8 decimals_) TestToken(decimals_) {}

    function behave(Behaviour behaviour_) external {
        behaviour = behaviour_;
    }

    function setDecimals(uint8 decimals_) external {
        _decimals = decimals_;
    }

    function setBlocked(address account, bool blocked_) external {
        blocked[account] = blocked_;
    }

    /// What to call in the middle of the next transfers.
    function callBack(address target_, bytes calldata data_) external {
        delete _answers;
        (behaviour, target, data, entered) = (Behaviour.CallsBack, target_, data_, false);
    }

    /// What each transfer since {callBack} was answered, from the first on.
    function answers() external view returns (bytes[] memory) {
        return _answers;
    }

    /// Rebases the balance of one holder by hand.
    function rebase(address holder, uint256 balance) external {
        uint256 now_ = balanceOf(holder);
        if (balance > now_) _mint(holder, balance - now_);
        else _burn(holder, now_ - balance);
    }

    function transfer(address to, uint256 assets) public override returns (bool) {
        return _hostile(msg.sender, to, assets);
    }

    function transferFrom(address from, address to, uint256 assets) public override returns (bool) {
        _spendAllowance(from, msg.sender, assets);
        return _hostile(from, to, assets);
    }

    function _hostile(address from, address to, uint256 assets) private returns (bool) {
        if (behaviour == Behaviour.Reverts) revert("hostile");
        if (blocked[from]) revert HostileToken_Blocked(from);
        if (blocked[to]) revert HostileToken_Blocked(to);
        if (behaviour == Behaviour.ReturnsFalse) return false;
        if (behaviour == Behaviour.DoesNothing) return true;
        if (behaviour == Behaviour.CallsBack) {
            bool success;
            (success, answer) = target.call(data);
            entered = entered || success;
            _answers.push(answer);
        }
        _transfer(from, to, assets);
        if (behaviour == Behaviour.FeeOnTransfer) _burn(to, assets / FEE_DIVISOR);
        if (behaviour == Behaviour.FeeOnTop) _burn(from, assets / FEE_DIVISOR);
        return true;
    }
}

/// Returns nothing from transfers, as USDT does.
contract SilentToken {
    uint8 public immutable decimals;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    constructor(uint8 decimals_) {
        decimals = decimals_;
    }

    function mint(address to, uint256 assets) external {
        balanceOf[to] += assets;
    }

    function approve(address spender, uint256 assets) external {
        allowance[msg.sender][spender] = assets;
    }

    function transfer(address to, uint256 assets) external {
        balanceOf[msg.sender] -= assets;
        balanceOf[to] += assets;
    }

    function transferFrom(address from, address to, uint256 assets) external {
        allowance[from][msg.sender] -= assets;
        balanceOf[from] -= assets;
        balanceOf[to] += assets;
    }
}

/// A wallet that signs by ERC-1271 whatever its owner approved.
contract SigningWallet {
    mapping(bytes32 => bool) public approved;

    function approve(bytes32 digest) external {
        approved[digest] = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        return approved[digest] ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}
