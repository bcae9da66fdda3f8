"""What a network costs and sees: one trace of any module, and every figure a reading of it."""

from striate.measure.fields import ReceptiveField
from striate.measure.measurement import measure
from striate.measure.memory import Memory
from striate.measure.row import Row
from striate.measure.sight import Sight
from striate.measure.table import Table
from striate.measure.trace import Trace, trace

__all__ = ["Memory", "ReceptiveField", "Row", "Sight", "Table", "Trace", "measure", "trace"]
