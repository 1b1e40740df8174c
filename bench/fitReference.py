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
    """Unweighted: the class knows vega weights or none. Its clock has whole days, so vols go in and out by sqrt of the times' ratio."""
    import QuantLib

    today = QuantLib.Date(1, 1, 2026)
    QuantLib.Settings.instance().evaluationDate = today
    curves = []
    for s in slices:
        a, b, rho, m, sigma = start(s)
        days = max(1, round(365 * s["tau"]))
        stretch = math.sqrt(365 * s["tau"] / days)
        vols = stretch * s["vol"]
        strikes = (s["forward"] * numpy.exp(s["k"])).tolist()
        section = QuantLib.SviInterpolatedSmileSection(
            today + days,
            s["forward"],
            strikes,
            False,  # strikes are absolute
            float(numpy.interp(0, s["k"], vols)),
            vols.tolist(),
            *(a, b, sigma, rho, m),
            *(False, False, False, False, False),  # none of the five is fixed
            False,  # no vega weights
        )
        curves.append(numpy.array([section.volatility(strike) for strike in strikes]) / stretch)
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
