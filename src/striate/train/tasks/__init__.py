"""What can be learned from samples, a task a file."""

from striate.train.tasks.catalogue import TASKS, check_name, make_task, restore_task
from striate.train.tasks.classify import CLASSIFY, Classify
from striate.train.tasks.labels import Labels
from striate.train.tasks.regress import Regress
from striate.train.tasks.task import Judged, Merit, Task

__all__ = [
    "CLASSIFY",
    "TASKS",
    "Classify",
    "Judged",
    "Labels",
    "Merit",
    "Regress",
    "Task",
    "check_name",
    "make_task",
    "restore_task",
]
