"""The commands `aejax train` and `aejax resume`: on one device, on many, and in many processes as one."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aejax.task import Meeting, Order

# What a command needs is imported when it runs: JAX takes a second, and --help should not.
if TYPE_CHECKING:
    from aejax.data import Data
    from aejax.supervisor import Ending

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object a line, and nothing else.")]
DataName = Annotated[str, typer.Option("--data", metavar="D", help="A data set, as `aejax datasets` names it.")]

_Distributed = Annotated[
    bool, typer.Option("--distributed", help="Train as one of several processes, or on all devices of this one.")
]
_Processes = Annotated[
    int | None,
    typer.Option(min=1, envvar="AEJAX_PROCESSES", help="Processes in all, where no launcher says it."),
]
_Process = Annotated[
    int | None, typer.Option(min=0, envvar="AEJAX_PROCESS", help="Number of this process, from 0, likewise.")
]
_Coordinator = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", envvar="AEJAX_COORDINATOR", help="Address of process 0, likewise.")
]
_Devices = Annotated[int | None, typer.Option(min=1, help="Devices there must be in all, in all processes.")]
_Seconds = Annotated[int, typer.Option("--wait", min=1, help="Seconds to wait for the other processes.")]
_ModelShards = Annotated[int, typer.Option(min=1, help="Devices that share the weights of one copy of the model.")]
_RayWorkers = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Let Ray start so many processes that train as one.")
]


class Failed(Exception):  # noqa: N818 - not all ends are errors
    """A training that has not come to its end; says why, with the exit status for it."""

    def __init__(self, sentence: str, status: int = 1) -> None:
        super().__init__(sentence)
        self.status = status


def train(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A named autoencoder, as `aejax zoo` lists them.")],
    data: DataName = "mnist-sample",
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="NAME=VALUE", help="Change a setting of the model (spec.) or the recipe (train.)"
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="New folder for the run; else it is not kept.")
    ] = None,
    or_resume: Annotated[
        bool, typer.Option("--or-resume", help="Go on with the run in --out, if it is there already.")
    ] = False,
    seed: Annotated[int | None, typer.Option(help="Short for --set train.seed=N.")] = None,
    distributed: _Distributed = False,
    processes: _Processes = None,
    process: _Process = None,
    coordinator: _Coordinator = None,
    devices: _Devices = None,
    wait: _Seconds = 300,
    model_shards: _ModelShards = 1,
    ray_workers: _RayWorkers = None,
    json: Json = False,
) -> None:
    """Train an autoencoder and say how well it rebuilds held-out examples.

    \b
    aejax train map
    aejax train deep --data fashion-mnist --out runs/fashion
    aejax train deep --set spec.latent=2 --set spec.encoder.widths=256,64 --set train.epochs=5
    aejax train simple --set spec.encoder=conv --set spec.encoder.channels=16,8 --set spec.bottleneck=gaussian
    aejax train deep --set train.optimizer=adadelta      takes that optimizer's usual learning rate
    aejax train deep --json --out runs/deep > log.jsonl  one object at the start, per epoch, at the end

    --set may be given many times. Lists are written with commas, or as JSON; `none` is no value. A name that does not
    exist is answered with those that do.

    With --out the state is kept every ten seconds and at the end. Ctrl-C stops it where it stands; `aejax resume`
    goes on with what was stopped or killed.

    \b
    srun --ntasks 8 aejax train deep --distributed --out runs/deep           eight processes as one, under Slurm
    aejax train deep --distributed --processes 2 --process 0 --coordinator 10.0.0.1:4217     one of two, by hand
    aejax train deep --distributed --processes 1 --model-shards 2            all devices of this process
    aejax train deep --ray-workers 4                                         four processes that Ray starts

    The batch is shared out among the devices, and what is computed does not depend on how many there are but for
    rounding. When one process is gone, all end; `aejax resume` goes on, with as many processes as you give it.
    """  # noqa: D301
    seeds = () if seed is None else (f"train.seed={seed}",)
    order = Order(name, data, (*(assignments or ()), *seeds), str(out or ""), json=json, or_resume=or_resume)
    if or_resume and out is None:
        raise typer.BadParameter("--or-resume needs --out, the folder of the run")
    meeting = Meeting(processes, process, coordinator, devices, wait, model_shards)
    _obey(order, _checked(meeting, distributed, ray_workers), ray_workers)


def resume(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A run that was stopped, killed or interrupted.")],
    distributed: _Distributed = False,
    processes: _Processes = None,
    process: _Process = None,
    coordinator: _Coordinator = None,
    devices: _Devices = None,
    wait: _Seconds = 300,
    model_shards: _ModelShards = 1,
    ray_workers: _RayWorkers = None,
    json: Json = False,
) -> None:
    """Go on with a training from where it was last kept, to the same bits as one that was never broken off.

    \b
    aejax resume runs/map
    """  # noqa: D301
    order = Order(folder=str(folder), json=json)
    meeting = Meeting(processes, process, coordinator, devices, wait, model_shards)
    _obey(order, _checked(meeting, distributed, ray_workers), ray_workers)


def _checked(meeting: Meeting, distributed: bool, ray_workers: int | None) -> Meeting | None:
    """Where the processes meet; None for a training in this process, on one device."""
    from aejax.settings import SpecError

    if ray_workers is not None:
        if distributed:
            raise SpecError("--ray-workers starts the processes itself: leave out --distributed")
        return replace(meeting, processes=ray_workers)
    if distributed:
        told = {"--process": meeting.process, "--coordinator": meeting.coordinator}
        missing = [name for name, value in told.items() if value is None]
        if meeting.processes is None and len(missing) < 2 or (meeting.processes or 1) > 1 and missing:
            needs = missing if meeting.processes else ["--processes"]
            raise SpecError(f"{' and '.join(needs)} must be given too, or all three left to a launcher")
        if meeting.processes and (meeting.process or 0) >= meeting.processes:
            raise SpecError(f"--process must be below --processes, {meeting.processes}; got {meeting.process}")
        return meeting
    if meeting.model_shards > 1:
        raise SpecError(f"--model-shards {meeting.model_shards} needs --distributed, with --processes 1 for this one")
    return None


def _obey(order: Order, meeting: Meeting | None, ray_workers: int | None) -> None:
    if ray_workers is not None and meeting is not None:
        from aejax.ray_gang import trained

        _check(trained(order, meeting))
    elif meeting is not None:
        from aejax.supervisor import Member, forwarding

        member = Member(order, meeting)
        with forwarding(member):
            _check(member.ending())
    else:
        from aejax.orders import Stopped, obey
        from aejax.resuming import asked_to_stop

        with asked_to_stop() as asked:
            try:
                obey(order, loaded, asked)
            except Stopped as stopped:
                raise Failed(str(stopped), 130) from stopped


def _check(ending: "Ending") -> None:
    if ending.status:
        raise Failed(ending.sentence, ending.status)


def loaded(name: str) -> "Data":
    """The data set, with a bar on a terminal where it is downloaded first."""
    from aejax.console import with_download_bar
    from aejax.data import load_data, sources
    from aejax.settings import SpecError, not_among

    known = sources()
    if name not in known:
        raise SpecError(f"--data {not_among(name, known)}")
    if known[name].ready or not sys.stderr.isatty():
        return load_data(name)
    with with_download_bar(known[name].title) as report:
        return load_data(name, report)
