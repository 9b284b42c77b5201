"""Build a sample that the package ships, from the four files of the full set.

    python scripts/build_samples.py mnist-sample --source DIR

DIR holds train-images-idx3-ubyte.gz and its three siblings. The same files give the same sample, byte for
byte: the seed is fixed and the compressed files carry no time stamp.
"""

import argparse
import gzip
import hashlib
from pathlib import Path

import numpy as np

from aejax.data.idx import read_idx, write_idx

SEED = 20261121
ASSETS = Path(__file__).resolve().parents[1] / "aejax" / "data" / "assets"
PER_CLASS = {
    "mnist-sample": {"train": 1000, "t10k": 200},
    "fashion-sample": {"train": 100, "t10k": 100},
}


def stratified_indices(labels: np.ndarray, per_class: int, generator: np.random.Generator) -> np.ndarray:
    """Indices of `per_class` examples of each class, in random order."""
    chosen = [
        generator.choice(np.flatnonzero(labels == label), per_class, replace=False) for label in np.unique(labels)
    ]
    return generator.permutation(np.concatenate(chosen))


def build(sample: str, source: Path, target: Path) -> None:
    """Write the four files of the sample and report the size and content hash of each."""
    target.mkdir(parents=True, exist_ok=True)
    generator = np.random.default_rng(SEED)
    for split, per_class in PER_CLASS[sample].items():
        names = (f"{split}-images-idx3-ubyte.gz", f"{split}-labels-idx1-ubyte.gz")
        images, labels = (read_idx(source / name) for name in names)
        indices = stratified_indices(labels, per_class, generator)
        for name, array in zip(names, (images[indices], labels[indices]), strict=True):
            content = write_idx(array)
            packed = gzip.compress(content, compresslevel=9, mtime=0)
            (target / name).write_bytes(packed)
            print(f"{name}  {len(packed)} bytes  content sha256 {hashlib.sha256(content).hexdigest()}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sample", choices=PER_CLASS, help="which sample")
    parser.add_argument("--source", type=Path, required=True, help="folder of the four files of the full set")
    parser.add_argument("--target", type=Path, help="folder to write (default: the package's)")
    arguments = parser.parse_args()
    build(arguments.sample, arguments.source, arguments.target or ASSETS / arguments.sample)
