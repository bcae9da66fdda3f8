"""What one studio holds: the folder it was started on, what it gave out by handle, its uploads, its stream of news."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from striate.studio.downloads import Downloads
from striate.studio.drawings import Drawings
from striate.studio.handles import Handles
from striate.studio.questioned import Questions
from striate.studio.stream import Stream
from striate.studio.trainings import Trainings
from striate.studio.uploads import Uploads
from striate.studio.warming import Engine
from striate.studio.watching import Watch

MOST_HANDLES = 1024  # of runs
MOST_VIEWS = 48  # pages that stand ready, of which an explanation's has megabytes


@dataclass(frozen=True)
class Document:
    """A page that a run or an explanation wrote, shown under a sandbox: a file, or its bytes."""

    content: Path | bytes

    def read(self) -> bytes:
        """Give the page. Raises: OSError where the file is gone."""
        return self.content if isinstance(self.content, bytes) else self.content.read_bytes()


@dataclass
class Session:
    """A studio on a folder, whose runs stand below `runs/`."""

    folder: Path
    handles: Handles = field(default_factory=Handles)
    stream: Stream = field(default_factory=Stream)
    uploads: Uploads = field(default_factory=Uploads)
    downloads: Downloads = field(default_factory=Downloads)
    engine: Engine = field(default_factory=Engine)
    questions: Questions = field(default_factory=Questions)
    drawings: Drawings = field(default_factory=Drawings)
    assets: tuple[str, ...] = ()  # the page's files, by which it knows its views
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        """Make what looks at the runs that a page follows; it begins when one does."""
        self.watch = Watch(self.runs, self.stream)

    @property
    def runs(self) -> Path:
        """Where runs are written."""
        return self.folder / "runs"

    @property
    def trainings(self) -> Trainings:
        """The runs there, and those that are being trained."""
        return Trainings(self.runs)

    def give_run(self, name: str) -> str:
        """Give a run's handle, always the same one."""
        return self.handles.give_same("run", name, most=MOST_HANDLES)

    def take_run(self, handle: object) -> str:
        """Give a run's name. Raises: InputError where the handle is gone."""
        name: str = self.handles.take("run", handle)
        return name

    def show(self, document: Document) -> str:
        """Give the handle under which a page can be looked at, `/view/<handle>`; the same page has the same one."""
        return self.handles.give_same("view", document, most=MOST_VIEWS)

    def close(self) -> None:
        """End the stream and throw uploads and downloads away."""
        self.watch.close()
        self.stream.close()
        self.uploads.close()
        self.downloads.close()
