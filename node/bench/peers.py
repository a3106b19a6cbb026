"""The peers of netkin's benchmark: what one writes today with NumPy and PyTorch for the matrix of all pairs k^C.

k^C(x, x') is the cosine of the gradients of one output by all parameters. Every peer gets the same weights and images
from node/bench/peers.ts and returns the same n x n matrix; each line of stdin is a request in JSON, each line of stdout
its answer. Only the peer's own work is timed: from images in memory to the matrix.
"""

import json
import os
import sys
import time

try:
    import numpy
except ImportError:
    numpy = None
torch = None
if numpy is not None and "--numpy" not in sys.argv:
    try:
        import torch
    except ImportError:
        pass
func = None
if torch is not None:
    try:
        import torch.func as func  # PyTorch 2
    except ImportError:
        try:
            import functorch as func  # PyTorch 1.13
        except ImportError:
            pass

THREADS = int(os.environ.get("OMP_NUM_THREADS", "1"))
now = time.process_time if THREADS == 1 else time.perf_counter  # as ofProcessor() in measure.ts
networks = {}
images = None
rows = None


def read(path, shape):
    return numpy.fromfile(path, dtype="<f4").reshape(shape)


# Networks -----------------------------------------------------------------------------------------------------------


def make_network(layers):
    """The same function as the tfjs model: weights arrive in its layout, images as n x height x width x channels."""
    from torch import nn

    class Permute(nn.Module):
        def __init__(self, *axes):
            super().__init__()
            self.axes = axes

        def forward(self, x):
            return x.permute(self.axes)

    modules = []
    for layer in layers:
        kind = layer["kind"]
        if kind == "channels-first":
            modules.append(Permute(0, 3, 1, 2))
        elif kind == "channels-last":
            modules.append(Permute(0, 2, 3, 1))
        elif kind == "flatten":
            modules.append(nn.Flatten())
        elif kind == "pool":
            modules.append(nn.MaxPool2d(layer["size"]))
        else:
            weights = torch.from_numpy(read(layer["weights"], layer["shape"]))
            if kind == "dense":
                module = nn.Linear(*layer["shape"])
                weights = weights.T
            else:
                height, width, inward, outward = layer["shape"]
                module = nn.Conv2d(inward, outward, (height, width))
                weights = weights.permute(3, 2, 0, 1)
            with torch.no_grad():
                module.weight.copy_(weights)
                module.bias.copy_(torch.from_numpy(read(layer["bias"], layer["shape"][-1:])))
            modules.append(module)
            if layer["relu"]:
                modules.append(nn.ReLU())
    return nn.Sequential(*modules)


# Peers: each returns the n x n inner products of the gradients --------------------------------------------------------


def loop(network, x, output):
    """One backward pass per example."""
    parameters = list(network.parameters())
    result = torch.empty(len(x), sum(p.numel() for p in parameters))
    for i in range(len(x)):
        gradients = torch.autograd.grad(network(x[i : i + 1])[0, output], parameters)
        torch.cat([g.flatten() for g in gradients], out=result[i])
    return result @ result.T


def factors(network, x, output):
    """Input a and gradient of the result b of every layer with weights: one forward pass, one backward pass."""
    seen = []
    handles = [
        layer.register_forward_hook(lambda layer, a, result: seen.append((layer, a[0].detach(), result)))
        for layer in network
        if hasattr(layer, "weight")
    ]
    try:
        out = network(x)[:, output].sum()
    finally:
        for handle in handles:
            handle.remove()
    gradients = torch.autograd.grad(out, [result for _, _, result in seen])
    return [(layer, a, b) for (layer, a, _), b in zip(seen, gradients)]


def layer_rows(layer, a, b):
    """The gradients of one layer's weights and bias, n x p, by einsum."""
    if isinstance(layer, torch.nn.Linear):
        return [torch.einsum("no,ni->noi", b, a).flatten(1), b]
    a = torch.nn.functional.unfold(a, layer.kernel_size)
    return [torch.einsum("nop,nkp->nok", b.flatten(2), a).flatten(1), b.sum((2, 3))]


def hooks(network, x, output):
    """Hooks and einsum: all gradients of all examples at once."""
    pieces = [piece for layer, a, b in factors(network, x, output) for piece in layer_rows(layer, a, b)]
    result = torch.cat(pieces, 1)
    return result @ result.T


def vmap(network, x, output):
    """vmap(grad): PyTorch's own per-example gradients."""
    if hasattr(func, "functional_call"):
        parameters = {name: p.detach() for name, p in network.named_parameters()}

        def value(parameters, one):
            return func.functional_call(network, parameters, (one[None],))[0, output]

        gradients = func.vmap(func.grad(value), (None, 0))(parameters, x).values()
    else:
        call, parameters = func.make_functional(network)
        parameters = [p.detach() for p in parameters]
        gradients = func.vmap(func.grad(lambda p, one: call(p, one[None])[0, output]), (None, 0))(parameters, x)
    result = torch.cat([g.flatten(1) for g in gradients], 1)
    return result @ result.T


def structured(network, x, output):
    """By hand for this network: the Grams of a and of b of a dense layer, multiplied; nothing is materialised."""
    total = torch.zeros(len(x), len(x))
    for layer, a, b in factors(network, x, output):
        if isinstance(layer, torch.nn.Linear):
            total += (a @ a.T).add_(1).mul_(b @ b.T)
        else:
            piece = torch.cat(layer_rows(layer, a, b), 1)
            total += piece @ piece.T
    return total


PEERS = {"loop": loop, "hooks": hooks, "vmap": vmap, "structured": structured}


def cosines(products):
    scale = products.diagonal().rsqrt()
    return products.mul_(scale[:, None]).mul_(scale)


# Requests -----------------------------------------------------------------------------------------------------------


def hello():
    return {
        "python": sys.version.split()[0],
        "numpy": None if numpy is None else numpy.__version__,
        "torch": None if torch is None else torch.__version__,
        "vmap": None if func is None else func.__name__,
        "peers": [] if torch is None else [name for name in PEERS if name != "vmap" or func is not None],
    }


def take_images(request):
    global images
    images = torch.from_numpy(read(request["file"], request["shape"]))
    return {}


def take_network(request):
    networks[request["name"]] = make_network(request["layers"])
    return {}


def gram(request):
    network, x = networks[request["network"]], images[: request["size"]]
    work = PEERS[request["peer"]]
    start = now()
    result = cosines(work(network, x, request["output"]))
    seconds = now() - start
    if request.get("save"):
        result.detach().numpy().tofile(request["save"])
    return {"seconds": seconds}


def take_rows(request):
    global rows
    rows = read(request["file"], request["shape"])
    return {}


def product(request):
    """rows @ rows.T (NumPy calls ssyrk), or with an operand transposed before (sgemm)."""
    turned = rows.T if request["symmetric"] else rows.T.copy()
    start = now()
    rows @ turned
    return {"seconds": now() - start}


REQUESTS = {"images": take_images, "network": take_network, "gram": gram, "rows": take_rows, "product": product}


def main():
    if torch is not None:
        torch.set_num_threads(THREADS)
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever libraries print must not stand between the answers
    print(json.dumps(hello()), file=answers, flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = REQUESTS[request["do"]](request)
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


main()
