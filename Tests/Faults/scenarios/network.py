"""The network between the program and Kafka is cut, slowed down, reset, or lets nothing through."""
import network

from . import Skipped, scenario

TOXICS = ["cut", "latency", "reset_peer", "timeout", "bandwidth", "limit_data"]


def through_a_proxy(run):
    program = network.server()
    if program is None:
        raise Skipped("no toxiproxy-server; name it in TOXIPROXY_SERVER")
    shared = run.context.extra_clusters
    if "proxied" not in shared:
        shared["proxied"] = network.ProxiedCluster(run.context.directory / "kafka-proxied", program, run.context.tool)
    run.network = shared["proxied"]
    run.network.mend()
    run.servers, run.kafka = run.network.servers, run.network.kafka
    run.clean_up.append(run.network.mend)


@scenario("network-spoiled", weight=3, prepare=through_a_proxy)
def network_spoiled(run):
    """Cut, delayed, reset, silent, slow, cut off in the middle of an answer."""
    run.start("extract", "ingest", "batch")
    kinds = [*run.turn(TOXICS), run.random.choice(TOXICS)]
    run.notes.append("network: " + " ".join(kinds))
    for kind in kinds:
        run.wait(run.random.uniform(2, 4))
        stream = run.random.choice(("upstream", "downstream"))
        attributes = {
            "latency": {"latency": run.random.randint(200, 3_000), "jitter": 200},
            "reset_peer": {"timeout": run.random.choice((0, 500))},
            "timeout": {"timeout": 0},
            "bandwidth": {"rate": run.random.randint(2, 20)},
            "limit_data": {"bytes": run.random.randint(500, 20_000)},
        }
        if kind == "cut":
            run.network.cut()
        else:
            run.network.spoil(kind, attributes[kind], stream)
        run.wait(run.random.uniform(2, 12))
        run.network.mend()
        run.blow("broker", f"network {kind} over")
    run.recover()
