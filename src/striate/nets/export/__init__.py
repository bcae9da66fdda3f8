"""Taking a network away: one file of this package writes one format. Torch loads with `export.writing`."""

from striate.nets.export.exported import Exported

__all__ = ["Exported"]
