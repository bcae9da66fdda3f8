"""Folders, archives, files and arrays -> uint8 arrays ready to train on."""

from striate.data.files import load_files
from striate.data.hashing import hash_part, hash_samples
from striate.data.load import load_dataset
from striate.data.part import Dataset, Facts, Part, SetAside

__all__ = ["Dataset", "Facts", "Part", "SetAside", "hash_part", "hash_samples", "load_dataset", "load_files"]
