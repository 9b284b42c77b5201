"""The manifests in deploy/ parse, name what there is, and open nothing to strangers."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from aejax import cli

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
CODE = "".join(path.read_text("utf-8") for path in (ROOT / "aejax").rglob("*.py"))
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
OBJECTS = [
    found
    for name in ("kubernetes.yaml", "kubernetes-job.yaml")
    for found in yaml.safe_load_all((DEPLOY / name).read_text("utf-8"))
]


def understood(words: list[str]) -> None:
    """Have the parser of the command line read a command of ours."""
    assert words[0] == "aejax"
    typer.main.get_command(cli.app).commands[words[1]].make_context(words[1], words[2:])  # type: ignore[attr-defined]


def pods(found: Any) -> list[dict[str, Any]]:
    """Every container of an object, however deep it lies."""
    if isinstance(found, list):
        return [pod for item in found for pod in pods(item)]
    if not isinstance(found, dict):
        return []
    return [*found.get("containers", ()), *(pod for item in found.values() for pod in pods(item))]


def test_variables_are_those_of_the_code_and_of_ray() -> None:
    texts = [path.read_text("utf-8") for path in DEPLOY.iterdir() if path.is_file()]
    ours = {name for text in texts for name in re.findall(r"AEJAX_[A-Z_]+", text)}
    assert ours >= {"AEJAX_WORKSPACE", "AEJAX_PROCESS", "AEJAX_PROCESSES", "AEJAX_COORDINATOR"}
    assert {name for name in ours if f'"{name}"' not in CODE} == set()
    theirs = {name for text in texts for name in re.findall(r"RAY_[A-Z_]+", text)}
    ray = pytest.importorskip("ray")
    home = Path(ray.__file__).parent / "_private"
    known = "".join(path.read_text("utf-8") for path in home.rglob("*.py"))
    assert {name for name in theirs if name not in known} == set()


def test_commands_are_understood() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text("utf-8")
    command = re.search(r"^CMD \[(.*)\]$", dockerfile, re.M)
    assert command is not None
    understood(re.findall(r'"([^"]+)"', command[1]))
    for pod in pods(OBJECTS):
        if pod.get("command", [""])[0] == "aejax":
            understood(pod["command"])
    for path in DEPLOY.iterdir():
        text = re.sub(r"\\\n#?\s*", " ", path.read_text("utf-8"))
        # Not what stands between back quotes.
        for line in re.findall(r"(?<!`)\baejax (?:train|resume|app) .*$", text, re.M):
            understood(line.split())
    for copied in re.findall(r"^COPY ([\w.]+) ", dockerfile, re.M):
        assert (ROOT / copied).exists()


def test_the_cluster_of_compose_asks_for_a_token_and_is_published_nowhere() -> None:
    services = COMPOSE["services"]
    assert {service["image"] for service in services.values()} == {"aejax"}
    assert services["app"]["ports"] == ["127.0.0.1:8501:8501"]
    assert (DEPLOY / services["app"]["build"]["context"] / services["app"]["build"]["dockerfile"]).exists()
    for name in ("ray-head", "ray-worker"):
        ray = services[name]
        assert ray["environment"]["RAY_AUTH_MODE"] == "token"
        assert ray["environment"]["RAY_AUTH_TOKEN_PATH"] == f"/run/secrets/{ray['secrets'][0]}"
        assert "ports" not in ray
    assert COMPOSE["networks"]["cluster"]["internal"]
    assert "--address=ray-head:6379" in services["ray-worker"]["command"]
    assert services["ray-head"]["environment"]["RAY_ADDRESS"] == "ray-head:6379"


def test_the_objects_of_kubernetes_belong_together() -> None:
    by_kind = {(found["kind"], found["metadata"]["name"]): found for found in OBJECTS}
    claims = {name for kind, name in by_kind if kind == "PersistentVolumeClaim"}
    used = set(re.findall(r"claimName: ([\w-]+)", "".join(p.read_text("utf-8") for p in DEPLOY.glob("*.yaml"))))
    assert used == claims
    cluster = by_kind["RayCluster", "aejax"]["spec"]
    assert cluster["authOptions"] == {"mode": "token"}
    policy = by_kind["NetworkPolicy", "aejax-ray"]["spec"]
    assert policy["podSelector"] == {"matchLabels": {"ray.io/cluster": "aejax"}}
    assert by_kind["Service", "aejax"]["spec"]["type"] == "ClusterIP"

    job, service = by_kind["Job", "aejax-train"]["spec"], by_kind["Service", "aejax-train"]
    ((container),) = pods(job)
    told = {entry["name"]: entry.get("value") for entry in container["env"]}
    assert int(told["AEJAX_PROCESSES"]) == job["completions"] == job["parallelism"]
    port = service["spec"]["ports"][0]["port"]
    assert told["AEJAX_COORDINATOR"] == f"aejax-train-0.{service['metadata']['name']}:{port}"
    assert job["template"]["spec"]["subdomain"] == service["metadata"]["name"]
    assert service["spec"]["selector"] == {"job-name": "aejax-train"}
