"""The options that say how fast a network runs: on what engine, in what precision and layout, on how many threads."""

from __future__ import annotations

from typing import Annotated

import typer

EngineOption = Annotated[
    str, typer.Option("--engine", metavar="NAME", help="What answers: auto, torch, onnxruntime or openvino.")
]
PrecisionOption = Annotated[str | None, typer.Option("--precision", help="fp32, or bf16 (left out: what is fastest).")]
LayoutOption = Annotated[
    str | None, typer.Option("--layout", help="contiguous, or channels_last (left out: what is fastest).")
]
ThreadsOption = Annotated[int | None, typer.Option("--threads", help="CPU threads (left out: what is fastest).")]
CompileOption = Annotated[
    bool | None, typer.Option("--compile/--no-compile", help="Use torch.compile (left out: where a long run gains).")
]
ProbeOption = Annotated[
    bool | None, typer.Option("--probe/--no-probe", help="Find out anew what is fastest, or take plain fp32.")
]
