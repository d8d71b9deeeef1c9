"""
Times convolutions of native MXNet on one thread, for `npm run bench:wasm`.

stdin   JSON: {"rounds": n, "layers": [{kind, data, weight, stride, pad, dilation, slope}, ...]}
stdout  JSON: {"version": "...", "milliseconds": [one for each layer, the median of the rounds]}
"""
import os

os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MXNET_CPU_WORKER_NTHREADS"] = "1"

import json
import statistics
import sys
import time

import numpy

if not hasattr(numpy, "bool"):  # the last MXNet still uses names that newer versions of numpy have dropped
    numpy.bool = bool

import mxnet as mx

LEAST_SECONDS = 0.03


def layer_function(layer):
    """The layer with its bias and activation, on random numbers."""
    data = mx.nd.random.normal(shape=tuple(layer["data"]))
    weight = mx.nd.random.normal(scale=0.01, shape=tuple(layer["weight"]))
    filters = layer["weight"][0 if layer["kind"] == "convolution" else 1]
    bias = mx.nd.random.normal(shape=(filters,))
    window = {
        "kernel": tuple(layer["weight"][2:]),
        "stride": tuple(layer["stride"]),
        "pad": tuple(layer["pad"]),
        "num_filter": filters,
    }
    slope = layer["slope"]

    def activate(values):
        if slope == 0:
            return mx.nd.relu(values)
        return values if slope == 1 else mx.nd.LeakyReLU(values, act_type="leaky", slope=slope)

    if layer["kind"] == "convolution":
        dilate = tuple(layer["dilation"])
        return lambda: activate(mx.nd.Convolution(data, weight, bias, dilate=dilate, **window))
    return lambda: activate(mx.nd.Deconvolution(data, weight, bias, no_bias=False, **window))


def seconds(run, repeats):
    start = time.process_time()
    for _ in range(repeats):
        run().wait_to_read()
    return (time.process_time() - start) / repeats


def median_milliseconds(layer, rounds):
    run = layer_function(layer)
    seconds(run, 1)
    repeats = max(1, round(LEAST_SECONDS / max(seconds(run, 1), 1e-5)))
    return 1000 * statistics.median(seconds(run, repeats) for _ in range(rounds))


request = json.load(sys.stdin)
milliseconds = [median_milliseconds(layer, request["rounds"]) for layer in request["layers"]]
json.dump({"version": mx.__version__, "milliseconds": milliseconds}, sys.stdout)
