"""What can be learned from samples, a task a file."""

from striate.train.tasks.catalogue import TASKS, check_name, make_task, restore_task
from striate.train.tasks.classify import CLASSIFY, Classify
from striate.train.tasks.continuing import Continue
from striate.train.tasks.labels import Labels
from striate.train.tasks.regress import Regress
from striate.train.tasks.segment import Segment
from striate.train.tasks.task import Judged, Merit, Task

__all__ = [
    "CLASSIFY",
    "TASKS",
    "Classify",
    "Continue",
    "Judged",
    "Labels",
    "Merit",
    "Regress",
    "Segment",
    "Task",
    "check_name",
    "make_task",
    "restore_task",
]
