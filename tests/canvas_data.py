"""What the canvas was sent, read back as a browser reads it."""

import json
from typing import Any

import numpy as np
import pyarrow as pa
from streamlit.testing.v1 import AppTest


def component(visitor: AppTest, key: str) -> Any:
    """The component's message that the page mounted under this key."""
    (found,) = [one.proto for one in visitor.get("bidi_component") if one.proto.id.endswith(f"-{key}")]
    return found


def plain(visitor: AppTest, key: str) -> dict[str, Any]:
    """What was sent beside arrays."""
    proto = component(visitor, key)
    return dict(json.loads(proto.mixed.json if proto.WhichOneof("data") == "mixed" else proto.json))


def about(visitor: AppTest, key: str, part: str = "moment") -> dict[str, Any]:
    """What was told of the moment, or of another part; of the canvas itself if the part is empty."""
    return dict(json.loads(plain(visitor, f"{key}-{part}" if part else key)["about"]))


def arrays(visitor: AppTest, key: str) -> dict[str, np.ndarray]:
    """The arrays by name."""
    proto = component(visitor, key)
    blobs = {name: blob.data for name, blob in proto.mixed.arrow_blobs.items()}
    read = {}
    for name, value in plain(visitor, key).items():
        if isinstance(value, dict):
            (reference,) = value.values()
            read[name] = pa.ipc.open_stream(blobs[reference]).read_all().column(0).to_numpy()
    return read
