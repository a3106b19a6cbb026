# workerd serve config.capnp
using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "explain", worker = .explain)],
  sockets = [(name = "http", address = "127.0.0.1:8787", http = (), service = "explain")],
);

const explain :Workerd.Worker = (
  compatibilityDate = "2026-01-01",
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "index.js", esModule = embed "build/index.js"),
    (name = "netkin.js", esModule = embed "build/netkin.js"),
    (name = "kernel.wasm", wasm = embed "build/kernel.wasm"),
    (name = "tfjs.wasm", wasm = embed "build/tfjs.wasm"),
    (name = "model.json", data = embed "build/model.json"),
    (name = "weights.bin", data = embed "build/weights.bin"),
    (name = "train.netkin", data = embed "build/train.netkin"),
  ],
);
