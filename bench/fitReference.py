"""Reference fits of the same slices for bench/fit.ts: scipy's least_squares, and QuantLib's SviInterpolation where installed.

Reads {"slices": [{"k": [...], "vol": [...], "weight": [...], "tau": t, "forward": f}]} from stdin, prints one JSON object:
name -> {"milliseconds": best of three over all slices, "rmse": pooled, in vol points}.
"""

import json
import math
import sys
import time

import numpy

slices = [
    {**s, **{name: numpy.array(s[name]) for name in ("k", "vol", "weight")}} for s in json.load(sys.stdin)["slices"]
]


def svi(p, k):
    a, b, rho, m, sigma = p
    return a + b * (rho * (k - m) + numpy.sqrt((k - m) ** 2 + sigma**2))


def start(s):
    theta = float(numpy.interp(0, s["k"], s["vol"])) ** 2 * s["tau"]
    return [0.5 * theta, 0.5 * math.sqrt(theta), -0.1, 0.0, math.sqrt(theta)]


def vol(p, s):
    return numpy.sqrt(numpy.maximum(svi(p, s["k"]), 1e-12) / s["tau"])


def fit_scipy():
    from scipy.optimize import least_squares

    fitted = []
    for s in slices:
        weight = 100 * s["weight"]
        fitted.append(least_squares(lambda p: weight * (vol(p, s) - s["vol"]), start(s), x_scale="jac").x)
    return [vol(p, s) for p, s in zip(fitted, slices)]


def fit_quantlib():
    import QuantLib

    curves = []
    for s in slices:
        a, b, rho, m, sigma = start(s)
        strikes = (s["forward"] * numpy.exp(s["k"])).tolist()
        curve = QuantLib.SviInterpolatedSmileSection(
            QuantLib.Date(1, 1, 2026) + int(round(365 * s["tau"])),
            QuantLib.QuoteHandle(QuantLib.SimpleQuote(s["forward"])),
            QuantLib.DoubleVector(strikes),
            False,
            QuantLib.QuoteHandle(QuantLib.SimpleQuote(float(numpy.interp(0, s["k"], s["vol"])))),
            [QuantLib.QuoteHandle(QuantLib.SimpleQuote(v)) for v in s["vol"].tolist()],
            a, b, sigma, rho, m, False, False, False, False, False,
        )
        curves.append(numpy.array([curve.volatility(strike) for strike in strikes]))
    return curves


def measured(fit):
    best = math.inf
    for _ in range(3):
        before = time.perf_counter()
        vols = fit()
        best = min(best, time.perf_counter() - before)
    errors = numpy.concatenate([100 * (v - s["vol"]) for v, s in zip(vols, slices)])
    return {"milliseconds": 1000 * best, "rmse": float(numpy.sqrt(numpy.mean(errors**2)))}


results = {}
for name, fit in (("scipy least_squares", fit_scipy), ("QuantLib SviInterpolation", fit_quantlib)):
    try:
        results[name] = measured(fit)
    except ImportError:
        pass
    except Exception as error:  # a reference that fails is reported, not hidden
        results[name] = {"error": str(error)}
print(json.dumps(results))
